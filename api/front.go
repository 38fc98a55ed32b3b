package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"nodobridge/bridge"
	"nodobridge/door"
)

const headerRequestID = "X-Request-Id"

// exchange is what is noted of one request for its log record. The record has
// these keys and no other; none can hold a person's data: the path and the query
// are never logged, and of an error only the private cause (style.md 20).
type exchange struct {
	id    string
	route string        // the template, "" for an unknown route
	ec    bridge.ECCode // an institution, not a person
	key   string        // public part of the API key
	code  bridge.Code   // why it was refused
	cause error         // private cause of a failure
	stack []byte        // of a panic
}

type exchangeKey struct{}

// exchangeOf finds the request's notes. front has put them there.
func exchangeOf(r *http.Request) *exchange {
	x, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return &exchange{}
	}
	return x
}

// front stands before the router: every answer, a refusal of the router's and a
// panic's included, has a request id and one log record.
func (s *Server) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		x := &exchange{id: requestID(r.Header.Values(headerRequestID))}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		out := &statusWriter{ResponseWriter: w}
		out.Header().Set(headerRequestID, x.id)
		out.Header().Set("Cache-Control", "no-store")
		forBrowsers(out.Header())

		defer s.record(out, r, x, began)
		defer s.recovered(out, r, x)
		if err := door.CrossSite(r); err != nil {
			s.refuse(out, r, &operation{}, &bridge.Error{Code: codeCrossSite, Err: err})
			return
		}
		next.ServeHTTP(out, r)
	})
}

// forBrowsers is what a browser must know of every answer: not to guess its type, run
// nothing in it, show it in no frame and tell no other site of it. No answer sets a
// cookie or allows another origin, so a page has no rights but those of a key that its
// user types (reliability-security.md §9 row 56).
func forBrowsers(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// recovered answers a panic. Its value is not logged unless the runtime made it:
// it could hold request data.
func (s *Server) recovered(out *statusWriter, r *http.Request, x *exchange) {
	value := recover()
	if value == nil {
		return
	}
	cause, ok := value.(interface{ RuntimeError() })
	if ok {
		x.cause = fmt.Errorf("panic: %v", cause)
	} else {
		x.cause = fmt.Errorf("panic with a %T", value)
	}
	x.stack = debug.Stack()
	if out.status == 0 {
		s.refuse(out, r, &operation{path: x.route}, x.cause)
	}
}

func (s *Server) record(out *statusWriter, r *http.Request, x *exchange, began time.Time) {
	level := slog.LevelInfo
	if out.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	took := time.Since(began)
	if s.observe != nil {
		s.observe(out.status, took)
	}
	attrs := []slog.Attr{
		slog.String("request_id", x.id),
		slog.String("method", knownMethod(r.Method)),
		slog.String("route", x.route),
		slog.String("ec", string(x.ec)),
		slog.String("key", x.key),
		slog.Int("status", out.status),
		slog.Duration("duration", took),
		slog.String("code", string(x.code)),
	}
	if x.cause != nil {
		attrs = append(attrs, slog.String("cause", x.cause.Error()))
	}
	if x.stack != nil {
		attrs = append(attrs, slog.String("stack", string(x.stack)))
	}
	s.log.LogAttrs(context.WithoutCancel(r.Context()), level, "api request", attrs...)
}

// knownMethod keeps a peer from writing into the log by its method.
func knownMethod(method string) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if slices.Contains(known, method) {
		return method
	}
	return "OTHER"
}

const maxRequestID = 128

// requestID is the caller's, when it is one line of visible ASCII, else a new
// UUID (gpd-api.md §3.1, reliability-security.md §9 row 27).
func requestID(given []string) string {
	if len(given) == 1 && given[0] != "" && len(given[0]) <= maxRequestID && isVisible(given[0]) {
		return given[0]
	}
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the process instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func isVisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// statusWriter remembers the status for the record.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the first status.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the status that an answer without one has.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
