package bridge

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Webhook is an address that is told of an EC's events as they happen: a place in the
// event feed that the station moves, one call an event, in order, at least once.
type Webhook struct {
	ID           string // 12 hex digits
	EC           ECCode
	URL          string
	Types        []EventType
	Segregations []string // it is told what lies wholly within; none means everything
	Secret       string   // its calls are signed with it
	KeyID        string   // who made it
	CreatedAt    time.Time

	Cursor      int64     // the last event that needs no delivery any more
	Attempts    int       // that failed for the next one
	NextTryAt   time.Time // not before
	LastStatus  int       // HTTP; 0 when there was no answer
	LastFailure string    // why the last call failed; "" when it did not
	DeliveredAt time.Time // when the last one was
}

// Letter is an event that a webhook was not delivered (a dead letter), or that it is to
// be delivered again.
type Letter struct {
	Event   int64
	Again   bool
	At      time.Time
	Status  int
	Failure string
}

// LetterQuery asks for a webhook's letters in the order of their events.
type LetterQuery struct {
	Webhook string
	Again   bool // those to be delivered again, else the dead ones
	After   int64
	Limit   int
}

// Bounds of webhooks (reliability-security.md §1: Stripe's 72 hours; §6: 90 days).
const (
	maxWebhooks     = 10 // of an EC
	webhookPatience = 72 * time.Hour
	lettersKept     = 90 * 24 * time.Hour
	firstRetry      = 5 * time.Second
	longestRetry    = 15 * time.Minute
)

// webhookSecret begins a webhook's secret, so that a scanner knows a leaked one.
const webhookSecret = "nbwh_"

// CreateWebhook makes one that is told what happens from now on. The address has been
// judged; types and codes are what the caller may read.
func (s *Service) CreateWebhook(ctx context.Context, by Principal, order Webhook) (*Webhook, error) {
	if !by.MayActFor(order.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	w := order
	id, secret := make([]byte, 6), make([]byte, 32)
	_, _ = rand.Read(id)     // never fails (crypto/rand)
	_, _ = rand.Read(secret) // the same
	w.ID, w.Secret = hex.EncodeToString(id), webhookSecret+base64.RawURLEncoding.EncodeToString(secret)
	w.CreatedAt = s.now()
	w.NextTryAt, w.KeyID, w.Segregations = w.CreatedAt, by.KeyID, by.Segregations
	err := s.store.Update(ctx, func(tx Tx) error {
		others, err := tx.Webhooks(ctx, w.EC)
		if err != nil {
			return err
		}
		if len(others) >= maxWebhooks {
			return refuse(CodeTooManyWebhooks, "organization %s has %d webhooks, more are not allowed", w.EC, maxWebhooks)
		}
		if err := tx.InsertWebhook(ctx, &w); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: w.CreatedAt, Actor: by.actor(), Action: "webhook.create", EC: string(w.EC), Object: w.ID})
	})
	return &w, unavailable("store the webhook", err)
}

// Webhooks lists those of an EC that tell no more than the caller may read.
func (s *Service) Webhooks(ctx context.Context, by Principal, ec ECCode) ([]Webhook, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	var list []Webhook
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		list, err = tx.Webhooks(ctx, ec)
		return err
	})
	list = slices.DeleteFunc(list, func(w Webhook) bool { return !within(by.Segregations, w.Segregations) })
	return list, unavailable("list the webhooks", err)
}

// webhookOf finds one of the EC's within a transaction.
func webhookOf(ctx context.Context, tx ReadTx, by Principal, ec ECCode, id string) (*Webhook, error) {
	w, err := tx.Webhook(ctx, id)
	if isGone(err) || err == nil && (w.EC != ec || !within(by.Segregations, w.Segregations)) {
		return nil, refuse(CodeWebhookUnknown, "organization %s has no webhook %s", ec, id)
	}
	return w, err
}

// DeleteWebhook ends one; its letters go with it.
func (s *Service) DeleteWebhook(ctx context.Context, by Principal, ec ECCode, id string) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if _, err := webhookOf(ctx, tx, by, ec, id); err != nil {
			return err
		}
		if err := tx.DeleteWebhook(ctx, id); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "webhook.delete", EC: string(ec), Object: id})
	})
	return unavailable("delete the webhook", err)
}

// DeadLetters lists the events that a webhook was not delivered.
func (s *Service) DeadLetters(ctx context.Context, by Principal, ec ECCode, q LetterQuery) ([]Letter, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	q.Again = false
	var list []Letter
	err := s.store.View(ctx, func(tx ReadTx) error {
		if _, err := webhookOf(ctx, tx, by, ec, q.Webhook); err != nil {
			return err
		}
		found, err := tx.Letters(ctx, q)
		list = found
		return err
	})
	return list, unavailable("list the dead letters", err)
}

// Resend has events delivered again: those named, whether or not they were delivered, or
// all dead letters when none is. It says how many.
func (s *Service) Resend(ctx context.Context, by Principal, ec ECCode, id string, events []int64) (int, error) {
	if !by.MayActFor(ec) {
		return 0, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	count := 0
	err := s.store.Update(ctx, func(tx Tx) error {
		w, err := webhookOf(ctx, tx, by, ec, id)
		if err != nil {
			return err
		}
		for _, event := range events {
			if _, err := w.event(ctx, tx, event); err != nil {
				return err
			}
		}
		count, err = tx.MarkAgain(ctx, id, events, now)
		if err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "webhook.resend", EC: string(ec), Object: id, Detail: fmt.Sprint(count)})
	})
	return count, unavailable("resend the events", err)
}

