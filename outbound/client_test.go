package outbound_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"nodobridge/outbound"
)

func newClient(t *testing.T, rules outbound.Rules) *outbound.Client {
	t.Helper()
	c, err := outbound.NewClient(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheck is reliability-security.md §9 row 55 where the address is told.
func TestCheck(t *testing.T) {
	t.Parallel()
	rules := outbound.Rules{AllowPrivate: []string{"gestionale.example.org", "127.0.0.1"}}
	for address, want := range map[string]string{
		"https://8.8.8.8/x":               "",
		"http://gestionale.example.org/x": "",
		"https://127.0.0.1:8443/":         "",
		"http://169.254.169.254/":         "https://",
		"https://169.254.169.254/":        "allow_private",
		"https://[::ffff:127.0.0.2]/":     "allow_private",
		"https://localhost/":              "allow_private",
		"https://LOCALHOST./":             "allow_private",
		"https://x.localhost/":            "allow_private",
		"file:///etc/passwd":              "https",
		"https://u:p@example.org/":        "password",
		"https://example.org/#x":          "fragment",
		"http://8.8.8.8/":                 "https://",
		"gopher://8.8.8.8/":               "https://",
		"https://":                        "https",
		"//8.8.8.8/":                      "https://",
		"https://no-such-host.invalid/":   "resolved",
	} {
		err := rules.Check(t.Context(), address)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// TestPost_RefusesAtDial: a name that leads to a private address when it is dialled
// reaches nobody, whatever was said of it before.
func TestPost_RefusesAtDial(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	t.Cleanup(server.Close)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		to := strings.Replace(server.URL, "127.0.0.1", host, 1)
		_, err := newClient(t, outbound.Rules{AllowPrivate: []string{"other.example.org"}}).Post(t.Context(), to, http.Header{}, nil)
		if err == nil || !strings.Contains(err.Error(), "allow_private") || strings.Contains(err.Error(), host) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if reached.Load() {
		t.Error("a private address was reached")
	}
}

// TestPost_FollowsNoRedirectAndReadsNoFlood.
func TestPost_FollowsNoRedirectAndReadsNoFlood(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/target", http.StatusTemporaryRedirect)
		case "/target":
			reached.Store(true)
		case "/flood":
			fmt.Fprint(w, strings.Repeat("x", 64<<10+1))
		}
	}))
	t.Cleanup(server.Close)
	client := newClient(t, outbound.Rules{AllowPrivate: []string{"127.0.0.1"}})
	answer, err := client.Post(t.Context(), server.URL+"/redirect", http.Header{}, nil)
	if err != nil || answer.Status != http.StatusTemporaryRedirect || reached.Load() {
		t.Errorf("redirect: %+v, %v, followed %v", answer, err, reached.Load())
	}
	if _, err := client.Post(t.Context(), server.URL+"/flood", http.Header{}, nil); err == nil || !strings.Contains(err.Error(), "longer") {
		t.Errorf("flood: %v", err)
	}
}
