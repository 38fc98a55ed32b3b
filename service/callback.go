package service

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"nodobridge/bridge"
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
// (soap-node.md §2.7); an answer is a few hundred bytes.
const (
	callbackBudget  = 2 * time.Second
	callbackAnswer  = 64 << 10
	callbackHeaders = 16 << 10
	// callbackCalls are questions at once; the next is refused instead of waiting. A
	// demand holds one of the server's places, which verify and getPayment share: an
	// application that hangs must not take them all.
	callbackCalls = 32
)

func (c *CallbackSpec) parse() (*url.URL, bool, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return nil, false, errors.New("callback.url: must be an https address")
	case u.User != nil || u.Fragment != "":
		return nil, false, errors.New("callback.url: user, password and fragment are not accepted; use token_file")
	}
	allowed := slices.ContainsFunc(c.AllowPrivate, func(host string) bool { return strings.EqualFold(host, u.Hostname()) })
	if u.Scheme != "https" && (u.Scheme != "http" || !allowed) {
		return nil, false, errors.New("callback.url: must begin with https://, or with http:// if its host is in allow_private")
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil && !allowed && !isPublic(address) {
		return nil, false, errors.New("callback.url: " + errAddress.Error())
	}
	return u, allowed, nil
}

func (c *CallbackSpec) validate() error {
	_, _, err := c.parse()
	return err
}

// callback asks over HTTP.
type callback struct {
	url    string
	token  string
	client *http.Client
	places chan struct{} // one for every question under way
}

func newCallback(c CallbackSpec) (*callback, error) {
	u, allowed, err := c.parse()
	if err != nil {
		return nil, err
	}
	out := &callback{url: u.String(), places: make(chan struct{}, callbackCalls)}
	if c.TokenFile != "" {
		text, err := os.ReadFile(c.TokenFile)
		out.token = strings.TrimSpace(string(text))
		if err != nil || out.token == "" {
			return nil, errors.New("callback.token_file: cannot be read or is empty")
		}
	}
	secured := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		text, err := os.ReadFile(c.CAFile)
		secured.RootCAs = x509.NewCertPool()
		if err != nil || !secured.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New("callback.ca_file: cannot be read or holds no certificate")
		}
	}
	dialer := &net.Dialer{Timeout: callbackBudget}
	if !allowed {
		dialer.Control = refusePrivate
	}
	out.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			// No Proxy: one from the environment would dial in the dialer's place.
			DialContext: dialer.DialContext, TLSClientConfig: secured, DisableCompression: true,
			MaxResponseHeaderBytes: callbackHeaders, MaxConnsPerHost: callbackCalls, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		},
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
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return quote{}, silent(errors.New("the address is wrong"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "nodobridge")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return quote{}, silent(reason(ctx, err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return quote{}, silent(fmt.Errorf("it answered HTTP %d", res.StatusCode))
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, callbackAnswer+1))
	if err != nil {
		return quote{}, silent(reason(ctx, err))
	}
	if len(text) > callbackAnswer {
		return quote{}, silent(fmt.Errorf("its answer is longer than %d bytes", callbackAnswer))
	}
	return parseReply(text)
}

// reason names the kind of failure: the library's text may repeat what came over
// the wire.
func reason(ctx context.Context, err error) error {
	var certificate *tls.CertificateVerificationError
	switch {
	case ctx.Err() != nil:
		return errors.New("no answer in time")
	case errors.Is(err, errAddress):
		return errAddress
	case errors.As(err, &certificate):
		return errors.New("its certificate is not trusted")
	default:
		return errors.New("no connection, or it broke off")
	}
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