// event reads one that the webhook is told of.
func (w *Webhook) event(ctx context.Context, tx ReadTx, id int64) (*FeedEvent, error) {
	page, err := eventsIn(ctx, tx, w.Segregations, EventQuery{EC: w.EC, After: id - 1, Types: w.Types, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Events) == 0 || page.Events[0].ID != id {
		return nil, refuse(CodeEventUnknown, "webhook %s is told of no event %d", w.ID, id)
	}
	return &page.Events[0], nil
}

// backoff is how long to wait after so many failures.
func backoff(attempts int) time.Duration {
	wait := firstRetry << min(attempts-1, 10)
	return min(wait, longestRetry)
}

// DueWebhooks are those that may be called now.
func (s *Service) DueWebhooks(ctx context.Context) ([]Webhook, error) {
	now := s.now()
	var list []Webhook
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		list, err = tx.DueWebhooks(ctx, now)
		return err
	})
	return list, unavailable("find the due webhooks", err)
}

// Dispatch is one event for one webhook.
type Dispatch struct {
	Webhook Webhook
	Event   FeedEvent
	Again   bool // asked for again, out of its order
}

// NextDispatches are the events that a webhook is to be told next, at most limit: first
// those asked for again. Events that it is not told of are passed over for good.
func (s *Service) NextDispatches(ctx context.Context, id string, limit int) ([]Dispatch, error) {
	var list []Dispatch
	var skip int64
	err := s.store.View(ctx, func(tx ReadTx) error {
		w, err := tx.Webhook(ctx, id)
		if isGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		letters, err := tx.Letters(ctx, LetterQuery{Webhook: id, Again: true, Limit: limit})
		if err != nil {
			return err
		}
		for _, letter := range letters {
			e, err := w.event(ctx, tx, letter.Event)
			if CodeOf(err) == CodeEventUnknown {
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, Dispatch{*w, *e, true})
		}
		if len(list) > 0 {
			return nil
		}
		page, err := eventsIn(ctx, tx, w.Segregations, EventQuery{EC: w.EC, After: w.Cursor, Types: w.Types, Limit: limit})
		for _, e := range page.Events {
			list = append(list, Dispatch{*w, e, false})
		}
		if err != nil || len(list) > 0 {
			return err
		}
		skip = page.Next
		if !page.More {
			skip, err = tx.JournalEnd(ctx)
		}
		if skip-w.Cursor < worthSkipping {
			skip = 0
		}
		return err
	})
	if err == nil && skip > 0 {
		err = s.store.Update(ctx, func(tx Tx) error { return tx.SkipTo(ctx, id, skip) })
	}
	return list, unavailable("find what to deliver", err)
}

// worthSkipping is how many records that do not concern a webhook it passes over in one
// write, so as not to read them again.
const worthSkipping = 1000

// Delivered is how a call to a webhook ended. Failure is "" when it went well.
type Delivered struct {
	Dispatch
	Status  int
	Failure string
}

// RecordDelivery moves the webhook on: past the event when it was delivered or is a dead
// letter by now, to a later attempt when not.
func (s *Service) RecordDelivery(ctx context.Context, d Delivered) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		w, err := tx.Webhook(ctx, d.Webhook.ID)
		if err != nil {
			return err
		}
		w.LastStatus, w.LastFailure = d.Status, d.Failure
		letter := Letter{Event: d.Event.ID, At: now, Status: d.Status, Failure: d.Failure}
		switch {
		case d.Failure == "":
			w.Attempts, w.NextTryAt, w.DeliveredAt = 0, now, now
			if err := tx.RemoveLetter(ctx, w.ID, d.Event.ID); err != nil {
				return err
			}
			w.pass(d)
		case d.Again:
			if err := tx.PutLetter(ctx, w.ID, letter); err != nil {
				return err
			}
		case now.Sub(later(d.Event.At, w.CreatedAt)) >= webhookPatience:
			if err := tx.PutLetter(ctx, w.ID, letter); err != nil {
				return err
			}
			w.NextTryAt = now
			w.pass(d)
		default:
			w.Attempts++
			w.NextTryAt = now.Add(backoff(w.Attempts))
		}
		return tx.UpdateWebhook(ctx, w)
	})
	if errors.Is(err, ErrNotFound) {
		return nil // deleted meanwhile
	}
	return unavailable("record the delivery", err)
}

// pass moves the cursor, unless the event was out of its order.
func (w *Webhook) pass(d Delivered) {
	if !d.Again && d.Event.ID > w.Cursor {
		w.Cursor = d.Event.ID
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ForgetLetters removes dead letters that nobody has asked for in ninety days.
func (s *Service) ForgetLetters(ctx context.Context) error {
	before := s.now().Add(-lettersKept)
	return unavailable("forget dead letters", s.store.Update(ctx, func(tx Tx) error { return tx.ForgetLetters(ctx, before) }))
}

// WebhookTroubles counts webhooks whose last call failed, and dead letters.
func (s *Service) WebhookTroubles(ctx context.Context) (failing, dead int, err error) {
	err = s.store.View(ctx, func(tx ReadTx) (err error) {
		failing, dead, err = tx.WebhookTroubles(ctx)
		return err
	})
	return failing, dead, unavailable("count the webhooks", err)
}
