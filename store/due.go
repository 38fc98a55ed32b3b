package store

import (
	"context"
	"time"

	"nodobridge/bridge"
)

// DueToMove finds positions whose stored state time has overtaken (bridge.Position.
// StatusAt): published ones whose validity has begun (position_to_begin), and valid
// ones whose last due date has passed (position_to_expire).
func (t *readTx) DueToMove(ctx context.Context, now time.Time, limit int) ([]bridge.PositionKey, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := t.q.QueryContext(ctx, dueQuery, at(now), limit)
	if err != nil {
		return nil, t.fail("find positions that time moves", err)
	}
	defer rows.Close()
	var list []bridge.PositionKey
	for rows.Next() {
		var key bridge.PositionKey
		if err := rows.Scan(&key.EC, &key.IUPD); err != nil {
			return nil, t.fail("find positions that time moves", err)
		}
		list = append(list, key)
	}
	return list, t.fail("find positions that time moves", rows.Err())
}

const dueQuery = `SELECT ec, iupd FROM (SELECT ec, iupd FROM position WHERE status = 'PUBLISHED' AND valid_from <= ?1 ORDER BY valid_from LIMIT ?2)
	UNION ALL
	SELECT ec, iupd FROM (SELECT ec, iupd FROM position WHERE status = 'VALID' AND expires_at < ?1 ORDER BY expires_at LIMIT ?2)
	LIMIT ?2`
