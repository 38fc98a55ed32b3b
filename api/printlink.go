package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"nodobridge/bridge"
)

// linkLife is how long an address to fetch a document from works, as that of pagoPA's
// print service (notices.md §6). It also ends with the process that has made it.
const linkLife = 5 * time.Minute

// seal is the proof that this process has given the address: of the folder, the file in
// it and the second in which it ends.
func (s *Server) seal(folder, file, expires string) []byte {
	mac := hmac.New(sha256.New, s.links[:])
	fmt.Fprintf(mac, "%s\x00%s\x00%s", folder, file, expires) // a hash never fails
	return mac.Sum(nil)
}

// link is an address from which whoever has it may fetch a folder's file until it ends.
func (s *Server) link(r *http.Request, folder, file string) string {
	expires := strconv.FormatInt(s.service.Now().Add(linkLife).Unix(), 10)
	query := url.Values{"expires": {expires}, "signature": {hex.EncodeToString(s.seal(folder, file, expires))}}
	return s.origin(r) + prefixPrint + "/notices/signed/" + folder + "/" + file + "?" + query.Encode()
}

// opened checks a link that is followed.
func (s *Server) opened(c *call) error {
	expires := c.query.Get("expires")
	given, err := hex.DecodeString(c.query.Get("signature"))
	if err != nil || !hmac.Equal(given, s.seal(c.given, c.file, expires)) {
		return &bridge.Error{Code: codeLink, Detail: "the address was not given by this station, or it has been restarted since: ask for a new one"}
	}
	end, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || s.service.Now().Unix() >= end {
		return &bridge.Error{Code: codeLink, Detail: "the address has expired: ask for a new one"}
	}
	return nil
}

// origin is where the caller has found this server: as configured, else as the request
// says. It is told to nobody but the caller.
func (s *Server) origin(r *http.Request) string {
	if s.publicURL != "" {
		return s.publicURL
	}
	scheme := "http"
	if r.TLS != nil || s.isProxy(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func (s *Server) isProxy(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(peer.Addr().WithZone("").Unmap()) })
}
