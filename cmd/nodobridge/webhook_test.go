package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

// subscriber is an application of the EC's that is told of events.
type subscriber struct {
	mu     sync.Mutex
	bodies []string
	signed []string
	refuse bool
	heard  chan struct{}
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
	} else {
		s.bodies = append(s.bodies, string(body))
		s.signed = append(s.signed, r.Header.Get("Nodobridge-Signature"))
	}
	select {
	case s.heard <- struct{}{}:
	default:
	}
}

// The application is told of a payment: signed, after the station was killed, and after
// it refused once; nobody is told at a private address that is not allowed.
func TestWebhook_TellsOfPayments(t *testing.T) {
	t.Parallel()
	app := &subscriber{heard: make(chan struct{}, 100), refuse: true}
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	h := binarytest.New(t, binarytest.SampleConfig+"\noutbound: {allow_private: [127.0.0.1]}\n")
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	const path = "/bridge/v1/organizations/" + binarytest.EC + "/webhooks"
	if status, body := p.Call("POST", path, key, `{"url":"https://169.254.169.254/latest"}`); status != 400 || !strings.Contains(body, "allow_private") {
		t.Errorf("the metadata address: %d %s", status, body)
	}
	status, body := p.Call("POST", path, key, `{"url":"`+server.URL+`/hook","types":["receipt.received","position.created"]}`)
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	p.Upload(key, binarytest.Position(1, 1050))
	<-app.heard // and refused
	p.Kill()
	app.mu.Lock()
	app.refuse = false
	app.mu.Unlock()
	p = h.Serve()
	_, err := p.Node().Pay(t.Context(), nodesim.PayRequest{EC: binarytest.EC, NoticeNumber: string(binarytest.NAV(1)), Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for {
		app.mu.Lock()
		got := strings.Join(app.bodies, "")
		app.mu.Unlock()
		if strings.Contains(got, "receipt.received") {
			break
		}
		<-app.heard
	}
	p.Stop()
	if !strings.Contains(app.bodies[0], `"type":"position.created"`) || !strings.Contains(app.bodies[0], `"iupd":"P-1"`) {
		t.Errorf("the first event: %s", app.bodies[0])
	}
	last := len(app.bodies) - 1
	if !strings.Contains(app.bodies[last], `"amount":1050`) || !strings.Contains(app.bodies[last], `"positionStatus":"PAID"`) {
		t.Errorf("the last event: %s", app.bodies[last])
	}
	for i, body := range app.bodies {
		at, signature, _ := strings.Cut(strings.TrimPrefix(app.signed[i], "t="), ",v1=")
		mac := hmac.New(sha256.New, []byte(made.Secret))
		mac.Write([]byte(at + "." + body))
		if signature != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("the signature %s is not of %s", app.signed[i], body)
		}
	}
}
