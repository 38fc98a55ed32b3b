package soap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// secured is a station behind a TLS listener.
type secured struct {
	*station
	certificates *soap.Certificates
	http         *http.Server
	rejected     *lockedBuffer // what net/http and the loader log
}

func (p *pki) tls() soap.TLS {
	return soap.TLS{
		CertFile: p.path("cert.pem"), KeyFile: p.path("key.pem"),
		ClientCAFiles: []string{p.path("roots.pem"), p.path("issuers.pem")},
		ClientNames:   []string{"forwarder.uat.platform.pagopa.it", forwarder},
	}
}

func (p *pki) load(t *testing.T, c soap.TLS, clock bridge.Clock, log io.Writer) *soap.Certificates {
	t.Helper()
	made, err := soap.LoadCertificates(soap.CertificatesConfig{
		TLS: c, Clock: clock, Log: slog.New(slog.NewJSONHandler(log, nil)), PublicRoots: poolOf(p.ourRoot),
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// secure starts a station with TLS of its own on a store.
func (p *pki) secure(t *testing.T, c soap.TLS, db bridge.Store, allowedIPs ...string) *secured {
	t.Helper()
	s := &secured{station: &station{db: db, clock: testkit.NewClock(), log: new(lockedBuffer)}}
	s.rejected = s.log
	s.certificates = p.load(t, c, s.clock, s.log)
	peers, err := soap.NewPeers(soap.PeersConfig{Listen: "0.0.0.0:8443", Certificates: s.certificates, AllowedIPs: allowedIPs})
	if err != nil {
		t.Fatal(err)
	}
	s.service = bridge.NewService(db, s.clock, testkit.Registry())
	s.http = soap.NewServer(soap.Config{
		Service: s.service, Path: "/paForNode", PublicURL: "https://pagamenti.example.org/paForNode", Peers: peers,
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), HashKey: []byte("test"),
		Observe: func(r soap.Record) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.records = append(s.records, r)
		},
	}).HTTP()
	listening := httptest.NewUnstartedServer(nil)
	listening.Listener = s.certificates.Listener(listening.Listener)
	listening.Config = s.http
	listening.Start()
	t.Cleanup(listening.Close)
	s.url = "https://" + listening.Listener.Addr().String() + "/paForNode"
	return s
}

// calls counts the requests that reached the handler.
func (s *secured) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records)
}

// client is a caller with a certificate (nil: none); change alters its TLS.
func (p *pki) client(s *secured, shown *tls.Certificate, change func(*tls.Config)) *http.Client {
	c := &tls.Config{RootCAs: poolOf(p.ourRoot), ServerName: "pagamenti.example.org", Time: s.clock.Now}
	if shown != nil {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return shown, nil }
	}
	if change != nil {
		change(c)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c}}
}

// ask verifies an unknown notice: one whole SOAP call.
func (s *secured) ask(ctx context.Context, client *http.Client, headers ...string) (answer, error) {
	return askAt(ctx, client, s.url, headers...)
}

func askAt(ctx context.Context, client *http.Client, url string, headers ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(verifyOf(string(testkit.NAV(99)))))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "text/xml;charset=UTF-8")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, body}, errors.Join(err, res.Body.Close())
}

// answered says that the call was answered by the station.
func answered(t *testing.T, a answer, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("the call was not answered: %v", err)
	}
	a.wantKO(t, verifyRes, "PAA_PAGAMENTO_SCONOSCIUTO", "77777777777")
}

// noHTTP says that the handshake failed and no byte of HTTP was answered or read.
func (s *secured) noHTTP(t *testing.T, client *http.Client, before int) {
	t.Helper()
	a, err := s.ask(t.Context(), client)
	if _, ok := errors.AsType[*url.Error](err); !ok {
		t.Errorf("want a failed handshake, got HTTP %d, %v", a.status, err)
	}
	if after := s.calls(); after != before {
		t.Errorf("%d requests reached the handler", after-before)
	}
}
