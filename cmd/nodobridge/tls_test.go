package main_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

const (
	nodeName = "forwarder.platform.pagopa.it"
	ourName  = "pagamenti.comune.example.it"
)

// tlsConfig is SampleConfig with TLS on the node's listener.
var tlsConfig = strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`, `
soap:
  listen: "127.0.0.1:0"
  public_url: https://`+ourName+`/paForNode
  tls: {cert_file: server.pem, key_file: server.key, client_ca_files: [clients.pem], client_names: [`+nodeName+`]}
`, 1)

// showing is an HTTP client with a certificate, or none, that tells which
// certificate it was shown.
func showing(pki *binarytest.PKI, own *tls.Certificate, shown *string) *http.Client {
	config := &tls.Config{RootCAs: pki.Pool(), ServerName: ourName, VerifyConnection: func(s tls.ConnectionState) error {
		*shown = s.PeerCertificates[0].SerialNumber.String()
		return nil
	}}
	if own != nil {
		config.Certificates = []tls.Certificate{*own}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
}

// The node is known by its certificate, which is judged by authority and name; both
// sides' certificates can be replaced while the station runs.
func TestTLS_NodeAndReload(t *testing.T) {
	t.Parallel()
	pki, stranger := binarytest.NewPKI(t), binarytest.NewPKI(t)
	h := binarytest.New(t, tlsConfig)
	first, second := pki.Leaf(ourName, 90), pki.Leaf(ourName, 365)
	h.Install(pki, first)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	shown := ""
	verify := func(own *tls.Certificate) bool {
		node := p.Node()
		node.HTTP = showing(pki, own, &shown)
		answer, err := node.Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1)))
		return err == nil && answer.Fault == nil
	}
	if !strings.HasPrefix(p.SOAP, "https://") || !verify(pki.Leaf(nodeName, 90)) || shown != first.Leaf.SerialNumber.String() {
		t.Errorf("the node was not answered at %s, or by another certificate", p.SOAP)
	}
	for name, own := range map[string]*tls.Certificate{
		"no certificate": nil, "another name": pki.Leaf("forwarder.example.it", 90), "another authority": stranger.Leaf(nodeName, 90), "expired": pki.Leaf(nodeName, -1),
	} {
		if verify(own) {
			t.Errorf("%s: let in", name)
		}
	}

	_, metrics := read(t, p.Admin+"/metrics")
	for _, of := range []string{"server", "node"} {
		if !strings.Contains(metrics, `nodobridge_certificate_days{of="`+of+`"} 89`) && !strings.Contains(metrics, `nodobridge_certificate_days{of="`+of+`"} 90`) {
			t.Errorf("no days of the %s's certificate in\n%s", of, metrics)
		}
	}

	h.Install(pki, second)
	p.Hangup()
	p.Await("certificates loaded")
	p.Await("configuration reloaded")
	if !verify(pki.Leaf(nodeName, 90)) || shown != second.Leaf.SerialNumber.String() {
		t.Error("the new certificate is not in force")
	}
	if err := os.WriteFile(filepath.Join(h.Dir, "server.key"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Hangup()
	if line := p.Await("configuration kept as it was"); !strings.Contains(line, "soap.tls.key_file") {
		t.Errorf("kept because %s", line)
	}
	if !verify(pki.Leaf(nodeName, 90)) || shown != second.Leaf.SerialNumber.String() {
		t.Error("after a failed reload the node is not answered by the certificate before")
	}
	p.Stop()
}

// A certificate that ends soon is warned of while the station runs.
func TestTLS_ExpiryIsWarnedOf(t *testing.T) {
	t.Parallel()
	pki := binarytest.NewPKI(t)
	h := binarytest.New(t, tlsConfig)
	h.Install(pki, pki.Leaf(ourName, 20))
	h.Must("init")
	p := h.Serve()
	if line := p.Await("certificate expires"); !strings.Contains(line, ourName) || !strings.Contains(line, `"level":"WARN"`) {
		t.Errorf("warned by %s", line)
	}
	p.Stop()
}

// Behind a proxy on this machine: a Unix socket, and a header that says whose
// certificate the proxy has verified.
func TestProxy_UnixSocket(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, "")
	socket := filepath.Join(h.Dir, "soap.sock")
	h.Configure(strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`,
		`soap: {listen: "unix:`+socket+`", proxy: {header: X-Client-Verified, client_names: [`+nodeName+`]}}`, 1))
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	for header, want := range map[string]bool{"SUCCESS CN=" + nodeName: true, "SUCCESS CN=other.example.it": false, "FAILED CN=" + nodeName: false, "": false} {
		node := p.Node()
		node.URL = "http://station/paForNode"
		node.HTTP = &http.Client{Transport: speaking{header, &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}}}}
		answer, err := node.Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1)))
		if got := err == nil && answer.Fault == nil; got != want {
			t.Errorf("%q: answered %v, %+v, %v", header, got, answer, err)
		}
	}
	p.Stop()
	if _, err := os.Stat(socket); err == nil {
		t.Error("the socket is still there")
	}
}

