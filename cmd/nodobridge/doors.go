package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"nodobridge/door"
)

// Places for callers that are not known, of one listener, and those kept for known ones
// (reliability-security.md §2 E7: without them a flood starves the node).
const (
	placesForAll   = 1024
	placesForKnown = 512
)

// thisMachine is where a reverse proxy usually stands.
var thisMachine = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128")}

func (c *soapConfig) door() door.Limits {
	known := slices.Concat(prefixes(c.AllowedIPs), prefixes(c.Proxy.TrustedCIDRs))
	limits := doorOf(c.ConnectionsPerIP, known)
	limits.Encrypted = c.TLS.on()
	return limits
}

func (c *apiConfig) door() door.Limits {
	limits := doorOf(c.ConnectionsPerIP, prefixes(c.ProxyCIDRs))
	limits.Encrypted = c.TLS.on()
	limits.OnlyKnown = !c.TLS.on() && !onLoopback(c.Listen) // validateDoors wants the proxies to be named
	return limits
}

func doorOf(perAddress int, known []netip.Prefix) door.Limits {
	return door.Limits{PerAddress: perAddress, Total: placesForAll, Reserve: placesForKnown, Known: append(known, thisMachine...)}
}

// prefixes reads networks and addresses; what is neither has been refused by validate.
func prefixes(texts []string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		if p, err := prefix(text); err == nil {
			list = append(list, p)
		}
	}
	return list
}

func prefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

func (c *config) validateDoors() error {
	for key, n := range map[string]int{"soap.connections_per_ip": c.SOAP.ConnectionsPerIP, "api.connections_per_ip": c.API.ConnectionsPerIP} {
		if n < 0 {
			return fmt.Errorf("%s: must not be negative; 0 is no bound", key)
		}
	}
	if err := c.API.validateTLS(); err != nil {
		return err
	}
	if !c.Admin.Reachable && !onLoopback(c.Admin.Listen) {
		return fmt.Errorf("admin.listen: %q can be reached by other machines, and it asks nobody who they are: listen on 127.0.0.1, or say admin.reachable: true where a firewall lets in the monitoring alone", c.Admin.Listen)
	}
	for _, text := range c.API.ProxyCIDRs {
		if _, err := prefix(text); err != nil {
			return fmt.Errorf("api.proxy_cidrs: %q is neither a network nor an address", text)
		}
	}
	return nil
}

// guard puts the limits before a listener.
func (s *station) guard(name string, l net.Listener, limits door.Limits) net.Listener {
	return door.Listen(l, limits, func(from netip.Addr) {
		if s.turned.note(name, time.Now()) {
			s.log.Warn("too many connections: closing those beyond the limit", "part", name, "peer", from.String())
		}
	})
}

// turnedAway counts connections closed unheard. A flood is one log line a minute.
type turnedAway struct {
	mu    sync.Mutex
	count map[string]uint64
	told  map[string]time.Time
}

// note counts one and says whether it is to be logged.
func (t *turnedAway) note(name string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.count == nil {
		t.count, t.told = map[string]uint64{}, map[string]time.Time{}
	}
	t.count[name]++
	if last := t.told[name]; !last.IsZero() && now.Sub(last) < time.Minute {
		return false
	}
	t.told[name] = now
	return true
}

func (t *turnedAway) family() family {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := family{name: "nodobridge_connections_refused_total", kind: "counter", help: "Connections closed because their address, or all together, held too many."}
	for _, name := range []string{"api", "soap"} {
		f.add("", fmt.Sprintf("{listener=%q}", name), t.count[name])
	}
	return f
}
