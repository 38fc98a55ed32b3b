package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"nodobridge/bridge"
)

const (
	paramWebhook = "webhook"
	ownWebhooks  = ownPath + "/webhooks"
	ownWebhook   = ownWebhooks + "/:" + paramWebhook
	maxResend    = 1000
)

var webhookForm = &numberForm{paramWebhook, regexp.MustCompile(`^[0-9a-f]{12}$`), "must be the id of a webhook"}

// webhookOperations are those of webhooks.
func webhookOperations() []operation {
	return []operation{
		{method: http.MethodPost, path: ownWebhooks, name: "createWebhook", body: true, handle: (*Server).createWebhook},
		{method: http.MethodGet, path: ownWebhooks, name: "listWebhooks", handle: (*Server).listWebhooks},
		{method: http.MethodDelete, path: ownWebhook, number: webhookForm, name: "deleteWebhook", handle: (*Server).deleteWebhook},
		{method: http.MethodGet, path: ownWebhook + "/failures", number: webhookForm, name: "listFailures", handle: (*Server).listFailures},
		{method: http.MethodPost, path: ownWebhook + "/resend", number: webhookForm, name: "resendEvents", body: true, handle: (*Server).resendEvents},
	}
}

// webhookView is a webhook. Secret is told once, when it is made.
type webhookView struct {
	ID          string             `json:"id"`
	URL         string             `json:"url"`
	Types       []bridge.EventType `json:"types"`
	Secret      string             `json:"secret,omitempty"`
	CreatedAt   instant            `json:"createdAt"`
	Cursor      int64              `json:"cursor"` // the last event that needs no delivery any more
	DeliveredAt *instant           `json:"deliveredAt"`
	Attempts    int                `json:"attempts"` // that failed for the next event
	NextTryAt   *instant           `json:"nextTryAt"`
	LastStatus  int                `json:"lastStatus,omitempty"`
	LastFailure string             `json:"lastFailure,omitempty"`
}

func webhookViewOf(w *bridge.Webhook) webhookView {
	v := webhookView{
		ID: w.ID, URL: w.URL, Types: w.Types, CreatedAt: instant(w.CreatedAt), Cursor: w.Cursor, DeliveredAt: instantOf(w.DeliveredAt),
		Attempts: w.Attempts, LastStatus: w.LastStatus, LastFailure: w.LastFailure,
	}
	if w.Attempts > 0 {
		v.NextTryAt = instantOf(w.NextTryAt)
	}
	return v
}

// webhookOrder is the body of createWebhook.
type webhookOrder struct {
	URL   *string
	Types []string
}

func (m *webhookOrder) member(r *reader, name string) error {
	switch name {
	case "url":
		return set(r, &m.URL, (*reader).text)
	case "types":
		return r.array(func() error {
			text, err := r.text()
			m.Types = append(m.Types, text)
			return err
		})
	}
	return r.wrong("is no member of a webhook")
}

