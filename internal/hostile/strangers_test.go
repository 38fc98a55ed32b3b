package hostile_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

const (
	nodeName = "forwarder.platform.pagopa.it"
	ourName  = "pagamenti.comune.example.it"
)

// strangers are rows 1 to 4: who may call at all.
func strangers() []row {
	return []row{
		{n: 1, name: "no, foreign or expired certificate", play: func(s *scene) {
			pki, foreign := binarytest.NewPKI(s.t), binarytest.NewPKI(s.t)
			n := tlsScene(s.t, pki, "auto")
			for name, own := range map[string]*tls.Certificate{
				"no certificate": nil, "another name": pki.Leaf("forwarder.example.it", 90), "another authority": foreign.Leaf(nodeName, 90),
				"expired": pki.Leaf(nodeName, -1), "no name": pki.Leaf("", 90),
				"a citizen's card": pki.Leaf("RSSMRA80A01H501U/canary", 90), "a citizen's machine": pki.Leaf("rssmra80a01h501u.cns.example.it", 90), "a citizen's card of another authority": foreign.Leaf("RSSMRA80A01H501U/canary", 90),
			} {
				n.stranger(name, pki, own)
			}
			n.p.Stop()
		}},
		{n: 2, name: "the right name with serverAuth only", play: func(s *scene) {
			pki := binarytest.NewPKI(s.t)
			own := pki.LeafFor(nodeName, 90, x509.ExtKeyUsageServerAuth)
			n := tlsScene(s.t, pki, "auto")
			res, err := clientOf(pki, own).Post(n.p.SOAP, "text/xml", strings.NewReader(verifyOf(string(binarytest.NAV(1)))))
			if err != nil || res.StatusCode != http.StatusOK {
				s.t.Fatalf("auto: %v, %v", res, err)
			}
			n.account("auto", 2)
			if log := strings.Join(n.p.Lines(n.lines, patience), "\n"); !strings.Contains(log, "lacks the usage clientAuth") {
				s.t.Error("auto: nobody is warned")
			}
			n.p.Stop()
			n = tlsScene(s.t, pki, "strict")
			n.stranger("strict", pki, own)
			n.p.Stop()
		}},
		{n: 3, name: "spoofed X-Forwarded-For", play: func(s *scene) {
			n := newScene(s.t, strings.Replace(sampleConfig, `soap: {listen: "127.0.0.1:0"}`, `soap: {listen: "127.0.0.1:0", allowed_ips: [127.0.0.1]}`, 1))
			n.position()
			refused := func(a answer) string {
				if a.status != 403 || a.body != "" {
					return "want 403 and an empty body"
				}
				return ""
			}
			sent := verifyOf(string(binarytest.NAV(1)))
			n.play(
				hit{name: "no header", from: "127.0.0.2", sent: call(sent), want: refused},
				hit{name: "X-Forwarded-For", from: "127.0.0.2", sent: call(sent, "X-Forwarded-For: 127.0.0.1"), want: refused},
				hit{name: "Forwarded and others", from: "127.0.0.2", sent: call(sent, "Forwarded: for=127.0.0.1", "X-Real-Ip: 127.0.0.1", "X-Forwarded-For: 127.0.0.2, 127.0.0.1"), want: refused},
				hit{name: "from the node", sent: call(sent, "X-Forwarded-For: 10.0.0.1"), want: outcomeOK},
			)
			n.p.Stop()
		}},
		{n: 4, name: "spoofed header of a verified certificate", play: func(s *scene) {
			pki := binarytest.NewPKI(s.t)
			n := tlsScene(s.t, pki, "auto")
			n.stranger("header", pki, nil, "X-Client-Verified: SUCCESS CN="+nodeName, "X-Client-Cert: "+nodeName, "Ssl-Client-Verify: SUCCESS", "X-Forwarded-Client-Cert: "+nodeName)
			n.p.Stop()
		}},
	}
}

// tlsScene is a station that ends TLS itself.
func tlsScene(t *testing.T, pki *binarytest.PKI, usage string) *scene {
	t.Helper()
	config := strings.Replace(sampleConfig, `soap: {listen: "127.0.0.1:0"}`, `
soap:
  listen: "127.0.0.1:0"
  public_url: https://`+ourName+`/paForNode
  tls: {cert_file: server.pem, key_file: server.key, client_ca_files: [clients.pem], client_names: [`+nodeName+`], client_eku: `+usage+`}
`, 1)
	s := &scene{t: t, h: binarytest.New(t, config), canaries: []string{"RSSMRA80A01H501U", "rssmra80a01h501u", "canary"}}
	s.h.Install(pki, pki.Leaf(ourName, 300))
	s.h.Must("init")
	s.key = s.h.NewKey()
	s.p = s.h.Serve()
	s.client = clientOf(pki, pki.Leaf(nodeName, 90))
	s.lines = len(s.p.Lines(1, patience))
	s.position()
	return s
}

func tlsOf(pki *binarytest.PKI, own *tls.Certificate) *tls.Config {
	config := &tls.Config{RootCAs: pki.Pool(), ServerName: ourName}
	if own != nil {
		config.Certificates = []tls.Certificate{*own}
	}
	return config
}

func clientOf(pki *binarytest.PKI, own *tls.Certificate) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: tlsOf(pki, own), DisableKeepAlives: true}}
}

// stranger is not answered a single byte of HTTP.
func (s *scene) stranger(name string, pki *binarytest.PKI, own *tls.Certificate, headers ...string) {
	s.t.Helper()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := tlsOf(pki, own)
		config.MinVersion, config.MaxVersion = version, version
		c := tls.Client(dial(s.t, "", s.node()), config)
		if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
			s.t.Fatal(err)
		}
		// In TLS 1.3 the client may write before it is refused.
		_, _ = io.WriteString(c, call(verifyOf(string(binarytest.NAV(1))), headers...))
		if said, err := io.ReadAll(c); err == nil || len(said) > 0 {
			s.t.Errorf("%s, %s: answered %q, %v", name, tls.VersionName(version), said, err)
		}
		if line := s.settle(name); !strings.Contains(line, "TLS handshake error") {
			s.t.Errorf("%s: logged as %s", name, line)
		}
	}
}
