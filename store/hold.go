package store

import (
	"context"
	"database/sql"
	"time"

	"nodobridge/bridge"
)

// Holds reads all holds, the oldest first; they are few.
func (t *readTx) Holds(ctx context.Context) ([]bridge.Hold, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Hold
	err = t.each(ctx, func(rows *sql.Rows) error {
		var h bridge.Hold
		err := rows.Scan(&h.ID, &h.EC, &h.IUPD, &h.Debtor, &h.Reason, into(&h.PlacedAt), into(&h.ReleasedAt))
		list = append(list, h)
		return err
	}, `SELECT id, ec, iupd, debtor, reason, placed_at, released_at FROM hold ORDER BY id`)
	return list, t.fail("list holds", err)
}

// PlaceHold stores one and gives its number.
func (t *writeTx) PlaceHold(ctx context.Context, h bridge.Hold) (int64, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	var id int64
	err = t.q.QueryRowContext(ctx, `INSERT INTO hold (ec, iupd, debtor, reason, placed_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
		h.EC, h.IUPD, h.Debtor, h.Reason, at(h.PlacedAt)).Scan(&id)
	return id, t.fail("place hold", err)
}

// ReleaseHold ends one and forgets whom it was about.
func (t *writeTx) ReleaseHold(ctx context.Context, id int64, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.execOne(ctx, `UPDATE hold SET released_at = ?, debtor = '' WHERE id = ? AND released_at IS NULL`, at(when), id)
	return t.fail("release hold", err)
}
