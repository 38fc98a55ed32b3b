package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"nodobridge/bridge"
)

// A client that does not know whether its request has arrived sends it again under the
// same Idempotency-Key, and gets the same answer without a second effect
// (reliability-security.md §9 row 51). Only our own POSTs know the header: GPD's clients
// have none, and there the IUPD is what makes a position unique.
const (
	headerIdempotency = "Idempotency-Key"
	headerHit         = "Idempotency-Hit"
)

var idempotencyForm = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)

// inFlight are the requests under way, by their names. One process serves a store, so
// they need not be in it; what a crash interrupts has no answer and runs again.
type inFlight struct {
	mu    sync.Mutex
	names map[bridge.AnswerKey]bool
}

func (f *inFlight) begin(key bridge.AnswerKey) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[key] {
		return false
	}
	if f.names == nil {
		f.names = map[bridge.AnswerKey]bool{}
	}
	f.names[key] = true
	return true
}

func (f *inFlight) end(key bridge.AnswerKey) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.names, key)
}

// once carries a call out, unless it has been under its name.
func (s *Server) once(ctx context.Context, c *call) (reply, error) {
	values := c.request.Header.Values(headerIdempotency)
	if len(values) == 0 || !takesIdempotencyKey(c.op) {
		return c.op.handle(s, ctx, c)
	}
	if len(values) > 1 || !idempotencyForm.MatchString(values[0]) {
		return reply{}, c.constraint(headerIdempotency, "must be one text of 1 to 255 visible ASCII characters")
	}
	key := bridge.AnswerKey{KeyID: c.by.KeyID, EC: c.ec, Name: values[0]}
	if !s.inFlight.begin(key) {
		return reply{}, &bridge.Error{Code: codeInFlight}
	}
	defer s.inFlight.end(key)
	hash := c.hash()
	kept, err := s.service.KeptAnswer(ctx, key)
	if err != nil {
		return reply{}, err
	}
	if kept != nil {
		return again(kept, hash)
	}
	answer, err := c.op.handle(s, ctx, c)
	exchangeOf(c.request).code = bridge.CodeOf(err)
	answer, err = settled(answer, err)
	if err != nil {
		return reply{}, err
	}
	record := bridge.KeptAnswer{AnswerKey: key, RequestHash: hash, Status: answer.status, Header: map[string]string{}, Body: answer.raw}
	for name := range answer.header {
		record.Header[name] = answer.header.Get(name)
	}
	// What was done is done: a caller who has gone will ask for this answer.
	return answer, s.service.KeepAnswer(context.WithoutCancel(ctx), record)
}

// takesIdempotencyKey says which operations know the header.
func takesIdempotencyKey(op *operation) bool {
	return op.method == http.MethodPost && strings.HasPrefix(op.path, prefixOwn) && !op.upload
}

// hash is everything that makes the request what it is.
func (c *call) hash() [sha256.Size]byte {
	h := sha256.New()
	for _, part := range []string{c.request.Method, c.request.URL.EscapedPath(), c.query.Encode(), c.request.Header.Get("If-Match")} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(c.body)
	return [sha256.Size]byte(h.Sum(nil))
}

func again(kept *bridge.KeptAnswer, hash [sha256.Size]byte) (reply, error) {
	if kept.RequestHash != hash {
		return reply{}, &bridge.Error{Code: codeOtherRequest}
	}
	answer := reply{status: kept.Status, raw: kept.Body, header: http.Header{headerHit: {"true"}}}
	for name, value := range kept.Header {
		answer.header.Set(name, value)
	}
	return answer, nil
}

// settled makes a written answer of what a call came to, a refusal included. A failure of
// ours stays an error: it may turn out otherwise the next time.
func settled(answer reply, err error) (reply, error) {
	if err != nil {
		var refusal *bridge.Error
		found, known := verdicts[bridge.CodeOf(err)]
		if !errors.As(err, &refusal) || !known || found.status >= http.StatusInternalServerError || found.message != "" || found.title == "" {
			return reply{}, err
		}
		answer = reply{status: found.status, body: problem{Title: found.title, Status: found.status, Detail: orElse(refusal.Detail, found.title)}}
	}
	if answer.raw == nil && answer.body != nil {
		answer.raw, err = encode(answer.body)
		if err != nil {
			return reply{}, err
		}
	}
	return answer, nil
}
