package soap

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"nodobridge/door"
)

// PeersConfig is who may call the SOAP listener. The zero value lets everybody
// in, which PlainAllowed admits on loopback only.
type PeersConfig struct {
	Listen       string        // the SOAP listener's address, as PlainAllowed takes it
	Certificates *Certificates // of a listener that ends TLS; nil on a plain one
	Proxy        Proxy
	AllowedIPs   []string // networks or addresses that may call at all; empty: any. soap.allowed_ips
}

// Peers judges who calls, on every request. Whoever is refused gets 403 and an
// empty body (reliability-security.md §9 row 3).
type Peers struct {
	certificates *Certificates
	header       string // "" without a proxy: such headers mean nothing then
	verified     string
	names        nameSet
	proxies      []netip.Prefix
	allowed      []netip.Prefix
}

// NewPeers prepares the judgement; an error names the key at fault.
func NewPeers(c PeersConfig) (*Peers, error) {
	if err := c.Proxy.Validate(c.Listen); err != nil {
		return nil, err
	}
	if c.Certificates == nil {
		if err := PlainAllowed(c.Listen, c.Proxy.Declared()); err != nil {
			return nil, err
		}
	}
	p := &Peers{certificates: c.Certificates, header: c.Proxy.Header, verified: c.Proxy.WantVerified, names: newNameSet(c.Proxy.ClientNames)}
	if p.verified == "" {
		p.verified = defaultVerified
	}
	var err error
	if p.proxies, err = parsePrefixes("soap.proxy.trusted_cidrs", c.Proxy.TrustedCIDRs); err != nil {
		return nil, err
	}
	if p.allowed, err = parsePrefixes("soap.allowed_ips", c.AllowedIPs); err != nil {
		return nil, err
	}
	return p, nil
}

// authenticated says whether only who shows a certificate, here or to the proxy, is let in.
func (p *Peers) authenticated() bool { return p != nil && (p.certificates != nil || p.header != "") }

// Admit says why a request is refused, or nil. The certificate is judged again
// although the handshake did: a connection may outlive a reload or the certificate.
func (p *Peers) Admit(req *http.Request) error {
	if p.certificates != nil {
		if err := p.certificates.admit(req.TLS); err != nil {
			return err
		}
	}
	unix, peer, err := peerOf(req)
	if err != nil {
		return err
	}
	if p.header != "" {
		if !unix && !anyContains(p.proxies, peer) {
			return fmt.Errorf("cannot accept the caller: %s is not among soap.proxy.trusted_cidrs", peer)
		}
		name, err := verifiedName(req.Header, p.header, p.verified)
		if err != nil {
			return fmt.Errorf("cannot accept the caller: %w", err)
		}
		if !p.names.has(name) {
			// The name is not shown: it may be a citizen's.
			return errors.New("cannot accept the caller: the name that the proxy has verified is not among soap.proxy.client_names")
		}
	}
	if len(p.allowed) == 0 {
		return nil
	}
	return p.source(req, unix, peer)
}

// source holds the caller's address against the allow list.
func (p *Peers) source(req *http.Request, unix bool, peer netip.Addr) error {
	caller, err := door.Caller(peer, req.Header, func(a netip.Addr) bool {
		return p.header != "" && (unix && !a.IsValid() || anyContains(p.proxies, a))
	})
	if err != nil {
		return fmt.Errorf("cannot accept the caller: %w", err)
	}
	if !caller.IsValid() || !anyContains(p.allowed, caller) {
		return fmt.Errorf("cannot accept the caller: %s is not among soap.allowed_ips", caller)
	}
	return nil
}

// peerOf is the other end of the connection: an address, or a Unix socket's, which
// has none.
func peerOf(req *http.Request) (unix bool, peer netip.Addr, err error) {
	local, _ := req.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local != nil && local.Network() == "unix" {
		return true, netip.Addr{}, nil
	}
	remote, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return false, netip.Addr{}, errors.New("cannot accept the caller: its address cannot be read")
	}
	return false, remote.Addr().WithZone("").Unmap(), nil
}

// PlainAllowed says whether the SOAP listener may speak plain HTTP on an address:
// host:port, or unix:PATH. The node's calls carry payments and the node is only
// known by its certificate, so somebody must have looked at it: on loopback it is
// a trial, elsewhere a declared proxy.
func PlainAllowed(address string, proxyDeclared bool) error {
	if isUnix(address) || proxyDeclared {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("soap.listen: %q is neither host:port nor unix:PATH", address)
	}
	if ip, err := netip.ParseAddr(host); strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("soap.listen: %q can be reached from outside and would speak plain HTTP to anybody: set soap.tls.cert_file, or declare the proxy that ends TLS in soap.proxy, or listen on 127.0.0.1", address)
}

// isUnix knows the addresses of Unix sockets.
func isUnix(address string) bool { return strings.HasPrefix(address, "unix:") }

// stranger is the answer to who may not call: nothing of the request is read and
// nothing of the station is told.
func (x *exchange) stranger(err error) {
	x.record.Err = err
	x.closing = true
	x.status, x.contentType = http.StatusForbidden, "text/plain; charset=utf-8"
}
