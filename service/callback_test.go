package service_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"nodobridge/bridge"
	"nodobridge/service"
)

// application is an EC's application that answers with one text.
func application(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

// ask claims the bollo of a car from a callback.
func ask(t *testing.T, spec service.CallbackSpec) (bridge.Claim, error) {
	t.Helper()
	s := offer(t, catalog(t, ""), enrolment("tassa_auto", &service.AmountSpec{Callback: &spec}))
	return s.Claim(t.Context(), read(t, s, samples["tassa_auto"]))
}

func allowed(url string) service.CallbackSpec {
	return service.CallbackSpec{URL: url, AllowPrivate: []string{"127.0.0.1"}}
}

func TestCallback_AsksAndReads(t *testing.T) {
	t.Parallel()
	var asked atomic.Pointer[map[string]any]
	var header atomic.Pointer[http.Header]
	app := application(t, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %v", r.Method, err)
		}
		asked.Store(&body)
		header.Store(&r.Header)
		fmt.Fprint(w, `{"status":"due","amountCents":25811,"description":"Bollo auto AB123CD scadenza 12/2026","dueDate":"2026-12-31","altro":1}`)
	})
	spec := allowed(app.URL)
	spec.TokenFile = filepath.Join(t.TempDir(), "token")
	write(t, filepath.Dir(spec.TokenFile), "token", "s3gret0\n")
	claim, err := ask(t, spec)
	if err != nil || claim.Amount != 25811 || claim.Description != "Bollo auto AB123CD scadenza 12/2026" || claim.DueDate != "2026-12-31" {
		t.Errorf("%+v, %v", claim, err)
	}
	text, err := json.Marshal(*asked.Load())
	if want := `{"ec":"77777777777","fields":{"targa":"AB123CD","tipo_veicolo":"1"},"service":"tassa_auto"}`; err != nil || string(text) != want {
		t.Errorf("it was asked %s, want %s", text, want)
	}
	h := *header.Load()
	if h.Get("Authorization") != "Bearer s3gret0" || h.Get("Content-Type") != "application/json" || h.Get("Accept-Encoding") != "" {
		t.Errorf("headers %v", h)
	}
}

func TestCallback_Answers(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		name, answer string
		code         bridge.Code
	}{
		{"due", `{"status":"due","amountCents":1}`, ""},
		{"due at most", `{"status":"due","amountCents":99999999999}`, ""},
		{"nothing due", `{"status":"nothing_due"}`, bridge.CodeNoticeUnknown},
		{"already paid", `{"status":"already_paid","amountCents":100}`, bridge.CodeNoticePaid},
		{"no status", `{"amountCents":100}`, bridge.CodeSourceSilent},
		{"unknown status", `{"status":"DUE","amountCents":100}`, bridge.CodeSourceSilent},
		{"due without amount", `{"status":"due"}`, bridge.CodeSourceSilent},
		{"amount of zero", `{"status":"due","amountCents":0}`, bridge.CodeSourceSilent},
		{"negative amount", `{"status":"due","amountCents":-1}`, bridge.CodeSourceSilent},
		{"amount beyond the wire", `{"status":"due","amountCents":100000000000}`, bridge.CodeSourceSilent},
		{"amount in euro", `{"status":"due","amountCents":12.5}`, bridge.CodeSourceSilent},
		{"amount as text", `{"status":"due","amountCents":"100"}`, bridge.CodeSourceSilent},
		{"amount with an exponent", `{"status":"due","amountCents":1e3}`, bridge.CodeSourceSilent},
		{"date of another form", `{"status":"due","amountCents":100,"dueDate":"31/12/2026"}`, bridge.CodeSourceSilent},
		{"no JSON", `<html>RSSMRA80A01H501U</html>`, bridge.CodeSourceSilent},
		{"a list", `[{"status":"due","amountCents":100}]`, bridge.CodeSourceSilent},
		{"empty", ``, bridge.CodeSourceSilent},
		{"two documents", `{"status":"due","amountCents":100}{"status":"due","amountCents":200}`, bridge.CodeSourceSilent},
		{"64 KiB and one", `{"status":"due","amountCents":100,"x":"` + strings.Repeat("x", 64<<10) + `"}`, bridge.CodeSourceSilent},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			app := application(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, v.answer) })
			_, err := ask(t, allowed(app.URL))
			if bridge.CodeOf(err) != v.code {
				t.Errorf("got %v, want %q", err, v.code)
			}
			quiet(t, err)
		})
	}
}

