package soap_test

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// whether the connection of a call was resumed, or had been used before.
type connection struct{ resumed, reused bool }

func (s *secured) trace(t *testing.T, client *http.Client) (connection, answer, error) {
	t.Helper()
	var c connection
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn:          func(i httptrace.GotConnInfo) { c.reused = i.Reused },
		TLSHandshakeDone: func(state tls.ConnectionState, _ error) { c.resumed = state.DidResume },
	})
	a, err := s.ask(ctx, client)
	return c, a, err
}

// A session may be resumed, but never past a reload that takes the trust away, nor
// past the end of an authority that its certificate hangs from.
func TestCertificates_ResumedSessionIsJudgedAgain(t *testing.T) {
	t.Parallel()
	for version, max := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run("TLS "+version, func(t *testing.T) {
			t.Parallel()
			p := newPKI(t)
			s := p.secure(t, p.tls(), openStore(t))
			resuming := func() *http.Client {
				client := p.client(s, p.node(t).shown(), func(c *tls.Config) {
					c.MaxVersion, c.ClientSessionCache = max, tls.NewLRUClientSessionCache(1)
				})
				client.Transport.(*http.Transport).DisableKeepAlives = true
				c, a, err := s.trace(t, client)
				answered(t, a, err)
				if c.resumed {
					t.Error("the first connection was resumed")
				}
				return client
			}
			client := resuming()
			c, a, err := s.trace(t, client)
			answered(t, a, err)
			if !c.resumed {
				t.Error("the second connection was not resumed")
			}

			if err := s.certificates.Reload(); err != nil { // nothing has changed
				t.Fatal(err)
			}
			c, a, err = s.trace(t, client)
			answered(t, a, err)
			if !c.resumed {
				t.Error("a reload without a change ended the session")
			}

			p.write(t, "roots.pem", pemOf(p.root, p.otherRoot))
			if err := s.certificates.Reload(); err != nil {
				t.Fatal(err)
			}
			c, a, err = s.trace(t, client)
			answered(t, a, err)
			if c.resumed {
				t.Error("a session of before the reload was resumed: its certificate may be an old one")
			}

			p.write(t, "roots.pem", pemOf(p.otherRoot))
			if err := s.certificates.Reload(); err != nil {
				t.Fatal(err)
			}
			s.noHTTP(t, client, s.calls())
		})
	}
}

// The same files, a later day: the leaf is still valid, its issuer is not, and the
// session is refused although it is resumed.
func TestCertificates_ResumedSessionEndsWithItsAuthority(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	p.intermediate = issue(t, p.root, x509.Certificate{
		Subject: p.intermediate.cert.Subject, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: testkit.Noon.AddDate(-1, 0, 0), NotAfter: testkit.Noon.Add(time.Hour),
	})
	p.write(t, "issuers.pem", pemOf(p.intermediate))
	s := p.secure(t, p.tls(), openStore(t))
	node := p.node(t).shown()
	kept := p.client(s, node, nil)
	client := p.client(s, node, func(c *tls.Config) { c.ClientSessionCache = tls.NewLRUClientSessionCache(1) })
	client.Transport.(*http.Transport).DisableKeepAlives = true
	for _, each := range []*http.Client{kept, client} {
		a, err := s.ask(t.Context(), each)
		answered(t, a, err)
	}
	s.clock.Set(testkit.Noon.Add(2 * time.Hour))
	refused := s.certificates.Refused()[soap.RefusedAuthority]
	c, _, err := s.trace(t, client)
	if err == nil {
		t.Error("the resumed session was let in")
	}
	if !c.resumed {
		t.Error("the session was not resumed: the test proves nothing")
	}
	if s.certificates.Refused()[soap.RefusedAuthority] == refused {
		t.Error("the refusal was not counted")
	}
	wantForbidden(t, s, kept)
}

// wantForbidden wants the next call of an open connection to be refused.
func wantForbidden(t *testing.T, s *secured, client *http.Client) {
	t.Helper()
	c, a, err := s.trace(t, client)
	if err != nil {
		t.Fatal(err)
	}
	if !c.reused {
		t.Error("the connection was not reused: the test proves nothing")
	}
	if a.status != http.StatusForbidden || len(a.body) != 0 {
		t.Errorf("HTTP %d %q", a.status, a.body)
	}
	s.noHTTP(t, client, s.calls()) // that connection is closed
}

// A connection that was open before the trust was taken away serves no further call.
func TestCertificates_OpenConnectionIsJudgedAgain(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	client := p.client(s, p.node(t).shown(), nil)
	a, err := s.ask(t.Context(), client)
	answered(t, a, err)
	p.write(t, "roots.pem", pemOf(p.otherRoot))
	if err := s.certificates.Reload(); err != nil {
		t.Fatal(err)
	}
	wantForbidden(t, s, client)
}

