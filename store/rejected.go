package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"time"

	"nodobridge/bridge"
)

// KeepRejected keeps a body that could not be stored as a receipt, once for each
// reason: the node sends it up to 48 times (soap-node.md §2.5).
func (t *writeTx) KeepRejected(ctx context.Context, in bridge.RejectedInput) (bool, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(in.Raw)
	var known bool
	err = t.q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM rejected_input WHERE raw_sha256 = ? AND operation = ? AND reason = ?)`,
		sum[:], in.Operation, in.Reason).Scan(&known)
	if err != nil || known {
		return false, t.fail("keep rejected input", err)
	}
	isNew, err := t.keep(ctx, &keptRejected, in.At, in.Raw, in.Operation, in.Reason, sum[:], at(in.At), nil)
	return isNew, t.fail("keep rejected input", err)
}

// Rejected reads one kept input.
func (t *readTx) Rejected(ctx context.Context, id int64) (*bridge.RejectedInput, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	in := bridge.RejectedInput{ID: id}
	var sum []byte
	err = t.q.QueryRowContext(ctx, `SELECT operation, reason, raw, raw_sha256, at, replayed_at FROM rejected_input WHERE id = ?`, id).
		Scan(&in.Operation, &in.Reason, &in.Raw, &sum, into(&in.At), into(&in.ReplayedAt))
	if err == nil {
		if got := sha256.Sum256(in.Raw); !bytes.Equal(got[:], sum) {
			err = corrupt("a rejected input's bytes are not those that were stored")
		}
	}
	if err != nil {
		return nil, t.fail("read rejected input", absent(err))
	}
	return &in, nil
}

// WaitingRejected lists, in order of arrival, what was refused for one of the
// reasons and has not been replayed.
func (t *readTx) WaitingRejected(ctx context.Context, reasons []string, after int64, limit int) ([]int64, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	list, err := json.Marshal(reasons)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = t.each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM rejected_input WHERE replayed_at IS NULL AND id > ? AND reason IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`,
		after, string(list), limit)
	if err != nil {
		return nil, t.fail("list rejected inputs", err)
	}
	return ids, nil
}

// MarkReplayed notes that a waiting input has been recorded; ErrNotFound when
// there is no such one.
func (t *writeTx) MarkReplayed(ctx context.Context, id int64, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error {
		if err := t.tell(ctx, &keptRejected, "operator", actionReplay, when, `id = ?`, id); err != nil {
			return err
		}
		if err := t.execOne(ctx, `UPDATE rejected_input SET replayed_at = ? WHERE id = ? AND replayed_at IS NULL`, at(when), id); err != nil {
			return err
		}
		return t.tell(ctx, &keptRejected, "operator", actionKeep, when, `id = ?`, id)
	})
	return t.fail("mark rejected input", err)
}
