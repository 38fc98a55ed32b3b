package door

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// crossOrigin tells by Sec-Fetch-Site, or by Origin and Host, what a page of another
// site has made a browser send. Its zero value trusts no other origin.
var crossOrigin http.CrossOriginProtection

// CrossSite is an error for a request that changes something and that a page of another
// site has made a browser send: no such page is a caller of ours. Programs, which send
// neither Sec-Fetch-Site nor Origin, pass, and so do our own pages.
func CrossSite(r *http.Request) error {
	if err := crossOrigin.Check(r); err != nil {
		return errors.New("a page of another site has sent it")
	}
	return nil
}

// Local lets requests through that name this machine, and answers others with 421 and
// an empty body. A listener that asks for no key needs it although it is on loopback:
// a page whose name has been made to resolve to 127.0.0.1 would otherwise be of the same
// origin for its browser, and could read. told hears of each refusal.
func Local(next http.Handler, told func(*http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !namesThisMachine(r.Host) {
			told(r)
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// namesThisMachine accepts localhost and the addresses of loopback, with a port or not.
func namesThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
