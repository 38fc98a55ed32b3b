package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"nodobridge/bridge"
)

// verifyStep is how many positions are read at once.
const verifyStep = 500

// bytes holds the bytes of receipts, of their variants and of refused inputs against
// their hashes.
func (v *verifier) bytes(ctx context.Context) (counted int64, broken string, err error) {
	for _, table := range []string{"receipt", "receipt_variant", "rejected_input"} {
		broken, err = v.bytesOf(ctx, table, &counted)
		if err != nil || broken != "" {
			break
		}
	}
	return counted, broken, err
}

func (v *verifier) bytesOf(ctx context.Context, table string, counted *int64) (string, error) {
	rows, err := v.db.QueryContext(ctx, `SELECT id, raw, raw_sha256 FROM `+table+` ORDER BY id`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var id int64
	var raw, sum sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&id, &raw, &sum); err != nil {
			return "", fmt.Errorf("%s after %d: %w", table, id, err)
		}
		if got := sha256.Sum256(raw); !bytes.Equal(got[:], sum) {
			return fmt.Sprintf("%s %d: its bytes are not those that were stored", table, id), nil
		}
		*counted++
	}
	if err := rows.Err(); err != nil {
		return "", fmt.Errorf("%s after %d: %w", table, id, err)
	}
	return "", nil
}

// recorded compares receipts with the journal, which has a record of each one's arrival
// and of its redaction, and none of a receipt that is not there.
func (v *verifier) recorded(ctx context.Context) (counted int64, broken string, err error) {
	if err := v.db.QueryRowContext(ctx, `SELECT count(*) FROM receipt`).Scan(&counted); err != nil {
		return 0, "", err
	}
	for _, rule := range []struct{ what, query string }{
		{"receipt %d: the journal has no record of it", `SELECT id FROM receipt
			WHERE (ec, receipt_id) NOT IN (SELECT ec, object FROM journal WHERE action = 'receipt.record') ORDER BY id LIMIT 1`},
		{"journal %d: the receipt of which it tells is not there", `SELECT id FROM journal
			WHERE action = 'receipt.record' AND (ec, object) NOT IN (SELECT ec, receipt_id FROM receipt) ORDER BY id LIMIT 1`},
		{"receipt %d: it is redacted, and the journal has no record of that", `SELECT id FROM receipt
			WHERE redacted_at IS NOT NULL AND (ec, receipt_id) NOT IN (SELECT ec, object FROM journal WHERE action = 'receipt.redact') ORDER BY id LIMIT 1`},
	} {
		broken, err = v.first(ctx, rule.what, rule.query)
		if err != nil || broken != "" {
			return counted, broken, err
		}
	}
	return counted, "", nil
}

// effects: a receipt that settled a notice did so once. The position may have been
// deleted since.
func (v *verifier) effects(ctx context.Context) (counted int64, broken string, err error) {
	if err := v.db.QueryRowContext(ctx, `SELECT count(*) FROM receipt WHERE iupd IS NOT NULL`).Scan(&counted); err != nil {
		return 0, "", err
	}
	broken, err = v.first(ctx, "receipt %d: it has not settled its notice exactly once", `SELECT r.id FROM receipt AS r JOIN position AS p ON p.ec = r.ec AND p.iupd = r.iupd
		WHERE (SELECT count(*) FROM instalment AS i WHERE i.position_id = p.id AND i.receipt_id = r.receipt_id AND i.nav = r.nav AND i.status <> 'PO_UNPAID') <> 1
		ORDER BY r.id LIMIT 1`)
	return counted, broken, err
}

// positions reads every tree, which judges it by the rules of the domain (rule.go: sums,
// states, times), and compares its notices with the read model.
func (v *verifier) positions(ctx context.Context) (counted int64, broken string, err error) {
	tx, err := v.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, "", err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	t := &readTx{q: tx, fault: newFault()}
	var last, notices int64
	for {
		roots, err := t.rootsAfter(ctx, last, verifyStep)
		if err == nil {
			err = t.grow(ctx, roots)
		}
		if err != nil {
			return counted, t.firstBroken(ctx, last), err
		}
		if len(roots) == 0 {
			break
		}
		for _, p := range roots {
			what, n, err := t.compareNotices(ctx, p)
			if err != nil || what != "" {
				return counted, fmt.Sprintf("position %d: %s", p.id, what), err
			}
			last, notices, counted = p.id, notices+n, counted+1
		}
	}
	var stored int64
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM notice`).Scan(&stored); err != nil {
		return counted, "", err
	}
	if stored != notices {
		return counted, fmt.Sprintf("notices: %d are stored, the positions have %d", stored, notices), nil
	}
	broken, err = t.mistallied(ctx)
	return counted, broken, err
}

// mistallied names a number of the tallies that is not that of the rows.
func (t *readTx) mistallied(ctx context.Context) (string, error) {
	var ec, of string
	err := t.q.QueryRowContext(ctx, `SELECT coalesce(p.ec, t.ec) AS ec, 'positions in state ' || coalesce(p.status, t.status) AS what
		FROM (SELECT ec, status, count(*) AS n FROM position GROUP BY ec, status) AS p
		FULL JOIN tally AS t ON t.ec = p.ec AND t.status = p.status
		WHERE coalesce(p.n, 0) <> coalesce(t.positions, 0)
	UNION ALL SELECT coalesce(r.ec, t.ec), 'receipts'
		FROM (SELECT ec, count(*) AS n FROM receipt WHERE `+madeOnly+` GROUP BY ec) AS r
		FULL JOIN receipt_tally AS t ON t.ec = r.ec
		WHERE coalesce(r.n, 0) <> coalesce(t.receipts, 0)
	ORDER BY 1, 2 LIMIT 1`).Scan(&ec, &of)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return fmt.Sprintf("tally: the number of %s of %s is wrong", of, ec), err
}

func (t *readTx) rootsAfter(ctx context.Context, after int64, limit int) ([]*storedPosition, error) {
	var roots []*storedPosition
	err := t.each(ctx, func(rows *sql.Rows) error {
		p := &storedPosition{}
		roots = append(roots, p)
		return rows.Scan(p.targets()...)
	}, `SELECT `+positionColumns+` FROM position WHERE id > ? ORDER BY id LIMIT ?`, after, limit)
	return roots, err
}

// firstBroken finds the position for which a page of them could not be read.
func (t *readTx) firstBroken(ctx context.Context, after int64) string {
	for {
		roots, err := t.rootsAfter(ctx, after, 1)
		if err != nil {
			return fmt.Sprintf("the position behind %d: %v", after, err)
		}
		if len(roots) == 0 {
			return ""
		}
		if err := t.grow(ctx, roots); err != nil {
			return fmt.Sprintf("position %d: %v", roots[0].id, err)
		}
		after = roots[0].id
	}
}

// compareNotices says how the read model differs from a position.
func (t *readTx) compareNotices(ctx context.Context, p *storedPosition) (string, int64, error) {
	want := p.Notices()
	for i := range want {
		got, err := readNotice(ctx, t.q, p.EC, want[i].NAV)
		if absent(err) == bridge.ErrNotFound {
			return "a notice of it is missing", 0, nil
		}
		if err != nil {
			return "a notice of it cannot be read: " + err.Error(), 0, nil
		}
		if !reflect.DeepEqual(*got, want[i]) {
			return "a notice of it says something else than the position", 0, nil
		}
	}
	return "", int64(len(want)), nil
}
