package bridge

import (
	"context"
	"time"
)

// ReceiptKey names a receipt.
type ReceiptKey struct {
	EC        ECCode
	ReceiptID string
}

// ClosedQuery asks for positions that were closed before an instant and still name their
// debtor.
type ClosedQuery struct {
	Statuses []PositionStatus
	Before   time.Time
	After    int64 // the row that the page before ended with
	Limit    int
}

// ClosedPosition is one of them.
type ClosedPosition struct {
	PositionKey
	Row  int64
	Held bool
}

// OldReceipt is a receipt whose bytes still name its persons.
type OldReceipt struct {
	ReceiptKey
	Row  int64
	Held bool
}

// PrivacyReader is what privacy reads.
type PrivacyReader interface {
	// PrivacyKey is the installation's key for aliases.
	PrivacyKey(ctx context.Context) ([]byte, error)
	// Closed gives at most q.Limit positions in the order of their rows.
	Closed(ctx context.Context, q ClosedQuery) ([]ClosedPosition, error)
	// OldReceipts gives at most limit unredacted receipts from before, above a row.
	OldReceipts(ctx context.Context, before time.Time, after int64, limit int) ([]OldReceipt, error)
	// CountRefused counts the kept refused inputs from before.
	CountRefused(ctx context.Context, before time.Time) (int, error)
	// OfDebtor gives the positions and receipts of a person; ec "" for all.
	OfDebtor(ctx context.Context, ec ECCode, code string) ([]ClosedPosition, []OldReceipt, error)
	Holds(ctx context.Context) ([]Hold, error)
	// JournalBy gives an actor's records from an instant on, above a number.
	JournalBy(ctx context.Context, actor string, from time.Time, after int64, limit int) ([]JournalRecord, error)
}

// PrivacyWriter is what privacy writes.
type PrivacyWriter interface {
	MarkAnonymised(ctx context.Context, key PositionKey, at time.Time) error
	// RedactReceipt puts bytes in the place of a receipt's and keeps the hash of those
	// that came; variants of it are removed.
	RedactReceipt(ctx context.Context, key ReceiptKey, raw []byte, debtor string, at time.Time) error
	PurgeRefused(ctx context.Context, before, now time.Time) (int, error)
	// PurgeTraces removes refused inputs and kept answers that hold a text.
	PurgeTraces(ctx context.Context, text string, now time.Time) (int, error)
	PlaceHold(ctx context.Context, h Hold) (int64, error)
	// ReleaseHold ends one; ErrNotFound when there is none in force.
	ReleaseHold(ctx context.Context, id int64, at time.Time) error
}
