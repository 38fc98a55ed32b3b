package store

import (
	"context"
	"database/sql"
	"strings"

	"nodobridge/bridge"
)

// Journal appends a record to the chain. The schema's triggers let nobody change it.
func (t *writeTx) Journal(ctx context.Context, e bridge.JournalEntry) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.append(ctx, &journalChain, []any{
		at(e.At), e.Actor, e.Action, e.EC, e.Object, e.Detail,
		e.About.IUPD, e.About.NAV, e.About.ReceiptID, e.About.Status, int64(e.About.Amount), strings.Join(e.About.Segregations, ","),
	})
	return t.fail("append to the journal", err)
}

// JournalAfter reads the records of an EC above an id.
func (t *readTx) JournalAfter(ctx context.Context, q bridge.JournalQuery) ([]bridge.JournalRecord, error) {
	if q.Limit < 1 || q.Limit > maxPage || len(q.Actions) == 0 {
		return nil, wrap("read the journal", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	args := []any{q.EC, q.After}
	for _, action := range q.Actions {
		args = append(args, action)
	}
	return t.journal(ctx, journalAfterQuery(len(q.Actions)), append(args, q.Limit)...)
}

func (t *readTx) journal(ctx context.Context, query string, args ...any) ([]bridge.JournalRecord, error) {
	var records []bridge.JournalRecord
	err := t.each(ctx, func(rows *sql.Rows) error {
		var r bridge.JournalRecord
		var codes string
		err := rows.Scan(&r.ID, into(&r.At), &r.Actor, &r.Action, &r.EC, &r.Object, &r.Detail,
			&r.About.IUPD, &r.About.NAV, &r.About.ReceiptID, &r.About.Status, &r.About.Amount, &codes)
		if codes != "" {
			r.About.Segregations = strings.Split(codes, ",")
		}
		records = append(records, r)
		return err
	}, query, args...)
	return records, t.fail("read the journal", err)
}

const journalColumns = `id, at, actor, action, ec, object, detail, iupd, nav, receipt_id, position_status, amount_cents, segregations`

func journalAfterQuery(actions int) string {
	return `SELECT ` + journalColumns + `
		FROM journal WHERE ec = ? AND id > ? AND action IN (` + marks(actions) + `) ORDER BY id LIMIT ?`
}

// LastJournalBy is an actor's newest record (journal_by_actor).
func (t *readTx) LastJournalBy(ctx context.Context, actor string) (bridge.JournalRecord, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return bridge.JournalRecord{}, err
	}
	list, err := t.journal(ctx, `SELECT `+journalColumns+` FROM journal WHERE actor = ? ORDER BY id DESC LIMIT 1`, actor)
	if err == nil && len(list) == 0 {
		err = bridge.ErrNotFound
	}
	if err != nil {
		return bridge.JournalRecord{}, err
	}
	return list[0], nil
}

// JournalEnd is the number of the last record, 0 when there is none.
func (t *readTx) JournalEnd(ctx context.Context) (int64, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	var end int64
	err = t.q.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM journal`).Scan(&end)
	return end, t.fail("read the journal's end", err)
}
