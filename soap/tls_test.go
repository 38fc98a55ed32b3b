package soap_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// The table of reliability-security.md §3.2 and §9 rows 1 and 2; soap-node.md T15, T16.
func TestT15_T16_ClientCertificates(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	otherIssuer := authority(t, "RapidSSL-like", p.otherRoot)
	serverOnly := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	strict := p.tls()
	strict.ClientEKU = soap.EKUStrict
	modes := map[string]*secured{
		"auto":   p.secure(t, p.tls(), openStore(t)),
		"strict": p.secure(t, strict, openStore(t)),
	}
	const never, always = "", "auto strict"
	for _, c := range []struct {
		name   string
		shown  *tls.Certificate
		modes  string // in which it is accepted
		reason string // why it is refused, "" when it never comes so far
	}{
		{"T16 right name, both usages, leaf alone", p.node(t).shown(), always, ""},
		{"right name, with its intermediate", p.node(t).shown(p.intermediate), always, ""},
		{"right name in capitals", leaf(t, p.intermediate, "Forwarder.Platform.PagoPA.it", nil).shown(), always, ""},
		{"intermediate of the right root sent by the client", leaf(t, authority(t, "New issuer", p.root), forwarder, nil).shown(), never, soap.RefusedAuthority},
		{"no usages at all", leaf(t, p.intermediate, forwarder, func(c *x509.Certificate) { c.ExtKeyUsage = nil }).shown(), always, ""},
		{"right name, serverAuth only", leaf(t, p.intermediate, forwarder, serverOnly).shown(), "auto", soap.RefusedUsage},
		{"T15 other name, same authority", leaf(t, p.intermediate, "customer.example.com", nil).shown(), never, soap.RefusedName},
		{"T15 right common name, other DNS name", leaf(t, p.intermediate, forwarder, func(c *x509.Certificate) { c.DNSNames = []string{"customer.example.com"} }).shown(), never, soap.RefusedName},
		{"T15 right common name, no DNS name", leaf(t, p.intermediate, forwarder, func(c *x509.Certificate) { c.DNSNames = nil }).shown(), never, soap.RefusedName},
		{"T15 wildcard over the right name", leaf(t, p.intermediate, "*.platform.pagopa.it", nil).shown(), never, soap.RefusedName},
		{"T15 name that begins with the right one", leaf(t, p.intermediate, forwarder+".example.com", nil).shown(), never, soap.RefusedName},
		{"right name, other authority of the same name", leaf(t, otherIssuer, forwarder, nil).shown(otherIssuer, p.otherRoot), never, soap.RefusedAuthority},
		{"right name, self-signed", leaf(t, nil, forwarder, nil).shown(), never, soap.RefusedAuthority},
		{"right name, issued by another customer's certificate", leaf(t, leaf(t, p.intermediate, "customer.example.com", nil), forwarder, nil).shown(), never, soap.RefusedAuthority},
		{"expired", leaf(t, p.intermediate, forwarder, func(c *x509.Certificate) { c.NotAfter = testkit.Noon.Add(-1) }).shown(), never, soap.RefusedTime},
		{"not yet valid", leaf(t, p.intermediate, forwarder, func(c *x509.Certificate) { c.NotBefore = testkit.Noon.Add(days(1)) }).shown(), never, soap.RefusedTime},
		{"T15 none", nil, never, ""},
		{"T15 empty", &tls.Certificate{}, never, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for mode, s := range modes {
				for version, max := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
					client := p.client(s, c.shown, func(c *tls.Config) { c.MaxVersion = max })
					before, refused := s.calls(), s.certificates.Refused()[c.reason]
					if strings.Contains(c.modes, mode) {
						a, err := s.ask(t.Context(), client)
						answered(t, a, err)
						continue
					}
					s.noHTTP(t, client, before)
					if now := s.certificates.Refused()[c.reason]; c.reason != "" && now != refused+1 {
						t.Errorf("%s, TLS %s: %q counted %d times", mode, version, c.reason, now-refused)
					}
				}
			}
		})
	}
	if n := strings.Count(modes["auto"].log.String(), "lacks the usage clientAuth"); n != 1 {
		t.Errorf("the missing usage was warned of %d times, want once", n)
	}
	if log := modes["strict"].log.String(); !strings.Contains(log, "soap.tls.client_eku: strict demands") || !strings.Contains(log, `customer.example.com`) {
		t.Errorf("the log does not say why a certificate was refused:\n%s", log)
	}
}

