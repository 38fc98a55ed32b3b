package door

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Caller is the address that a call comes from: the TCP peer, or through trusted
// proxies the right-most hop of X-Forwarded-For that is none of them. What stands
// further left is the client's own word.
func Caller(peer netip.Addr, h http.Header, trusted func(netip.Addr) bool) (netip.Addr, error) {
	caller := peer
	hops := strings.Split(strings.Join(h.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(caller); i-- {
		hop := strings.TrimSpace(hops[i])
		if hop == "" && len(hops) == 1 {
			break // no such header
		}
		next, err := parseHop(hop)
		if err != nil {
			return netip.Addr{}, errors.New("cannot read X-Forwarded-For: a hop is no address")
		}
		caller = next
	}
	return caller, nil
}

// parseHop reads an address, with a port or not.
func parseHop(text string) (netip.Addr, error) {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.WithZone("").Unmap(), err
}