func (s *Server) createWebhook(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	var m webhookOrder
	err := decodeKnown(c.body, func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	if err != nil {
		return reply{}, err
	}
	order := bridge.Webhook{EC: c.ec, URL: value(m.URL)}
	if len(order.URL) == 0 || len(order.URL) > 2048 {
		return reply{}, invalid(bridge.FieldError{Field: "url", Rule: "must be an address of at most 2048 characters"})
	}
	if s.checkURL == nil {
		return reply{}, errors.New("no judge of addresses is plugged in")
	}
	if err := s.checkURL(ctx, order.URL); err != nil {
		return reply{}, invalid(bridge.FieldError{Field: "url", Rule: err.Error()})
	}
	if order.Types, err = c.readableTypes(m.Types); err != nil {
		return reply{}, err
	}
	w, err := s.service.CreateWebhook(ctx, c.by, order)
	if err != nil {
		return reply{}, err
	}
	v := webhookViewOf(w)
	v.Secret = w.Secret
	return reply{status: http.StatusCreated, body: v}, nil
}

// readableTypes are the types asked for, all of them when none is. A key makes no webhook
// that is told what the key may not read.
func (c *call) readableTypes(names []string) ([]bridge.EventType, error) {
	var types []bridge.EventType
	for _, name := range names {
		t := bridge.EventType(name)
		switch {
		case !slices.Contains(bridge.EventTypes(), t):
			return nil, invalid(bridge.FieldError{Field: "types", Rule: fmt.Sprintf("must be types of events: %v", bridge.EventTypes())})
		case !c.mayReadEvent(t):
			return nil, &bridge.Error{Code: bridge.CodeKeyForbidden}
		case !slices.Contains(types, t):
			types = append(types, t)
		}
	}
	if len(names) == 0 {
		types = slices.DeleteFunc(bridge.EventTypes(), func(t bridge.EventType) bool { return !c.mayReadEvent(t) })
	}
	if len(types) == 0 {
		return nil, &bridge.Error{Code: bridge.CodeKeyForbidden}
	}
	return types, nil
}

// mayReadEvent says whether the key's scopes cover a type of event.
func (c *call) mayReadEvent(t bridge.EventType) bool {
	if strings.HasPrefix(string(t), "receipt.") || strings.HasPrefix(string(t), "payment.") {
		return c.by.May(bridge.ReceiptsRead)
	}
	return c.by.May(bridge.PositionsRead)
}

type webhooksList struct {
	Webhooks []webhookView `json:"webhooks"`
}

func (s *Server) listWebhooks(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	list, err := s.service.Webhooks(ctx, c.by, c.ec)
	if err != nil {
		return reply{}, err
	}
	out := webhooksList{Webhooks: []webhookView{}}
	for i := range list {
		out.Webhooks = append(out.Webhooks, webhookViewOf(&list[i]))
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func (s *Server) deleteWebhook(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, s.service.DeleteWebhook(ctx, c.by, c.ec, c.given)
}

// failureView is an event that was not delivered in seventy-two hours.
type failureView struct {
	Event    int64   `json:"eventId"`
	FailedAt instant `json:"failedAt"`
	Status   int     `json:"status,omitempty"`
	Reason   string  `json:"reason"`
}

type failuresPage struct {
	Failures []failureView `json:"failures"`
	Next     int64         `json:"next"`
	More     bool          `json:"more"`
}

func (s *Server) listFailures(ctx context.Context, c *call) (reply, error) {
	if err := c.only("after", "limit"); err != nil {
		return reply{}, err
	}
	after, err := c.cursor()
	if err != nil {
		return reply{}, err
	}
	limit, err := c.ownLimit()
	if err != nil {
		return reply{}, err
	}
	list, err := s.service.DeadLetters(ctx, c.by, c.ec, bridge.LetterQuery{Webhook: c.given, After: after, Limit: limit + 1})
	if err != nil {
		return reply{}, err
	}
	out := failuresPage{Failures: []failureView{}, Next: after, More: len(list) > limit}
	for _, l := range list[:min(len(list), limit)] {
		out.Failures = append(out.Failures, failureView{l.Event, instant(l.At), l.Status, l.Failure})
		out.Next = l.Event
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// resendEvents delivers events again: those named in events, or all that failed.
func (s *Server) resendEvents(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	var events []int64
	err := decodeKnown(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			if name != "events" {
				return r.wrong("is no member; the only one is events")
			}
			return r.array(func() error {
				n, err := r.integer()
				events = append(events, n)
				return err
			})
		})
	})
	if err == nil && len(events) > maxResend {
		err = invalid(bridge.FieldError{Field: "events", Rule: fmt.Sprintf("must be at most %d", maxResend)})
	}
	if err != nil {
		return reply{}, err
	}
	n, err := s.service.Resend(ctx, c.by, c.ec, c.given, events)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusAccepted, body: resent{n}}, nil
}

type resent struct {
	Events int `json:"events"` // how many will be delivered again
}

// EventJSON writes an event as the feed does, for webhooks.
func EventJSON(e *bridge.FeedEvent) ([]byte, error) { return encode(eventViewOf(e)) }
