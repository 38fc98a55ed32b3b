package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"strings"
	"time"

	"nodobridge/bridge"
)

// PrivacyKey is the installation's key for aliases.
func (t *readTx) PrivacyKey(ctx context.Context) ([]byte, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var key []byte
	err = t.q.QueryRowContext(ctx, `SELECT key FROM privacy WHERE id = 1`).Scan(&key)
	return key, t.fail("read the privacy key", err)
}

// heldPosition and heldReceipt say whether a hold in force is about a row.
const (
	heldPosition = `EXISTS (SELECT 1 FROM hold AS h WHERE h.released_at IS NULL
		AND (h.ec = '' OR h.ec = p.ec) AND (h.iupd = '' OR h.iupd = p.iupd)
		AND (h.debtor = '' OR h.debtor IN (SELECT upper(o.debtor_fiscal_code) FROM option AS o WHERE o.position_id = p.id)))`
	heldReceipt = `EXISTS (SELECT 1 FROM hold AS h WHERE h.released_at IS NULL
		AND (h.ec = '' OR h.ec = r.ec) AND (h.iupd = '' OR h.iupd = r.iupd)
		AND (h.debtor = '' OR h.debtor = upper(r.debtor_fiscal_code)))`
)

// Closed walks the table by row: it is for a quiet hour, and no upload pays for an index.
func (t *readTx) Closed(ctx context.Context, q bridge.ClosedQuery) ([]bridge.ClosedPosition, error) {
	args := append(anyOf(q.Statuses), at(q.Before), q.After, q.Limit)
	return t.closed(ctx, `SELECT p.id, p.ec, p.iupd, `+heldPosition+` FROM position AS p
		WHERE p.status IN (`+marks(len(q.Statuses))+`) AND coalesce(p.paid_at, p.last_updated_at) < ? AND p.id > ?
			AND (p.anonymised_at IS NULL OR p.anonymised_at < p.last_updated_at)
		ORDER BY p.id LIMIT ?`, args...)
}

// anyOf makes statuses parameters.
func anyOf(statuses []bridge.PositionStatus) []any {
	out := make([]any, len(statuses))
	for i, s := range statuses {
		out[i] = s
	}
	return out
}

func (t *readTx) closed(ctx context.Context, query string, args ...any) ([]bridge.ClosedPosition, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.ClosedPosition
	err = t.each(ctx, func(rows *sql.Rows) error {
		var p bridge.ClosedPosition
		err := rows.Scan(&p.Row, &p.EC, &p.IUPD, &p.Held)
		list = append(list, p)
		return err
	}, query, args...)
	return list, t.fail("find closed positions", err)
}

// OldReceipts walks the table by row, as Closed does.
func (t *readTx) OldReceipts(ctx context.Context, before time.Time, after int64, limit int) ([]bridge.OldReceipt, error) {
	return t.oldReceipts(ctx, `SELECT r.id, r.ec, r.receipt_id, `+heldReceipt+` FROM receipt AS r
		WHERE r.received_at < ? AND r.id > ? AND r.redacted_at IS NULL ORDER BY r.id LIMIT ?`, at(before), after, limit)
}

func (t *readTx) oldReceipts(ctx context.Context, query string, args ...any) ([]bridge.OldReceipt, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.OldReceipt
	err = t.each(ctx, func(rows *sql.Rows) error {
		var r bridge.OldReceipt
		err := rows.Scan(&r.Row, &r.EC, &r.ReceiptID, &r.Held)
		list = append(list, r)
		return err
	}, query, args...)
	return list, t.fail("find old receipts", err)
}

// CountRefused counts the kept refused inputs from before.
func (t *readTx) CountRefused(ctx context.Context, before time.Time) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	var count int
	err = t.q.QueryRowContext(ctx, `SELECT count(*) FROM rejected_input WHERE at < ?`, at(before)).Scan(&count)
	return count, t.fail("count refused inputs", err)
}

