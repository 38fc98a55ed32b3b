package store

import (
	"context"
	"database/sql"

	"nodobridge/bridge"
)

// Vitals reads ends of tables, and the anomalies behind a number.
func (t *readTx) Vitals(ctx context.Context, after int64) (bridge.Vitals, error) {
	v := bridge.Vitals{Anomalies: map[bridge.AnomalyClass]int{}}
	ctx, err := t.enter(ctx)
	if err != nil {
		return v, err
	}
	err = t.q.QueryRowContext(ctx, `SELECT (SELECT records FROM chain WHERE name = 'receipt'), (SELECT coalesce(max(id), 0) FROM anomaly),
			(SELECT started_at FROM massive_file WHERE complete = 1 AND ended_at IS NULL ORDER BY seq LIMIT 1)`).
		Scan(&v.Receipts, &v.LastAnomaly, into(&v.OldestUpload))
	if err == nil {
		err = t.each(ctx, func(rows *sql.Rows) error {
			var class bridge.AnomalyClass
			var n int
			err := rows.Scan(&class, &n)
			v.Anomalies[class] = n
			return err
		}, `SELECT class, count(*) FROM anomaly WHERE id > ? GROUP BY class`, after)
	}
	return v, t.fail("read vitals", err)
}
