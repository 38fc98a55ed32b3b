// Package hook posts the events of creditor institutions to their webhooks: one call an
// event, in order, at least once, signed, retried for seventy-two hours
// (reliability-security.md §1, §3.3 "Outbound"). What is to be told stands in the
// journal, so nothing is lost when the station or the receiver stops.
package hook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"nodobridge/bridge"
	"nodobridge/outbound"
)

// Headers of a call.
const (
	HeaderSignature = "Nodobridge-Signature" // t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "<t>.<body>">
	HeaderEvent     = "Nodobridge-Event-Id"  // the same when it is delivered again
	HeaderWebhook   = "Nodobridge-Webhook-Id"
)

const (
	lookEvery  = time.Second
	callBudget = 10 * time.Second
	batch      = 100 // calls before other webhooks get their turn
	atOnce     = 8   // webhooks that are called at a time
)

// Poster makes a call.
type Poster interface {
	Post(ctx context.Context, to string, header http.Header, body []byte) (*outbound.Answer, error)
}

// Config is what a deliverer needs, all of it.
type Config struct {
	Service *bridge.Service
	Poster  Poster
	// Encode writes an event as the feed does.
	Encode func(*bridge.FeedEvent) ([]byte, error)
	Log    *slog.Logger
}

// Deliverer calls webhooks.
type Deliverer struct {
	Config
	calls  sync.WaitGroup
	places chan struct{}

	mu   sync.Mutex
	busy map[string]bool // webhooks that are being called
}

// New makes a deliverer; Run delivers.
func New(config Config) *Deliverer {
	return &Deliverer{Config: config, places: make(chan struct{}, atOnce), busy: map[string]bool{}}
}

// Run delivers until the context ends, and waits for the calls under way.
func (d *Deliverer) Run(ctx context.Context) {
	defer d.calls.Wait()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		d.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look begins the turns of the webhooks that are due and at rest.
func (d *Deliverer) look(ctx context.Context) {
	due, err := d.Service.DueWebhooks(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.Log.Error("cannot find due webhooks", "reason", err.Error())
		}
		return
	}
	for _, w := range due {
		if !d.take(w.ID) {
			continue
		}
		d.calls.Go(func() {
			defer d.leave(w.ID)
			select {
			case d.places <- struct{}{}:
				defer func() { <-d.places }()
			case <-ctx.Done():
				return
			}
			if err := d.turn(ctx, w.ID); err != nil && ctx.Err() == nil {
				d.Log.Error("cannot deliver events", "webhook", w.ID, "reason", err.Error())
			}
		})
	}
}

func (d *Deliverer) take(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[id] {
		return false
	}
	d.busy[id] = true
	return true
}

func (d *Deliverer) leave(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, id)
}

// turn delivers what waits, up to a batch, and stops at the first failure: what comes
// after an event comes after it.
func (d *Deliverer) turn(ctx context.Context, id string) error {
	list, err := d.Service.NextDispatches(ctx, id, batch)
	if err != nil {
		return err
	}
	for i := range list {
		outcome, err := d.deliver(ctx, &list[i])
		if err != nil || ctx.Err() != nil {
			return err
		}
		if err := d.Service.RecordDelivery(ctx, outcome); err != nil {
			return err
		}
		if outcome.Failure != "" {
			d.Log.Warn("webhook not delivered", "webhook", id, "event", outcome.Event.ID, "status", outcome.Status, "reason", outcome.Failure)
			return nil
		}
	}
	return nil
}

func (d *Deliverer) deliver(ctx context.Context, one *bridge.Dispatch) (bridge.Delivered, error) {
	body, err := d.Encode(&one.Event)
	if err != nil {
		return bridge.Delivered{}, fmt.Errorf("cannot write event %d: %w", one.Event.ID, err)
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set(HeaderSignature, Sign(one.Webhook.Secret, d.Service.Now(), body))
	header.Set(HeaderEvent, strconv.FormatInt(one.Event.ID, 10))
	header.Set(HeaderWebhook, one.Webhook.ID)
	call, cancel := context.WithTimeout(ctx, callBudget)
	defer cancel()
	out := bridge.Delivered{Dispatch: *one}
	answer, err := d.Poster.Post(call, one.Webhook.URL, header, body)
	switch {
	case err != nil:
		out.Failure = err.Error()
	case answer.Status < 200 || answer.Status > 299:
		out.Status, out.Failure = answer.Status, fmt.Sprintf("it answered HTTP %d", answer.Status)
	default:
		out.Status = answer.Status
	}
	return out, nil
}

// Sign makes the signature of a body at an instant. A receiver computes it anew from the
// t that it names, compares in constant time, and refuses a t that is minutes away.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
