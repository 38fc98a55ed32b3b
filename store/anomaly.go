package store

import (
	"context"
	"database/sql"

	"nodobridge/bridge"
)

// InsertAnomaly notes what an operator has to look at.
func (t *writeTx) InsertAnomaly(ctx context.Context, a bridge.Anomaly) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO anomaly (class, ec, receipt_id, nav, detail, at) VALUES (?, ?, ?, ?, ?, ?)`,
		a.Class, a.EC, a.ReceiptID, a.NAV, a.Detail, at(a.At))
	return t.fail("insert anomaly", err)
}

const anomalyColumns = `class, ec, receipt_id, nav, detail, at`

// Anomalies reads those of an EC, oldest first.
func (t *readTx) Anomalies(ctx context.Context, ec bridge.ECCode) ([]bridge.Anomaly, error) {
	return t.anomalies(ctx, `SELECT `+anomalyColumns+` FROM anomaly WHERE ec = ? ORDER BY id`, ec)
}

// FindAnomalies reads the newest that match, newest first. Without an EC it walks
// the table backwards: it is a person's question, not the node's.
func (t *readTx) FindAnomalies(ctx context.Context, q bridge.AnomalyQuery) ([]bridge.Anomaly, error) {
	query, args := `SELECT `+anomalyColumns+` FROM anomaly WHERE 1`, []any{}
	and := func(condition string, arg any) {
		query += ` AND ` + condition
		args = append(args, arg)
	}
	if q.EC != "" {
		and(`ec = ?`, q.EC)
	}
	if q.Class != "" {
		and(`class = ?`, q.Class)
	}
	if !q.Since.IsZero() {
		and(`at >= ?`, at(q.Since))
	}
	return t.anomalies(ctx, query+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
}

func (t *readTx) anomalies(ctx context.Context, query string, args ...any) ([]bridge.Anomaly, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Anomaly
	err = t.each(ctx, func(rows *sql.Rows) error {
		var a bridge.Anomaly
		err := rows.Scan(&a.Class, &a.EC, &a.ReceiptID, &a.NAV, &a.Detail, into(&a.At))
		list = append(list, a)
		return err
	}, query, args...)
	if err != nil {
		return nil, t.fail("read anomalies", err)
	}
	return list, nil
}
