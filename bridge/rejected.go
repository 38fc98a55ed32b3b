package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RejectedInput is the body of a receipt call that could not be stored as a
// receipt. It is kept because it may be the only trace of a payment
// (soap-node.md §2.5 step 1).
type RejectedInput struct {
	ID        int64 // the store's, in order of arrival
	Operation string
	Reason    string // fixed text, no content of the document
	Raw       []byte
	At        time.Time
	// ReplayedAt is when it was recorded after all; zero while it waits.
	ReplayedAt time.Time
}

// misrouted are the reasons of receipts refused because of the configuration,
// which another configuration cures.
var misrouted = []string{string(CodeBrokerUnknown), string(CodeStationUnknown), string(CodeECUnknown)}

// ReceiptDecoder reads the kept body of a receipt call. The bridge knows no XML;
// whoever runs a replay hands in the reader that the node's calls go through.
type ReceiptDecoder func(raw []byte) (Delivery, error)

// Replay says what became of one kept receipt.
type Replay struct {
	ID        int64 // of the rejected input
	EC        string
	ReceiptID string
	Outcome   ReplayOutcome
}

// ReplayOutcome is how a replay ended.
type ReplayOutcome string

// The outcomes. The last three leave the input waiting.
const (
	ReplayRecorded   ReplayOutcome = "recorded"
	ReplayKnown      ReplayOutcome = "already here" // the receipt had come another way
	ReplayedBefore   ReplayOutcome = "replayed before"
	ReplayMisrouted  ReplayOutcome = "still not configured"
	ReplayUnreadable ReplayOutcome = "unreadable"
	ReplayFailed     ReplayOutcome = "cannot be recorded"
)

// replayBatch bounds what one call does, so that it ends within any deadline.
const replayBatch = 100

// ReplayReceipts records the next receipts, after the given id, that were refused
// because of the configuration and can be recorded now. It gives what it tried;
// the caller goes on after the last one until nothing is given.
func (s *Service) ReplayReceipts(ctx context.Context, decode ReceiptDecoder, after int64) ([]Replay, error) {
	var ids []int64
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		ids, err = tx.WaitingRejected(ctx, misrouted, after, replayBatch)
		return err
	})
	if err != nil {
		return nil, unavailable("list the refused receipts", err)
	}
	var tried []Replay
	for _, id := range ids {
		r, err := s.ReplayReceipt(ctx, decode, id)
		if err != nil && ctx.Err() != nil {
			return tried, err
		}
		if err != nil {
			r.Outcome = ReplayFailed // it must not stand in the way of those behind it
		}
		tried = append(tried, r)
	}
	return tried, nil
}

// ReplayReceipt records one refused receipt, if it can be read and its addressee
// is configured by now. Run again it changes nothing.
func (s *Service) ReplayReceipt(ctx context.Context, decode ReceiptDecoder, id int64) (Replay, error) {
	out := Replay{ID: id}
	var in *RejectedInput
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		in, err = tx.Rejected(ctx, id)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return out, &Error{Code: CodeInvalid, Field: "id", Detail: fmt.Sprintf("there is no refused receipt %d", id)}
	}
	if err != nil {
		return out, unavailable("read the refused receipt", err)
	}
	d, err := decode(in.Raw)
	if err != nil {
		out.Outcome = ReplayUnreadable
		return out, nil
	}
	out.EC, out.ReceiptID = d.EC, d.Receipt.ReceiptID
	if _, _, err := s.Registry().find(d.Addressee); err != nil {
		out.Outcome = ReplayMisrouted
		return out, nil
	}
	r := d.Receipt
	r.EC, r.Raw, r.ReceivedAt = ECCode(d.EC), in.Raw, in.At
	now := s.now()
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		out.Outcome, err = replay(ctx, tx, id, &r, d.SchemaBroken, now)
		return err
	})
	return out, unavailable("record the refused receipt", err)
}

// replay records the receipt of a rejected input and marks the input, in one
// transaction. Another replay may have come first.
func replay(ctx context.Context, tx Tx, id int64, r *Receipt, broken []string, now time.Time) (ReplayOutcome, error) {
	in, err := tx.Rejected(ctx, id)
	if err != nil {
		return "", err
	}
	if !in.ReplayedAt.IsZero() {
		return ReplayedBefore, nil
	}
	outcome := ReplayRecorded
	duplicate, err := recordOnce(ctx, tx, r, broken, now)
	if err != nil {
		return "", err
	}
	if duplicate {
		outcome = ReplayKnown
	}
	if err := tx.MarkReplayed(ctx, id, now); err != nil {
		return "", err
	}
	return outcome, tx.Journal(ctx, JournalEntry{
		At: now, Actor: "operator", Action: "receipt.replay", EC: string(r.EC), Object: r.ReceiptID, Detail: fmt.Sprintf("refused input %d: %s", id, outcome), About: r.about(""),
	})
}
