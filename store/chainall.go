package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"nodobridge/bridge"
)

// chainStep is how many records are held in memory at once.
const chainStep = 1000

// chainAll gives hashes to the records of a store from before it had chains.
func chainAll(ctx context.Context, tx *sql.Tx) error {
	for _, c := range []*chain{&journalChain, &receiptChain} {
		if err := c.chainAll(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// unchained is a record that waits for its hashes.
type unchained struct {
	id   int64
	seal digest
}

func (c *chain) chainAll(ctx context.Context, tx *sql.Tx) error {
	var last, records int64
	var end digest
	for {
		list, err := c.next(ctx, tx, last)
		if err != nil {
			return err
		}
		for _, r := range list {
			end = linkOf(end, r.id, r.seal)
			if c.sealed {
				// One that is redacted already is sealed as it is.
				_, err = tx.ExecContext(ctx, `UPDATE receipt SET seal = ?1, link = ?2, redacted_seal = iif(redacted_at IS NULL, NULL, ?1) WHERE id = ?3`, r.seal[:], end[:], r.id)
			} else {
				_, err = tx.ExecContext(ctx, `UPDATE journal SET link = ? WHERE id = ?`, end[:], r.id)
			}
			if err != nil {
				return err
			}
			last, records = r.id, records+1
		}
		if len(list) == 0 {
			_, err = tx.ExecContext(ctx, `UPDATE chain SET last = ?, records = ?, link = ? WHERE name = ?`, last, records, end[:], c.name)
			return err
		}
	}
}

func (c *chain) next(ctx context.Context, q querier, after int64) ([]unchained, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, `+strings.Join(c.columns, ", ")+` FROM `+c.name+` WHERE id > ? ORDER BY id LIMIT ?`, after, chainStep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []unchained
	for rows.Next() {
		var r unchained
		var content []driver.Value
		content, err = c.contentOf(rows, &r.id)
		if err == nil {
			r.seal, err = c.sealOf(content)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// sealRedacted seals what redaction has left of a receipt; its place in the chain rests
// on the seal of what came.
func (t *writeTx) sealRedacted(ctx context.Context, key bridge.ReceiptKey) error {
	row := t.q.QueryRowContext(ctx, `SELECT `+strings.Join(receiptChain.columns, ", ")+` FROM receipt WHERE ec = ? AND receipt_id = ?`, key.EC, key.ReceiptID)
	content, err := receiptChain.contentOf(row)
	if err != nil {
		return absent(err)
	}
	seal, err := receiptChain.sealOf(content)
	if err != nil {
		return err
	}
	return t.exec(ctx, `UPDATE receipt SET redacted_seal = ? WHERE ec = ? AND receipt_id = ?`, seal[:], key.EC, key.ReceiptID)
}
