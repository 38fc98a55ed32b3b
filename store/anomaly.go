package store

import (
	"context"
	"database/sql"
	"time"

	"nodobridge/bridge"
)

// InsertAnomaly notes what an operator has to look at.
func (t *writeTx) InsertAnomaly(ctx context.Context, a bridge.Anomaly) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO anomaly (id, class, ec, receipt_id, nav, detail, at)
		VALUES (1 + max(coalesce((SELECT max(id) FROM anomaly), 0), (SELECT at_least FROM number_floor WHERE name = 'anomaly')), ?, ?, ?, ?, ?, ?)`,
		a.Class, a.EC, a.ReceiptID, a.NAV, a.Detail, at(a.At))
	return t.fail("insert anomaly", err)
}

const anomalyColumns = `id, class, ec, receipt_id, nav, detail, at, acknowledged_at, acknowledged_by`

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

// ListAnomalies reads an EC's in the order of their numbers.
func (t *readTx) ListAnomalies(ctx context.Context, q bridge.AnomalyList) ([]bridge.Anomaly, error) {
	if q.Limit < 1 || q.Limit > maxPage {
		return nil, wrap("list anomalies", errPage)
	}
	f := anomalyFilter(q)
	f.add("id > ?", q.After)
	if q.Class != "" {
		f.add("class = ?", q.Class)
	}
	if q.Open {
		f.add("acknowledged_at IS NULL")
	}
	return t.anomalies(ctx, `SELECT `+anomalyColumns+` FROM anomaly WHERE `+f.text()+` ORDER BY id LIMIT ?`, append(f.args, q.Limit)...)
}

// anomalyFilter is whose anomalies they are. The segregation code stands behind the
// aux digit of the notice number.
func anomalyFilter(q bridge.AnomalyList) filter {
	var f filter
	f.add("ec = ?", q.EC)
	if len(q.Segregations) > 0 {
		f.add("substr(nav, 2, 2) IN ("+marks(len(q.Segregations))+")", anys(q.Segregations)...)
	}
	return f
}

// AcknowledgeAnomaly notes who has looked at an anomaly, unless somebody has before.
func (t *writeTx) AcknowledgeAnomaly(ctx context.Context, q bridge.AnomalyList, id int64, by string, when time.Time) (bridge.Anomaly, error) {
	f := anomalyFilter(q)
	f.add("id = ?", id)
	inner, err := t.enter(ctx)
	if err != nil {
		return bridge.Anomaly{}, err
	}
	err = t.exec(inner, `UPDATE anomaly SET acknowledged_at = ?, acknowledged_by = ? WHERE acknowledged_at IS NULL AND `+f.text(),
		append([]any{at(when), by}, f.args...)...)
	if err != nil {
		return bridge.Anomaly{}, t.fail("acknowledge anomaly", err)
	}
	list, err := t.anomalies(ctx, `SELECT `+anomalyColumns+` FROM anomaly WHERE `+f.text(), f.args...)
	if err != nil {
		return bridge.Anomaly{}, err
	}
	if len(list) == 0 {
		return bridge.Anomaly{}, bridge.ErrNotFound
	}
	return list[0], nil
}

func (t *readTx) anomalies(ctx context.Context, query string, args ...any) ([]bridge.Anomaly, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Anomaly
	err = t.each(ctx, func(rows *sql.Rows) error {
		var a bridge.Anomaly
		err := rows.Scan(&a.ID, &a.Class, &a.EC, &a.ReceiptID, &a.NAV, &a.Detail, into(&a.At), into(&a.AcknowledgedAt), &a.AcknowledgedBy)
		list = append(list, a)
		return err
	}, query, args...)
	if err != nil {
		return nil, t.fail("read anomalies", err)
	}
	return list, nil
}
