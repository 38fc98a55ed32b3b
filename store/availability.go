package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"nodobridge/bridge"
)

// LastSign is the last sign of life, the zero value when there was none.
func (t *readTx) LastSign(ctx context.Context) (s bridge.LifeSign, err error) {
	ctx, err = t.enter(ctx)
	if err != nil {
		return s, err
	}
	err = t.q.QueryRowContext(ctx, `SELECT at, stopped FROM sign_of_life WHERE id = 1`).Scan(into(&s.At), &s.Stopped)
	if errors.Is(err, sql.ErrNoRows) {
		return bridge.LifeSign{}, nil
	}
	return s, t.fail("read the last sign of life", err)
}

// Unserved gives the intervals that touch a time; they are few.
func (t *readTx) Unserved(ctx context.Context, from, to time.Time) (list []bridge.Unserved, err error) {
	ctx, err = t.enter(ctx)
	if err != nil {
		return nil, err
	}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var u bridge.Unserved
		err := rows.Scan(into(&u.From), into(&u.To), &u.Cause)
		list = append(list, u)
		return err
	}, `SELECT began_at, ended_at, cause FROM unserved WHERE ended_at > ? AND began_at < ? ORDER BY began_at, id`, at(from), at(to))
	return list, t.fail("read unserved intervals", err)
}

// Maintenances gives the stops that touch a time; they are few.
func (t *readTx) Maintenances(ctx context.Context, from, to time.Time) (list []bridge.Maintenance, err error) {
	ctx, err = t.enter(ctx)
	if err != nil {
		return nil, err
	}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var m bridge.Maintenance
		err := rows.Scan(into(&m.From), into(&m.To), into(&m.AnnouncedAt), &m.Reason)
		list = append(list, m)
		return err
	}, `SELECT begins_at, ends_at, announced_at, reason FROM maintenance WHERE ends_at > ? AND begins_at < ? ORDER BY begins_at, id`, at(from), at(to))
	return list, t.fail("read planned stops", err)
}

// PutSign keeps the last sign only.
func (t *writeTx) PutSign(ctx context.Context, s bridge.LifeSign) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO sign_of_life (id, at, stopped) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET at = excluded.at, stopped = excluded.stopped`, at(s.At), s.Stopped)
	return t.fail("put a sign of life", err)
}

// InsertUnserved keeps an interval.
func (t *writeTx) InsertUnserved(ctx context.Context, u bridge.Unserved) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO unserved (began_at, ended_at, cause) VALUES (?, ?, ?)`, at(u.From), at(u.To), u.Cause)
	return t.fail("keep an unserved interval", err)
}

// InsertMaintenance keeps a stop.
func (t *writeTx) InsertMaintenance(ctx context.Context, m bridge.Maintenance) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO maintenance (begins_at, ends_at, announced_at, reason) VALUES (?, ?, ?, ?)`, at(m.From), at(m.To), at(m.AnnouncedAt), m.Reason)
	return t.fail("keep a planned stop", err)
}