// quiet checks that a refusal repeats neither question nor answer.
func quiet(t *testing.T, err error) {
	t.Helper()
	for _, value := range []string{"AB123CD", "RSSMRA", "http://"} {
		if err != nil && strings.Contains(err.Error(), value) {
			t.Errorf("the refusal repeats data: %v", err)
		}
	}
}

func TestCallback_StatusesAndRedirects(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	target := application(t, func(w http.ResponseWriter, _ *http.Request) {
		reached.Store(true)
		fmt.Fprint(w, `{"status":"due","amountCents":100}`)
	})
	for _, status := range []int{201, 204, 301, 302, 307, 308, 400, 401, 404, 500, 503} {
		app := application(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", target.URL)
			w.WriteHeader(status)
		})
		_, err := ask(t, allowed(app.URL))
		if bridge.CodeOf(err) != bridge.CodeSourceSilent || !strings.Contains(err.Error(), fmt.Sprint(status)) {
			t.Errorf("HTTP %d: %v", status, err)
		}
		quiet(t, err)
	}
	if reached.Load() {
		t.Error("a redirect was followed")
	}
}

// The application never answers; the callback's own budget ends the wait.
func TestCallback_Timeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	app := application(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})
	t.Cleanup(func() { close(release) })
	_, err := ask(t, allowed(app.URL))
	if bridge.CodeOf(err) != bridge.CodeSourceSilent || !strings.Contains(err.Error(), "in time") {
		t.Errorf("got %v", err)
	}
}

func TestCallback_NobodyListens(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.NotFoundHandler())
	url := app.URL
	app.Close()
	_, err := ask(t, allowed(url))
	if bridge.CodeOf(err) != bridge.CodeSourceSilent {
		t.Errorf("got %v", err)
	}
	quiet(t, err)
}

func TestCallback_Certificates(t *testing.T) {
	t.Parallel()
	app := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"due","amountCents":100}`)
	}))
	t.Cleanup(app.Close)
	if _, err := ask(t, allowed(app.URL)); bridge.CodeOf(err) != bridge.CodeSourceSilent || !strings.Contains(err.Error(), "trusted") {
		t.Errorf("an unknown authority: %v", err)
	}
	dir := t.TempDir()
	write(t, dir, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: app.Certificate().Raw})))
	spec := allowed(app.URL)
	spec.CAFile = filepath.Join(dir, "ca.pem")
	if claim, err := ask(t, spec); err != nil || claim.Amount != 100 {
		t.Errorf("its own authority: %+v, %v", claim, err)
	}
}

// An application that hangs holds 32 calls and no more: the others are refused at
// once, so that the server's places stay free for verify.
func TestCallback_RefusesTheThirtyThird(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 32), make(chan struct{})
	app := application(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		fmt.Fprint(w, `{"status":"due","amountCents":100}`)
	})
	spec := allowed(app.URL)
	s := offer(t, catalog(t, ""), enrolment("tassa_auto", &service.AmountSpec{Callback: &spec}))
	form := read(t, s, samples["tassa_auto"])
	answers := make(chan error, 32)
	for range 32 {
		go func() {
			_, err := s.Claim(t.Context(), form)
			answers <- err
		}()
	}
	for range 32 {
		<-arrived
	}
	_, err := s.Claim(t.Context(), form)
	if bridge.CodeOf(err) != bridge.CodeSourceSilent || !strings.Contains(err.Error(), "too many") {
		t.Errorf("the thirty-third: %v", err)
	}
	close(release)
	for range 32 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Claim(t.Context(), form); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
