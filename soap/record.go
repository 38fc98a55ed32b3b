package soap

import (
	"context"
	"log/slog"
	"time"

	"nodobridge/bridge"
)

// Record is what is known of one request once it is answered: for the one log
// line and for metrics. It holds no personal data; the notice number, which is a
// bearer identifier, is hashed with the installation's key.
type Record struct {
	Start     time.Time
	Duration  time.Duration
	RequestID string

	Operation      string // "" when it could not be told
	Action         string // the SOAPAction header, unquoted
	ActionMismatch bool   // it names another operation than the payload
	EC             string
	Notice         string // hash
	Probe          bool

	Status    int
	Outcome   string // OK, KO, FAULT or "" for answers that are not SOAP
	FaultCode string
	Bytes     int
	Unknown   int    // elements that the contract does not know
	Unsayable string // path of an answer's element that breaks the contract
	Kept      bool   // the body was kept as rejected input
	Err       error  // private cause
	WriteErr  error
}

// address takes the EC over when it has the form of one: anything else in its
// place might be a person's code.
func (r *Record) address(a bridge.Addressee) {
	if ec, err := bridge.ParseECCode(a.EC); err == nil {
		r.EC = string(ec)
	}
}

// finish writes the one line and tells the observer.
func (s *Server) finish(r *Record) {
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs, slog.Int("status", r.Status), slog.Int64("us", r.Duration.Microseconds()))
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	add("request_id", r.RequestID)
	add("operation", r.Operation)
	add("outcome", r.Outcome)
	add("fault_code", r.FaultCode)
	add("ec", r.EC)
	add("notice", r.Notice)
	add("unsayable", r.Unsayable)
	if r.ActionMismatch {
		attrs = append(attrs, slog.Bool("soap_action_differs", true))
	}
	if r.Unknown > 0 {
		attrs = append(attrs, slog.Int("unknown_elements", r.Unknown))
	}
	if r.Probe {
		attrs = append(attrs, slog.Bool("probe", true))
	}
	if r.Kept {
		attrs = append(attrs, slog.Bool("kept", true))
	}
	level := slog.LevelInfo
	if r.Status >= 500 || r.Unsayable != "" {
		level = slog.LevelError
	}
	if r.Err != nil {
		attrs = append(attrs, slog.String("cause", r.Err.Error()))
	}
	if r.WriteErr != nil {
		attrs = append(attrs, slog.String("write_error", r.WriteErr.Error()))
	}
	s.log.LogAttrs(context.Background(), level, "call", attrs...)
	s.observe(*r)
}