// An intermediate that is not in the bundle may come with the leaf.
func TestTLS_IntermediateSentByTheClientIsUsed(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	issuer := authority(t, "New issuer", p.root)
	a, err := s.ask(t.Context(), p.client(s, leaf(t, issuer, forwarder, nil).shown(issuer), nil))
	answered(t, a, err)
}

// soap-node.md T17: the forwarder's context is TLSv1.2; older ones are refused.
func TestT17_Versions(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	node := p.node(t).shown()
	for _, c := range []struct {
		name    string
		version uint16
		ok      bool
	}{
		{"TLS 1.0", tls.VersionTLS10, false},
		{"TLS 1.1", tls.VersionTLS11, false},
		{"TLS 1.2", tls.VersionTLS12, true},
		{"TLS 1.3", tls.VersionTLS13, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := p.client(s, node, func(tc *tls.Config) { tc.MinVersion, tc.MaxVersion = c.version, c.version })
			if !c.ok {
				s.noHTTP(t, client, s.calls())
				return
			}
			a, err := s.ask(t.Context(), client)
			answered(t, a, err)
		})
	}
}

// HTTP/2 is not spoken even to who prefers it, and the whole chain is served.
func TestTLS_HandshakeAsTheNodeSeesIt(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	var asked *tls.CertificateRequestInfo
	node := p.node(t).shown()
	conn, err := tls.Dial("tcp", target.Host, &tls.Config{
		RootCAs: poolOf(p.ourRoot), ServerName: "pagamenti.example.org", Time: s.clock.Now, NextProtos: []string{"h2", "http/1.1"},
		GetClientCertificate: func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = r
			return node, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	state := conn.ConnectionState()
	if state.NegotiatedProtocol != "http/1.1" {
		t.Errorf("agreed on %q", state.NegotiatedProtocol)
	}
	if len(state.PeerCertificates) != 2 {
		t.Errorf("served %d certificates, want our own and its issuer's", len(state.PeerCertificates))
	}
	if asked == nil || len(asked.AcceptableCAs) != 0 {
		t.Errorf("the request for a certificate names authorities: %v", asked)
	}
}

// Plain HTTP on the TLS port never reaches the handler.
func TestTLS_PlainHTTPIsNotServed(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	a, err := askAt(t.Context(), &http.Client{Transport: &http.Transport{}}, strings.Replace(s.url, "https:", "http:", 1))
	if err == nil && a.status != http.StatusBadRequest || s.calls() != 0 { // the 400 may be lost in the reset
		t.Errorf("HTTP %d, %d calls", a.status, s.calls())
	}
}

func TestTLS_Pins(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	node := p.node(t)
	pinOf := func(i *identity) string {
		sum := sha256.Sum256(i.cert.RawSubjectPublicKeyInfo)
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	for _, c := range []struct {
		name string
		pins []string
		ok   bool
	}{
		{"the leaf's key", []string{"sha256/" + pinOf(node), pinOf(p.ours)}, true},
		{"the intermediate's key", []string{pinOf(p.ours), pinOf(p.intermediate)}, true},
		{"keys of others", []string{pinOf(p.ours), pinOf(p.otherRoot)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			with := p.tls()
			with.SPKIPins = c.pins
			s := p.secure(t, with, openStore(t))
			client := p.client(s, node.shown(), nil)
			if c.ok {
				a, err := s.ask(t.Context(), client)
				answered(t, a, err)
				return
			}
			s.noHTTP(t, client, 0)
			if got := s.certificates.Refused()[soap.RefusedPin]; got != 1 {
				t.Errorf("counted %d times", got)
			}
		})
	}
}

// §9 row 4: on the direct port no header stands for a certificate; row 3: the
// source is the TCP peer, whatever X-Forwarded-For says.
func TestTLS_HeadersOfAProxyAreIgnored(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	spoofed := []string{"X-Client-Verified: SUCCESS CN=" + forwarder, "X-Forwarded-For: 20.86.139.154", "X-Forwarded-Proto: https"}
	_, err := s.ask(t.Context(), p.client(s, nil, nil), spoofed...)
	if err == nil || s.calls() != 0 {
		t.Errorf("a caller without a certificate got in: %v, %d calls", err, s.calls())
	}
	_, err = s.ask(t.Context(), p.client(s, leaf(t, p.intermediate, "customer.example.com", nil).shown(), nil), spoofed...)
	if err == nil || s.calls() != 0 {
		t.Errorf("a caller with another name got in: %v, %d calls", err, s.calls())
	}

	listed := p.secure(t, p.tls(), openStore(t), "20.86.139.154")
	a, err := listed.ask(t.Context(), p.client(listed, p.node(t).shown(), nil), spoofed...)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusForbidden || len(a.body) != 0 {
		t.Errorf("row 3: HTTP %d %q", a.status, a.body)
	}
	near := p.secure(t, p.tls(), openStore(t), "127.0.0.0/8", "::1")
	a, err = near.ask(t.Context(), p.client(near, p.node(t).shown(), nil), spoofed...)
	answered(t, a, err)
}

func TestTLSValidate_NamesTheKey(t *testing.T) {
	t.Parallel()
	good := soap.TLS{CertFile: "c", KeyFile: "k", ClientCAFiles: []string{"a"}, ClientNames: []string{forwarder}}
	pinA := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, c := range []struct {
		name   string
		change func(*soap.TLS)
		key    string // "" when it is valid
	}{
		{"good", func(*soap.TLS) {}, ""},
		{"auto", func(t *soap.TLS) { t.ClientEKU = "auto" }, ""},
		{"no certificate", func(t *soap.TLS) { t.CertFile = "" }, "soap.tls.cert_file"},
		{"no key", func(t *soap.TLS) { t.KeyFile = "" }, "soap.tls.key_file"},
		{"no authorities", func(t *soap.TLS) { t.ClientCAFiles = nil }, "soap.tls.client_ca_files"},
		{"empty authority", func(t *soap.TLS) { t.ClientCAFiles = []string{"a", ""} }, "soap.tls.client_ca_files"},
		{"no names would admit every customer of the authority", func(t *soap.TLS) { t.ClientNames = nil }, "soap.tls.client_names"},
		{"wildcard", func(t *soap.TLS) { t.ClientNames = []string{"*.pagopa.it"} }, "soap.tls.client_names"},
		{"empty name", func(t *soap.TLS) { t.ClientNames = []string{""} }, "soap.tls.client_names"},
		{"address", func(t *soap.TLS) { t.ClientNames = []string{"https://forwarder.platform.pagopa.it"} }, "soap.tls.client_names"},
		{"dot at the end", func(t *soap.TLS) { t.ClientNames = []string{forwarder + "."} }, "soap.tls.client_names"},
		{"mode", func(t *soap.TLS) { t.ClientEKU = "off" }, "soap.tls.client_eku"},
		{"one pin", func(t *soap.TLS) { t.SPKIPins = []string{pinA} }, "soap.tls.spki_pins"},
		{"one pin twice", func(t *soap.TLS) { t.SPKIPins = []string{pinA, "sha256/" + pinA} }, "soap.tls.spki_pins"},
		{"short pin", func(t *soap.TLS) { t.SPKIPins = []string{pinA, "AAAA"} }, "soap.tls.spki_pins"},
	} {
		t.Run(c.name, func(t *testing.T) {
			given := good
			c.change(&given)
			wantKey(t, given.Validate(), c.key)
		})
	}
}

// wantKey wants an error that begins with a key, or none when there is no key.
func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	switch {
	case key == "" && err != nil:
		t.Errorf("refused: %v", err)
	case key != "" && (err == nil || !strings.Contains(err.Error(), key+": ")):
		t.Errorf("want an error of %s, got %v", key, err)
	}
}

// A call under way is answered while the listener closes to new ones.
func TestTLS_ShutdownLetsCallsEnd(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	slow := &slowStore{Store: openStore(t), entered: make(chan struct{}), release: make(chan struct{})}
	s := p.secure(t, p.tls(), slow)
	closing := make(chan struct{})
	s.http.RegisterOnShutdown(func() { close(closing) })
	client := p.client(s, p.node(t).shown(), nil)
	type result struct {
		answer
		err error
	}
	under := make(chan result, 1)
	go func() {
		a, err := s.ask(context.WithoutCancel(t.Context()), client)
		under <- result{a, err}
	}()
	<-slow.entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.http.Shutdown(context.WithoutCancel(t.Context())) }()
	<-closing
	if _, err := s.ask(t.Context(), p.client(s, p.node(t).shown(), nil)); !isNetError(err) {
		t.Errorf("a new call during the shutdown: %v", err)
	}
	close(slow.release)
	got := <-under
	answered(t, got.answer, got.err)
	if err := <-stopped; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

func isNetError(err error) bool {
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

// slowStore holds the node's point read until it is released.
type slowStore struct {
	bridge.Store
	entered, release chan struct{}
}

func (s *slowStore) Notice(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Notice, error) {
	close(s.entered)
	<-s.release
	return s.Store.Notice(ctx, ec, nav)
}