// speaking is a proxy's way of saying whose certificate it has seen.
type speaking struct {
	header string
	http.RoundTripper
}

func (s speaking) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if s.header != "" {
		req.Header.Set("X-Client-Verified", s.header)
	}
	return s.RoundTripper.RoundTrip(req)
}

// A listener that anybody could reach, or that would let in nobody or everybody,
// is not opened.
func TestTLS_Refusals(t *testing.T) {
	t.Parallel()
	plain, port := binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`
	for _, c := range []struct{ name, config, says string }{
		{"plain on every address", strings.Replace(plain, port, `soap: {listen: "0.0.0.0:0"}`, 1), "soap.listen"},
		{"plain on every address, without a host", strings.Replace(plain, port, `soap: {listen: ":0"}`, 1), "soap.listen"},
		{"key missing", strings.Replace(tlsConfig, "key_file: server.key, ", "", 1), "soap.tls.key_file"},
		{"certificate missing", strings.Replace(tlsConfig, "cert_file: server.pem, ", "", 1), "soap.tls.cert_file"},
		{"no file there", strings.Replace(tlsConfig, "server.pem", "other.pem", 1), "soap.tls.cert_file"},
		{"no names", strings.Replace(tlsConfig, "client_names: ["+nodeName+"]", "client_names: []", 1), "soap.tls.client_names"},
		{"usage", strings.Replace(tlsConfig, "client_names: [", "client_eku: maybe, client_names: [", 1), "soap.tls.client_eku"},
		{"one pin", strings.Replace(tlsConfig, "client_names: [", "spki_pins: [AAAA], client_names: [", 1), "soap.tls.spki_pins"},
		{"unknown key", strings.Replace(tlsConfig, "client_names: [", "cipher: x, client_names: [", 1), "unknown key below soap.tls: cipher"},
		{"proxy without addresses", strings.Replace(plain, port, `soap: {listen: "127.0.0.1:0", proxy: {header: X-Client-Verified, client_names: [`+nodeName+`]}}`, 1), "soap.proxy.trusted_cidrs"},
		{"proxy without header", strings.Replace(plain, port, `soap: {listen: "127.0.0.1:0", proxy: {client_names: [`+nodeName+`]}}`, 1), "soap.proxy.header"},
		{"allowed address", strings.Replace(plain, port, `soap: {listen: "127.0.0.1:0", allowed_ips: [here]}`, 1), "soap.allowed_ips"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pki := binarytest.NewPKI(t)
			h := binarytest.New(t, binarytest.SampleConfig)
			h.Install(pki, pki.Leaf(ourName, 90))
			h.Must("init")
			h.Configure(c.config)
			code, _, problem := h.Run("serve")
			last := problem[strings.LastIndex(strings.TrimSpace(problem), "\n")+1:]
			if code != 78 || !strings.Contains(last, c.says) {
				t.Errorf("exit %d, want %q:\n%s", code, c.says, problem)
			}
		})
	}
}
