package api

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"nodobridge/bridge"
	"nodobridge/door"
)

// throttle counts calls in windows: so many of one name in so long. It forgets names by
// whole windows, so that what a stranger sends cannot make it grow for ever.
type throttle struct {
	most   int // 0: no bound
	window time.Duration

	mu    sync.Mutex
	began time.Time
	count map[string]int
}

// maxNames bounds the names of a window; more share one count.
const maxNames = 10_000

func newThrottle(most int, window time.Duration) *throttle {
	return &throttle{most: most, window: window, count: map[string]int{}}
}

// take counts one call. It says how many are left in the window, and how long the window
// goes on when none was.
func (t *throttle) take(name string, now time.Time) (left int, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	name = t.share(name)
	if t.count[name] >= t.most {
		return 0, t.window - now.Sub(t.began)
	}
	t.count[name]++
	return t.most - t.count[name], 0
}

// full says how long a name has to wait, without counting; 0 when it has not.
func (t *throttle) full(name string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	if t.count[t.share(name)] < t.most {
		return 0
	}
	return t.window - now.Sub(t.began)
}

// turn begins a new window when the last one is over, or the clock was put back.
func (t *throttle) turn(now time.Time) {
	if since := now.Sub(t.began); since < 0 || since >= t.window {
		t.began = now
		clear(t.count)
	}
}

func (t *throttle) share(name string) string {
	if _, known := t.count[name]; !known && len(t.count) >= maxNames {
		return ""
	}
	return name
}

// The windows of gpd-api.md §3.8 and reliability-security.md §3.3.
const (
	callWindow    = 10 * time.Second
	failureWindow = time.Minute
)

// class is what a key's calls are counted under: receipts and massive upload have counts
// of their own.
func (op *operation) class() string {
	switch {
	case op.scope() == bridge.ReceiptsRead:
		return "receipts"
	case op.file || op.upload:
		return "massive"
	}
	return "positions"
}

// headerRemaining is GPD's header; its name speaks of minutes and its window is ten
// seconds (gpd-api.md §3.8).
const headerRemaining = "X-Remaining-Calls-Per-Min"

// throttled refuses a key's call beyond the limit of its class.
func (s *Server) throttled(c *call, header http.Header) error {
	if s.calls.most == 0 {
		return nil
	}
	left, wait := s.calls.take(c.by.KeyID+" "+c.op.class(), s.service.Now())
	header.Set(headerRemaining, strconv.Itoa(left))
	return tooMany(header, wait)
}

func tooMany(header http.Header, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	seconds := int(math.Ceil(wait.Seconds()))
	header.Set("Retry-After", strconv.Itoa(seconds))
	return &bridge.Error{Code: codeTooMany, Detail: fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", seconds)}
}

// caller is the address that failures are counted by. Behind a proxy all callers have the
// proxy's, and one of them would lock out all others, so the proxy's word is taken.
func (s *Server) caller(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().WithZone("").Unmap()
	from, err := door.Caller(address, r.Header, func(a netip.Addr) bool {
		return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	})
	if err != nil {
		return address.String() // the header cannot be read: it is the proxy's own failure
	}
	return from.String()
}

// authenticate finds the holder of the key. Who has failed too often from one address
// waits, whatever it presents; addresses that have not are not hindered, until failures
// from everywhere together are too many to be anything but an attack: then a key that is
// not known has to wait, and a good one goes through (reliability-security.md §3.3).
func (s *Server) authenticate(r *http.Request, header http.Header, find func() (bridge.Principal, error)) (bridge.Principal, error) {
	from := s.caller(r)
	now := s.service.Now()
	if s.failures.most > 0 {
		if err := tooMany(header, s.failures.full(from, now)); err != nil {
			return bridge.Principal{}, err
		}
	}
	by, err := find()
	if bridge.CodeOf(err) != bridge.CodeKeyInvalid || s.failures.most == 0 {
		return by, err
	}
	s.failures.take(from, now)
	if _, wait := s.allFailures.take("", now); wait > 0 {
		return by, tooMany(header, wait)
	}
	return by, err
}
