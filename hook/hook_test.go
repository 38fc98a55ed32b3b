package hook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/hook"
	"nodobridge/internal/testkit"
	"nodobridge/outbound"
	"nodobridge/store"
)

// receiver answers calls as it is told and remembers them.
type receiver struct {
	mu     sync.Mutex
	status int
	got    []string
	header http.Header
	body   []byte
}

func (r *receiver) Post(_ context.Context, to string, header http.Header, body []byte) (*outbound.Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, header.Get(hook.HeaderEvent))
	r.header, r.body = header, body
	if r.status == 0 {
		return nil, errors.New("no connection, or it broke off")
	}
	return &outbound.Answer{Status: r.status}, nil
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) calls() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.got, " ")
}

// world is a service on a real store with one webhook of everything.
type world struct {
	*bridge.Service
	t        *testing.T
	clock    *testkit.Clock
	receiver *receiver
	webhook  *bridge.Webhook
	log      bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	if err := store.Init(dir); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	w := &world{t: t, clock: testkit.NewClock(), receiver: &receiver{status: 204}}
	w.Service = bridge.NewService(db, w.clock, testkit.Registry())
	w.create(1) // before there is a webhook: it is not told
	w.webhook, err = w.CreateWebhook(t.Context(), testkit.Principal(), bridge.Webhook{EC: testkit.EC, URL: "https://example.org/h", Types: bridge.EventTypes()})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) create(n int64) {
	w.t.Helper()
	if err := w.CreatePosition(w.t.Context(), testkit.Principal(), testkit.Single(n), true); err != nil {
		w.t.Fatal(err)
	}
}

