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

// Anomalies reads those of an EC, oldest first.
func (t *readTx) Anomalies(ctx context.Context, ec bridge.ECCode) ([]bridge.Anomaly, error) {
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
	}, `SELECT class, ec, receipt_id, nav, detail, at FROM anomaly WHERE ec = ? ORDER BY id`, ec)
	if err != nil {
		return nil, t.fail("read anomalies", err)
	}
	return list, nil
}
