package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/outbound"
)

// CallbackSpec is an application of the creditor institution's that knows the
// amount.
type CallbackSpec struct {
	URL string `yaml:"url" mapstructure:"url"` // https; http only to a host in AllowPrivate
	// AllowPrivate lists host names or addresses of the url that may be private.
	AllowPrivate []string `yaml:"allow_private" mapstructure:"allow_private"`
	TokenFile    string   `yaml:"token_file" mapstructure:"token_file"` // sent as Authorization: Bearer
	CAFile       string   `yaml:"ca_file" mapstructure:"ca_file"`       // PEM; "" takes the system's
}

// The budget of a callback leaves the rest of the call's 6 s to the store
// (soap-node.md §2.7).
const (
	callbackBudget = 2 * time.Second
	// callbackCalls are questions at once; the next is refused instead of waiting. A
	// demand holds one of the server's places, which verify and getPayment share: an
	// application that hangs must not take them all.
	callbackCalls = 32
)

func (c *CallbackSpec) rules() outbound.Rules {
	return outbound.Rules{AllowPrivate: c.AllowPrivate, CAFile: c.CAFile}
}

func (c *CallbackSpec) validate() error {
	u, err := url.Parse(c.URL)
	if err == nil && u.User != nil {
		return errors.New("callback.url: user and password are not accepted; use token_file")
	}
	if _, err := c.rules().Parse(c.URL); err != nil {
		return fmt.Errorf("callback.url: %w", err)
	}
	return nil
}

// callback asks over HTTP.
type callback struct {
	url    string
	token  string
	client *outbound.Client
	places chan struct{} // one for every question under way
}

func newCallback(c CallbackSpec) (*callback, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	out := &callback{url: c.URL, places: make(chan struct{}, callbackCalls)}
	if c.TokenFile != "" {
		text, err := os.ReadFile(c.TokenFile)
		out.token = strings.TrimSpace(string(text))
		if err != nil || out.token == "" {
			return nil, errors.New("callback.token_file: cannot be read or is empty")
		}
	}
	var err error
	if out.client, err = outbound.NewClient(c.rules()); err != nil {
		return nil, fmt.Errorf("callback.%w", err)
	}
	return out, nil
}

// callbackRequest and callbackReply are the two documents (docs/services.md).
type callbackRequest struct {
	Service string            `json:"service"`
	EC      bridge.ECCode     `json:"ec"`
	Fields  map[string]string `json:"fields"`
}

type callbackReply struct {
	Status      string `json:"status"` // due, nothing_due, already_paid
	AmountCents *int64 `json:"amountCents"`
	Description string `json:"description"`
	DueDate     string `json:"dueDate"` // 2026-12-31
}

// silent is the one refusal for whatever goes wrong; why is for the log and holds
// nothing of request or reply.
func silent(why error) error {
	return &bridge.Error{Code: bridge.CodeSourceSilent, Detail: "la fonte dell'importo non risponde", Err: fmt.Errorf("cannot ask the callback: %w", why)}
}

func (c *callback) quote(ctx context.Context, q question) (quote, error) {
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	default:
		return quote{}, silent(errors.New("too many questions at once"))
	}
	ctx, cancel := context.WithTimeout(ctx, callbackBudget)
	defer cancel()
	body, err := json.Marshal(callbackRequest{q.service, q.ec, q.fields})
	if err != nil {
		return quote{}, silent(errors.New("the question cannot be written"))
	}
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.client.Post(ctx, c.url, header, body)
	if err != nil {
		return quote{}, silent(err)
	}
	if answer.Status != http.StatusOK {
		return quote{}, silent(fmt.Errorf("it answered HTTP %d", answer.Status))
	}
	return parseReply(answer.Body)
}

func parseReply(text []byte) (quote, error) {
	var reply callbackReply
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&reply); err != nil {
		return quote{}, silent(errors.New("its answer is not the JSON of docs/services.md"))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return quote{}, silent(errors.New("its answer goes on after the JSON"))
	}
	switch reply.Status {
	case "nothing_due":
		return quote{}, errNothingDue
	case "already_paid":
		return quote{}, errPaid
	case "due":
	default:
		return quote{}, silent(errors.New("its status is none of due, nothing_due and already_paid"))
	}
	if reply.AmountCents == nil || !payable(Cents(*reply.AmountCents)) {
		return quote{}, silent(fmt.Errorf("its amountCents is not 1 to %d", bridge.MaxAmount))
	}
	if _, err := time.Parse(time.DateOnly, reply.DueDate); reply.DueDate != "" && err != nil {
		return quote{}, silent(errors.New("its dueDate is no date such as 2026-12-31"))
	}
	return quote{bridge.Cents(*reply.AmountCents), reply.Description, bridge.Day(reply.DueDate)}, nil
}