// OfDebtor finds by the code as it was stored and in capital letters (option_by_debtor,
// receipt_by_debtor).
func (t *readTx) OfDebtor(ctx context.Context, ec bridge.ECCode, code string) ([]bridge.ClosedPosition, []bridge.OldReceipt, error) {
	positions, err := t.closed(ctx, `SELECT p.id, p.ec, p.iupd, `+heldPosition+` FROM position AS p
		WHERE p.id IN (SELECT position_id FROM option WHERE debtor_fiscal_code IN (?1, lower(?1))) AND (?2 = '' OR p.ec = ?2) ORDER BY p.id`, code, ec)
	if err != nil {
		return nil, nil, err
	}
	receipts, err := t.oldReceipts(ctx, `SELECT r.id, r.ec, r.receipt_id, `+heldReceipt+` FROM receipt AS r
		WHERE r.debtor_fiscal_code IN (?1, lower(?1)) AND (?2 = '' OR r.ec = ?2) ORDER BY r.id`, code, ec)
	return positions, receipts, err
}

// MarkAnonymised notes when a position's debtor was taken out.
func (t *writeTx) MarkAnonymised(ctx context.Context, key bridge.PositionKey, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.execOne(ctx, `UPDATE position SET anonymised_at = ? WHERE ec = ? AND iupd = ?`, at(when), key.EC, key.IUPD)
	return t.fail("mark a position as anonymised", err)
}

// RedactReceipt replaces bytes; the hash of those that came is kept from the first time.
func (t *writeTx) RedactReceipt(ctx context.Context, key bridge.ReceiptKey, raw []byte, debtor string, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error {
		if _, err := t.remove(ctx, &keptVariant, when, `ec = ? AND receipt_id = ?`, key.EC, key.ReceiptID); err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		err := t.execOne(ctx, `UPDATE receipt SET original_sha256 = coalesce(original_sha256, raw_sha256), raw = ?, raw_sha256 = ?,
				debtor_fiscal_code = ?, payment_note = '', redacted_at = ?
			WHERE ec = ? AND receipt_id = ?`, raw, sum[:], debtor, at(when), key.EC, key.ReceiptID)
		if err != nil {
			return err
		}
		return t.sealRedacted(ctx, key)
	})
	return t.fail("redact receipt", err)
}

// PurgeRefused removes refused inputs from before.
func (t *writeTx) PurgeRefused(ctx context.Context, before, now time.Time) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	n, err := t.remove(ctx, &keptRejected, now, `at < ?`, at(before))
	return int(n), t.fail("purge refused inputs", err)
}

// PurgeTraces looks into every kept body: there are few, and no index could help. A code
// may have come in small letters.
func (t *writeTx) PurgeTraces(ctx context.Context, text string, now time.Time) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	var removed int64
	err = t.atomically(ctx, func() error {
		upper, lower := []byte(strings.ToUpper(text)), []byte(strings.ToLower(text))
		refused, err := t.remove(ctx, &keptRejected, now, `instr(raw, ?) > 0 OR instr(raw, ?) > 0`, upper, lower)
		if err != nil {
			return err
		}
		answers, err := t.execCount(ctx, `DELETE FROM idempotency WHERE instr(body, ?) > 0 OR instr(body, ?) > 0`, upper, lower)
		removed = refused + answers
		return err
	})
	return int(removed), t.fail("purge traces", err)
}

// JournalBy reads an actor's records (journal_by_actor).
func (t *readTx) JournalBy(ctx context.Context, actor string, from time.Time, after int64, limit int) ([]bridge.JournalRecord, error) {
	if limit < 1 || limit > maxPage {
		return nil, wrap("read the journal", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	return t.journal(ctx, `SELECT `+journalColumns+` FROM journal WHERE actor = ? AND id > ? AND at >= ? ORDER BY id LIMIT ?`, actor, after, at(from), limit)
}