// deliver runs a deliverer until nothing is left to be called now.
func (w *world) deliver() {
	w.t.Helper()
	d := hook.New(hook.Config{
		Service: w.Service, Poster: w.receiver, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Encode: func(e *bridge.FeedEvent) ([]byte, error) { return fmt.Appendf(nil, `{"id":%d}`, e.ID), nil },
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() { d.Run(ctx); close(ended) }()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if w.idle() {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatal("the deliveries do not come to rest")
		}
	}
	cancel()
	<-ended
}

// idle: no webhook is due that has something to be told.
func (w *world) idle() bool {
	w.t.Helper()
	due, err := w.DueWebhooks(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range due {
		list, err := w.NextDispatches(w.t.Context(), d.ID, 1)
		if err != nil || len(list) > 0 {
			return false
		}
	}
	return true
}

func (w *world) state() bridge.Webhook {
	w.t.Helper()
	list, err := w.Webhooks(w.t.Context(), testkit.Principal(), testkit.EC)
	if err != nil || len(list) != 1 {
		w.t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

func (w *world) dead() []bridge.Letter {
	w.t.Helper()
	letters, err := w.DeadLetters(w.t.Context(), testkit.Principal(), testkit.EC, bridge.LetterQuery{Webhook: w.webhook.ID, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return letters
}

// TestDeliver_InOrderAndSigned: what happens after the webhook was made is told once, in
// order, with a signature that the receiver can compute.
func TestDeliver_InOrderAndSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range int64(3) {
		w.create(10 + n)
	}
	first := w.webhook.Cursor + 2 // behind the journal's record of the webhook itself
	w.deliver()
	w.deliver()
	if got, want := w.receiver.calls(), fmt.Sprint(first, first+1, first+2); got != want {
		t.Errorf("called with %s, want %s", got, want)
	}
	mac := hmac.New(sha256.New, []byte(w.webhook.Secret))
	fmt.Fprintf(mac, "%d.%s", testkit.Noon.Unix(), w.receiver.body)
	want := fmt.Sprintf("t=%d,v1=%s", testkit.Noon.Unix(), hex.EncodeToString(mac.Sum(nil)))
	if got := w.receiver.header.Get(hook.HeaderSignature); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if s := w.state(); s.Cursor != first+2 || s.Attempts != 0 || s.LastStatus != 204 || s.LastFailure != "" || !s.DeliveredAt.Equal(testkit.Noon) {
		t.Errorf("%+v", s)
	}
	if strings.Contains(w.log.String(), "example.org") {
		t.Errorf("log: %s", w.log.String())
	}
}

// TestDeliver_RetriesThenDeadLetter: a failing receiver holds up what comes after, is
// called at growing distances, and after 72 hours the event is a dead letter that can be
// sent again.
func TestDeliver_RetriesThenDeadLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receiver.answer(0)
	w.create(10)
	w.create(11)
	first := w.webhook.Cursor + 2
	var waits []time.Duration
	for range 12 {
		w.deliver()
		s := w.state()
		waits = append(waits, s.NextTryAt.Sub(w.clock.Now()))
		if s.Cursor != w.webhook.Cursor || s.LastFailure != "no connection, or it broke off" {
			t.Fatalf("%+v", s)
		}
		w.clock.Set(s.NextTryAt)
	}
	if waits[0] != 5*time.Second || waits[1] != 10*time.Second || waits[11] != 15*time.Minute {
		t.Errorf("waits %v", waits)
	}
	if got := w.receiver.calls(); got != strings.TrimSpace(strings.Repeat(fmt.Sprint(first, " "), 12)) {
		t.Errorf("called with %s", got)
	}
	w.receiver.answer(500)
	w.clock.Set(testkit.Noon.Add(72 * time.Hour))
	w.deliver()
	letters := w.dead()
	if len(letters) != 2 || letters[0].Event != first || letters[0].Status != 500 || letters[0].Failure != "it answered HTTP 500" {
		t.Fatalf("dead letters %+v", letters)
	}
	failing, dead, err := w.WebhookTroubles(t.Context())
	if err != nil || failing != 1 || dead != 2 {
		t.Errorf("%d failing, %d dead, %v", failing, dead, err)
	}

	w.receiver.answer(200)
	w.create(12)
	if n, err := w.Resend(t.Context(), testkit.Principal(), testkit.EC, w.webhook.ID, nil); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	w.receiver.got = nil
	w.deliver()
	if got := w.receiver.calls(); !strings.HasPrefix(got, fmt.Sprint(first, first+1, " ")) || len(strings.Fields(got)) != 3 {
		t.Errorf("resent as %s", got)
	}
	if letters := w.dead(); len(letters) != 0 {
		t.Errorf("dead letters %+v", letters)
	}
	// One that was delivered can be asked for, too; one that is not told of cannot.
	if n, err := w.Resend(t.Context(), testkit.Principal(), testkit.EC, w.webhook.ID, []int64{first, first}); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := w.Resend(t.Context(), testkit.Principal(), testkit.EC, w.webhook.ID, []int64{w.webhook.Cursor + 1}); bridge.CodeOf(err) != bridge.CodeEventUnknown {
		t.Errorf("an unknown event: %v", err)
	}
	w.receiver.got = nil
	w.deliver()
	if got := w.receiver.calls(); got != fmt.Sprint(first) {
		t.Errorf("asked for again: %s", got)
	}
}

// TestDeliver_PassesOverWhatDoesNotConcernIt: a long journal of other things is read once.
func TestDeliver_PassesOverWhatDoesNotConcernIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.DeleteWebhook(t.Context(), testkit.Principal(), testkit.EC, w.webhook.ID); err != nil {
		t.Fatal(err)
	}
	made, err := w.CreateWebhook(t.Context(), testkit.Principal(), bridge.Webhook{EC: testkit.EC, URL: "https://example.org/h", Types: []bridge.EventType{bridge.ReceiptReceived}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(1001) {
		w.create(100 + n)
	}
	w.deliver()
	if s := w.state(); s.Cursor < made.Cursor+1000 || w.receiver.calls() != "" {
		t.Errorf("cursor %d of %d, called %q", s.Cursor, made.Cursor, w.receiver.calls())
	}
}
