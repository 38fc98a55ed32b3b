package door_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"nodobridge/door"
)

func TestCrossSite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, header, value string
		refused               bool
	}{
		"a program":                        {method: "POST"},
		"our own page":                     {"POST", "Sec-Fetch-Site", "same-origin", false},
		"typed by a user":                  {"POST", "Sec-Fetch-Site", "none", false},
		"another site":                     {"POST", "Sec-Fetch-Site", "cross-site", true},
		"a neighbour":                      {"DELETE", "Sec-Fetch-Site", "same-site", true},
		"an older browser, another site":   {"POST", "Origin", "https://elsewhere.example", true},
		"an older browser, a frame":        {"POST", "Origin", "null", true},
		"an older browser, our own page":   {"POST", "Origin", "http://station.example", false},
		"another site, nothing is changed": {"GET", "Sec-Fetch-Site", "cross-site", false},
	} {
		r := httptest.NewRequest(c.method, "http://station.example/x", nil)
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		if err := door.CrossSite(r); (err != nil) != c.refused {
			t.Errorf("%s: %v, want refused %v", name, err, c.refused)
		}
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"127.0.0.1:8083": 204, "127.0.0.1": 204, "localhost:8083": 204, "LocalHost": 204, "[::1]:8083": 204, "[::1]": 204, "127.1.2.3:1": 204, "[::ffff:127.0.0.1]:1": 204,
		"elsewhere.example:8083": 421, "localhost.elsewhere.example": 421, "192.0.2.1:8083": 421, "0.0.0.0:8083": 421, "127.0.0.1.elsewhere.example": 421, "": 421,
	} {
		told := 0
		h := door.Local(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), func(*http.Request) { told++ })
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || w.Body.Len() != 0 || (told == 1) != (want == 421) {
			t.Errorf("host %q: %d, told %d times, want %d", host, w.Code, told, want)
		}
	}
}
