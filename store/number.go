package store

import (
	"context"
	"fmt"

	"nodobridge/bridge"
)

// NextNumbers takes the next values of a series. fresh becomes the key of a series
// that begins with this call.
func (t *writeTx) NextNumbers(ctx context.Context, ec bridge.ECCode, segregation string, count int, fresh []byte) (bridge.NumberSeries, error) {
	var s bridge.NumberSeries
	ctx, err := t.enter(ctx)
	if err != nil {
		return s, err
	}
	err = t.q.QueryRowContext(ctx, `INSERT INTO number_series (ec, segregation, next, key) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (ec, segregation) DO UPDATE SET next = next + ?3
		RETURNING next - ?3, key`, ec, segregation, count, fresh).Scan(&s.Next, &s.Key)
	return s, t.fail("take next notice number", err)
}

// ReserveNumber marks a number as issued; ErrExists when the EC has, or has had,
// a notice of this number or creditor reference.
func (t *writeTx) ReserveNumber(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	var used bool
	err = t.q.QueryRowContext(ctx, `SELECT
			EXISTS (SELECT 1 FROM used_number WHERE ec = ?1 AND nav = ?2) OR
			EXISTS (SELECT 1 FROM used_number WHERE ec = ?1 AND iuv = ?3) OR
			EXISTS (SELECT 1 FROM instalment WHERE ec = ?1 AND nav = ?2) OR
			EXISTS (SELECT 1 FROM instalment WHERE ec = ?1 AND iuv = ?3)`, ec, nav, nav.IUV()).Scan(&used)
	if err == nil && used {
		return bridge.ErrExists
	}
	if err == nil {
		err = t.exec(ctx, `INSERT INTO used_number (ec, nav, iuv, issued, retired) VALUES (?, ?, ?, 1, 0)`, ec, nav, nav.IUV())
	}
	return t.fail("reserve notice number", err)
}

// retireNumbers keeps the numbers of a position that is about to be deleted.
func (t *writeTx) retireNumbers(ctx context.Context, ec bridge.ECCode, iupd bridge.IUPD) error {
	return t.exec(ctx, `INSERT INTO used_number (ec, nav, iuv, issued, retired)
		SELECT i.ec, i.nav, i.iuv, 0, 1 FROM position AS p JOIN instalment AS i ON i.position_id = p.id
		WHERE p.ec = ? AND p.iupd = ?
		ON CONFLICT (ec, nav) DO UPDATE SET retired = 1`, ec, iupd)
}

// refuseRetired gives ErrExists when an instalment carries a number that this
// station had issued for a position which is deleted.
func (t *writeTx) refuseRetired(ctx context.Context, ec bridge.ECCode, in *bridge.Instalment) error {
	var retired bool
	err := t.q.QueryRowContext(ctx, `SELECT
			EXISTS (SELECT 1 FROM used_number WHERE ec = ?1 AND nav = ?2 AND issued = 1 AND retired = 1) OR
			EXISTS (SELECT 1 FROM used_number WHERE ec = ?1 AND iuv = ?3 AND issued = 1 AND retired = 1)`,
		ec, in.NAV, in.IUV).Scan(&retired)
	if err == nil && retired {
		return bridge.ErrExists
	}
	return err
}

// Demand reads which notice an equal demand was answered with.
func (t *readTx) Demand(ctx context.Context, key bridge.DemandKey) (bridge.DemandRecord, error) {
	rec := bridge.DemandRecord{Key: key}
	ctx, err := t.enter(ctx)
	if err != nil {
		return rec, err
	}
	err = t.q.QueryRowContext(ctx, `SELECT ec, nav, at, until FROM demand WHERE key = ?`, key[:]).
		Scan(&rec.EC, &rec.NAV, into(&rec.At), into(&rec.Until))
	return rec, t.fail("read demand", absent(err))
}

// PutDemand remembers a demand's notice in place of an earlier one, and forgets
// the demands that have lost their use by then.
func (t *writeTx) PutDemand(ctx context.Context, rec bridge.DemandRecord) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	if !rec.Until.After(rec.At) {
		return wrap("remember demand", fmt.Errorf("%w: the demand ends before it begins", errRule))
	}
	err = t.exec(ctx, `DELETE FROM demand WHERE until <= ?`, at(rec.At))
	if err == nil {
		err = t.exec(ctx, `INSERT INTO demand (key, ec, nav, at, until) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET ec = excluded.ec, nav = excluded.nav, at = excluded.at, until = excluded.until`,
			rec.Key[:], rec.EC, rec.NAV, at(rec.At), at(rec.Until))
	}
	return t.fail("remember demand", err)
}
