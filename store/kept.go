package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// kept is a table of bodies that came and are no receipts of their own. They come and, by
// the rules of retention, go one by one, so that they are no chain; the journal's chain
// tells of each by the seal of its row, when it is kept, replayed and removed. A changed, a
// slipped in and a missing row show by it.
type kept struct {
	table   string
	columns []string // what is sealed beside the number, never to be changed; the bytes are in it by their hash
}

var (
	keptVariant  = kept{"receipt_variant", strings.Fields("ec receipt_id version raw_sha256 received_at")}
	keptRejected = kept{"rejected_input", strings.Fields("operation reason raw_sha256 at replayed_at")}
)

// What the journal says of a row: its table is the detail, its seal the object. A row that
// is replayed has another seal behind it, which is kept.
const (
	actionKeep   = "body.keep"
	actionReplay = "body.replay"
	actionRemove = "body.remove"
)

// tell appends to the journal what happens to the rows for which a condition holds.
func (t *writeTx) tell(ctx context.Context, k *kept, actor, action string, when time.Time, condition string, args ...any) error {
	var seals []string
	err := k.each(ctx, t.q, condition, func(_ int64, seal string) { seals = append(seals, seal) }, args...)
	if err != nil {
		return err
	}
	for _, seal := range seals {
		err := t.append(ctx, &journalChain, []any{at(when), actor, action, "", seal, k.table, "", "", "", "", int64(0), ""})
		if err != nil {
			return err
		}
	}
	return nil
}

// keep inserts a row and tells of it, which it says by giving true; false when the table
// has the row already. content is in the order of the sealed columns.
func (t *writeTx) keep(ctx context.Context, k *kept, when time.Time, raw []byte, content ...any) (isNew bool, err error) {
	err = t.atomically(ctx, func() error {
		var id int64
		err := t.q.QueryRowContext(ctx, `INSERT INTO `+k.table+` (`+strings.Join(k.columns, ", ")+`, raw) VALUES (`+marks(len(content)+1)+`) ON CONFLICT DO NOTHING RETURNING id`, append(content, blob(raw))...).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		isNew = true
		return t.tell(ctx, k, "node", actionKeep, when, `id = ?`, id)
	})
	return isNew && err == nil, err
}

// remove deletes the rows for which a condition holds and tells of each.
func (t *writeTx) remove(ctx context.Context, k *kept, when time.Time, condition string, args ...any) (removed int64, err error) {
	err = t.atomically(ctx, func() error {
		err := t.tell(ctx, k, "operator", actionRemove, when, condition, args...)
		if err != nil {
			return err
		}
		removed, err = t.execCount(ctx, `DELETE FROM `+k.table+` WHERE `+condition, args...)
		return err
	})
	return removed, err
}

// each gives the number and the seal of the rows for which a condition holds.
func (k *kept) each(ctx context.Context, q querier, condition string, use func(id int64, seal string), args ...any) error {
	rows, err := q.QueryContext(ctx, `SELECT id, `+strings.Join(k.columns, ", ")+` FROM `+k.table+` WHERE `+condition+` ORDER BY id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	sealed := chain{name: k.table, columns: k.columns}
	for rows.Next() {
		var id int64
		content, err := sealed.contentOf(rows, &id)
		if err != nil {
			return err
		}
		seal, err := sealed.sealOf(append(content, id))
		if err != nil {
			return err
		}
		use(id, hex.EncodeToString(seal[:]))
	}
	return rows.Err()
}

// tellOfAll tells the journal of the bodies of a store from before it was told of them.
func tellOfAll(ctx context.Context, tx *sql.Tx) error {
	t := &writeTx{readTx{q: tx, fault: newFault(), writing: true}, new(unsettled)}
	end := chainEnd{known: true}
	var link []byte
	if err := tx.QueryRowContext(ctx, `SELECT last, link FROM chain WHERE name = 'journal'`).Scan(&end.last, &link); err != nil {
		return err // as endOf, which reads what a later step of the schema makes
	}
	copy(end.link[:], link)
	*t.ends.of(&journalChain) = end
	for _, k := range []*kept{&keptVariant, &keptRejected} {
		if err := t.tell(ctx, k, "upgrade", actionKeep, time.Now(), `1`); err != nil {
			return err
		}
	}
	return t.ends.settle(ctx, tx)
}
