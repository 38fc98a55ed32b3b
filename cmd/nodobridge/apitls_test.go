package main_test

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

var apiTLS = strings.Replace(binarytest.SampleConfig, `api: {listen: "127.0.0.1:0"`, `api: {listen: "0.0.0.0:0", tls: {cert_file: server.pem, key_file: server.key}`, 1)

// Keys and personal data do not travel in clear, and metrics are not for everybody.
func TestListeners_Refusals(t *testing.T) {
	t.Parallel()
	plain, port := binarytest.SampleConfig, `api: {listen: "127.0.0.1:0"`
	for _, c := range []struct{ name, config, says string }{
		{"API on every address", strings.Replace(plain, port, `api: {listen: "0.0.0.0:0"`, 1), "api.listen"},
		{"API on an address without a host", strings.Replace(plain, port, `api: {listen: ":0"`, 1), "api.listen"},
		{"API behind a proxy", strings.Replace(plain, port, `api: {listen: "0.0.0.0:0", proxy_cidrs: [10.0.0.0/8]`, 1), ""},
		{"API with TLS", apiTLS, ""},
		{"API with half a pair", strings.Replace(apiTLS, ", key_file: server.key", "", 1), "api.tls"},
		{"proxy that is none", strings.Replace(plain, port, `api: {listen: "127.0.0.1:0", proxy_cidrs: [here]`, 1), "api.proxy_cidrs"},
		{"connections below zero", strings.Replace(plain, port, `api: {listen: "127.0.0.1:0", connections_per_ip: -1`, 1), "api.connections_per_ip"},
		{"metrics on every address", strings.Replace(plain, `admin: {listen: "127.0.0.1:0"}`, `admin: {listen: "0.0.0.0:0"}`, 1), "admin.listen"},
		{"metrics behind a firewall", strings.Replace(plain, `admin: {listen: "127.0.0.1:0"}`, `admin: {listen: "0.0.0.0:0", reachable: true}`, 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, _, problem := binarytest.New(t, c.config).Run("config", "show")
			if c.says == "" && code != 0 || c.says != "" && (code != 78 || !strings.Contains(problem, c.says)) {
				t.Errorf("exit %d, want %q: %s", code, c.says, problem)
			}
		})
	}
}

// The JSON API speaks TLS 1.2 at least, and its certificate is replaced on SIGHUP.
func TestAPI_SpeaksTLS(t *testing.T) {
	t.Parallel()
	pki := binarytest.NewPKI(t)
	h := binarytest.New(t, apiTLS)
	first, second := pki.Leaf(ourName, 90), pki.Leaf(ourName, 300)
	h.Install(pki, first)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	at := "https://127.0.0.1:" + p.API[strings.LastIndex(p.API, ":")+1:] + binarytest.Positions
	ask := func(most uint16) (status int, serial string) {
		config := &tls.Config{RootCAs: pki.Pool(), ServerName: ourName, MinVersion: tls.VersionTLS10, MaxVersion: most}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Ocp-Apim-Subscription-Key", key)
		res, err := client.Do(req)
		if err != nil {
			return 0, ""
		}
		defer res.Body.Close()
		return res.StatusCode, res.TLS.PeerCertificates[0].SerialNumber.String()
	}
	if status, serial := ask(tls.VersionTLS13); status != 200 || serial != first.Leaf.SerialNumber.String() {
		t.Errorf("HTTP %d by %s", status, serial)
	}
	if status, _ := ask(tls.VersionTLS12); status != 200 {
		t.Errorf("TLS 1.2: HTTP %d", status)
	}
	if status, _ := ask(tls.VersionTLS11); status != 0 {
		t.Errorf("TLS 1.1: HTTP %d", status)
	}
	h.Install(pki, second)
	p.Hangup()
	p.Await("configuration reloaded")
	if status, serial := ask(tls.VersionTLS13); status != 200 || serial != second.Leaf.SerialNumber.String() {
		t.Errorf("after the reload: HTTP %d by %s", status, serial)
	}
	p.Stop()
}