// Our certificate and the bundle are replaced over and over while calls run, on new
// and on kept connections: none fails.
func TestCertificates_ReloadUnderTraffic(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	renewed := leaf(t, p.ourIssuer, "pagamenti.example.org", nil)
	const callers, calls = 4, 40
	var traffic sync.WaitGroup
	for n := range callers {
		client := p.client(s, p.node(t).shown(), func(c *tls.Config) {
			if n > 1 {
				c.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			}
		})
		client.Transport.(*http.Transport).DisableKeepAlives = n%2 == 0
		traffic.Go(func() {
			for range calls {
				a, err := s.ask(t.Context(), client)
				if err != nil || a.status != http.StatusOK {
					t.Errorf("HTTP %d, %v", a.status, err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		traffic.Wait()
	}()
	reloads, first := 0, p.ours
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		first, renewed = renewed, first
		p.write(t, "key.pem", first.keyPEM(t))
		p.write(t, "cert.pem", pemOf(first, p.ourIssuer))
		if err := s.certificates.Reload(); err != nil {
			t.Fatal(err)
		}
		reloads++
	}
	if got := s.calls(); got != callers*calls || reloads < 2 {
		t.Errorf("%d calls answered over %d reloads", got, reloads)
	}
	serial := func() string {
		var shown string
		_, err := s.ask(t.Context(), p.client(s, p.node(t).shown(), func(c *tls.Config) {
			c.VerifyConnection = func(state tls.ConnectionState) error {
				shown = state.PeerCertificates[0].SerialNumber.String()
				return nil
			}
		}))
		if err != nil {
			t.Error(err)
		}
		return shown
	}
	if serial() != first.cert.SerialNumber.String() {
		t.Error("the certificate loaded last is not served")
	}
}

// Files that cannot be used: an error at the start, and at a reload the old ones
// stay in force.
func TestCertificates_BadFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(*testing.T, *pki)
		key  string
		says string
	}{
		{"certificate missing", func(t *testing.T, p *pki) { remove(t, p.path("cert.pem")) }, "soap.tls.cert_file", "no such file"},
		{"no certificate in it", func(t *testing.T, p *pki) { p.write(t, "cert.pem", p.ours.keyPEM(t)) }, "soap.tls.cert_file", "holds no PEM certificate"},
		{"damaged certificate", func(t *testing.T, p *pki) {
			p.write(t, "cert.pem", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
		}, "soap.tls.cert_file", "certificate 1 cannot be read"},
		{"key of another certificate", func(t *testing.T, p *pki) { p.write(t, "key.pem", p.root.keyPEM(t)) }, "soap.tls.key_file", "does not match"},
		{"no key", func(t *testing.T, p *pki) { p.write(t, "key.pem", []byte("none")) }, "soap.tls.key_file", "cannot be used"},
		{"key file too large", func(t *testing.T, p *pki) { p.write(t, "key.pem", make([]byte, 2<<20)) }, "soap.tls.key_file", "larger"},
		{"intermediate first", func(t *testing.T, p *pki) { p.write(t, "cert.pem", pemOf(p.ourIssuer, p.ours)) }, "soap.tls.key_file", "must be our own"},
		{"foreign certificate in the chain", func(t *testing.T, p *pki) { p.write(t, "cert.pem", pemOf(p.ours, p.intermediate)) }, "soap.tls.cert_file", "certificate 2 did not issue certificate 1"},
		{"expired", func(t *testing.T, p *pki) {
			old := leaf(t, p.ourIssuer, "pagamenti.example.org", func(c *x509.Certificate) { c.NotAfter = testkit.Noon.Add(-time.Second) })
			p.write(t, "cert.pem", pemOf(old, p.ourIssuer))
			p.write(t, "key.pem", old.keyPEM(t))
		}, "soap.tls.cert_file", "now it is 2026-11-23T12:00:00Z"},
		{"bundle missing", func(t *testing.T, p *pki) { remove(t, p.path("issuers.pem")) }, "soap.tls.client_ca_files", "no such file"},
		{"bundle without certificates", func(t *testing.T, p *pki) { p.write(t, "roots.pem", nil) }, "soap.tls.client_ca_files", "roots.pem holds no PEM"},
		{"bundle without a root", func(t *testing.T, p *pki) { p.write(t, "roots.pem", pemOf(p.intermediate)) }, "soap.tls.client_ca_files", "no root"},
		{"the node's own certificate in the bundle", func(t *testing.T, p *pki) { p.write(t, "issuers.pem", pemOf(p.intermediate, p.node(t))) }, "soap.tls.client_ca_files", "not the certificate of an authority"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPKI(t)
			s := p.secure(t, p.tls(), openStore(t))
			c.do(t, p)
			err := s.certificates.Reload()
			wantKey(t, err, c.key)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("want %q in %v", c.says, err)
			}
			a, err := s.ask(t.Context(), p.client(s, p.node(t).shown(), nil))
			answered(t, a, err)
			_, err = soap.LoadCertificates(soap.CertificatesConfig{TLS: p.tls(), Clock: s.clock, Log: slog.New(slog.DiscardHandler)})
			wantKey(t, err, c.key)
		})
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

// What works here and may fail at the node is told, not refused.
func TestCertificates_Findings(t *testing.T) {
	t.Parallel()
	other := func(t *testing.T, p *pki, change func(*x509.Certificate)) {
		own := leaf(t, p.ourIssuer, "pagamenti.example.org", change)
		p.write(t, "cert.pem", pemOf(own, p.ourIssuer))
		p.write(t, "key.pem", own.keyPEM(t))
	}
	for _, c := range []struct {
		name string
		do   func(*testing.T, *pki)
		want []string // one part of each finding
	}{
		{"none", func(*testing.T, *pki) {}, nil},
		{"root served too", func(t *testing.T, p *pki) { p.write(t, "cert.pem", pemOf(p.ours, p.ourIssuer, p.ourRoot)) }, nil},
		{"intermediate not served", func(t *testing.T, p *pki) { p.write(t, "cert.pem", pemOf(p.ours)) }, []string{"cert_file: it holds our certificate alone: add the intermediate of \"CN=Our Issuer\""}},
		{"incomplete chain", func(t *testing.T, p *pki) {
			second := authority(t, "Second", p.ourIssuer)
			own := leaf(t, second, "pagamenti.example.org", nil)
			p.write(t, "cert.pem", pemOf(own, second))
			p.write(t, "key.pem", own.keyPEM(t))
		}, []string{"cert_file: its 2 certificates lead to no root"}},
		{"private authority", func(t *testing.T, p *pki) {
			own := leaf(t, p.root, "pagamenti.example.org", nil)
			p.write(t, "cert.pem", pemOf(own, p.root))
			p.write(t, "key.pem", own.keyPEM(t))
		}, []string{"cert_file: the chain ends in \"CN=Root\""}},
		{"self-signed", func(t *testing.T, p *pki) {
			own := leaf(t, nil, "pagamenti.example.org", nil)
			p.write(t, "cert.pem", pemOf(own))
			p.write(t, "key.pem", own.keyPEM(t))
		}, []string{"not a root that this machine knows"}},
		{"no serverAuth", func(t *testing.T, p *pki) {
			other(t, p, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
		}, []string{"cert_file: it lacks the usage serverAuth"}},
		{"other host", func(t *testing.T, p *pki) {
			other(t, p, func(c *x509.Certificate) { c.DNSNames = []string{"www.example.org"} })
		}, []string{"cert_file: it is not for the host \"pagamenti.example.org\""}},
		{"key for everybody", func(t *testing.T, p *pki) {
			if err := os.Chmod(p.path("key.pem"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, []string{"key_file: "}},
		{"bundle of roots only", func(t *testing.T, p *pki) { p.write(t, "issuers.pem", pemOf(p.root)) }, []string{"client_ca_files: there are only roots"}},
		{"intermediate of a root that is not there", func(t *testing.T, p *pki) {
			p.write(t, "issuers.pem", pemOf(p.intermediate, authority(t, "Stray", p.otherRoot)))
		}, []string{"client_ca_files: the intermediate \"CN=Stray\" leads to no root"}},
		{"expired authority", func(t *testing.T, p *pki) {
			old := issue(t, nil, x509.Certificate{IsCA: true, BasicConstraintsValid: true, NotBefore: testkit.Noon.AddDate(-9, 0, 0), NotAfter: testkit.Noon.AddDate(-1, 0, 0)})
			p.write(t, "roots.pem", pemOf(p.root, old))
		}, []string{"expired on 2025-11-23"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPKI(t)
			c.do(t, p)
			with, log := p.tls(), new(lockedBuffer)
			with.ServerName = "pagamenti.example.org"
			found := p.load(t, with, testkit.NewClock(), log).Findings()
			if len(found) != len(c.want) {
				t.Fatalf("found %v, want %q", found, c.want)
			}
			for i, f := range found {
				if !strings.Contains(f.String(), c.want[i]) || !strings.HasPrefix(f.String(), "soap.tls.") {
					t.Errorf("found %q, want %q", f, c.want[i])
				}
			}
			if got := strings.Count(log.String(), `"finding"`); got != len(c.want) {
				t.Errorf("%d findings logged", got)
			}
		})
	}
}
