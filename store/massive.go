package store

import (
	"context"
	"database/sql"
	"time"

	"nodobridge/bridge"
)

// OpenMassive begins a file; its chunks follow.
func (t *writeTx) OpenMassive(ctx context.Context, f bridge.MassiveFile) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO massive_file (id, broker, ec, operation, key_id, segregations, complete, submitted, processed, failed, started_at)
		VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?)`,
		f.ID, f.Broker, f.EC, f.Operation, f.By.KeyID, listed(f.By.Segregations), at(f.StartedAt))
	return t.fail("open massive file", taken(err))
}

// AddMassive adds a chunk of rows to a file that is not complete.
func (t *writeTx) AddMassive(ctx context.Context, id string, c *bridge.MassiveChunk) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error {
		if err := t.execOne(ctx, `UPDATE massive_file SET submitted = submitted + ? WHERE id = ? AND complete = 0`, c.Rows, id); err != nil {
			return err
		}
		return t.exec(ctx, `INSERT INTO massive_chunk (file, rows, bytes) SELECT seq, ?, ? FROM massive_file WHERE id = ?`, c.Rows, c.Bytes, id)
	})
	return t.fail("add massive chunk", err)
}

// CompleteMassive says that every chunk has come.
func (t *writeTx) CompleteMassive(ctx context.Context, id string) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("complete massive file", t.execOne(ctx, `UPDATE massive_file SET complete = 1 WHERE id = ?`, id))
}

// DropMassive removes a file that will not be complete.
func (t *writeTx) DropMassive(ctx context.Context, id string) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("drop massive file", t.exec(ctx, `DELETE FROM massive_file WHERE id = ? AND complete = 0`, id))
}

const massiveColumns = `id, broker, ec, operation, key_id, segregations, submitted, processed, failed, started_at, ended_at`

func (t *readTx) oneMassive(ctx context.Context, query string, args ...any) (bridge.MassiveFile, error) {
	var f bridge.MassiveFile
	var codes string
	err := t.q.QueryRowContext(ctx, query, args...).Scan(&f.ID, &f.Broker, &f.EC, &f.Operation, &f.By.KeyID, &codes,
		&f.Submitted, &f.Processed, &f.Failed, into(&f.StartedAt), into(&f.EndedAt))
	f.By.ECs = []bridge.ECCode{f.EC}
	f.By.Segregations = unlisted[string](codes)
	return f, absent(err)
}

// Massive reads one complete file of the EC's.
func (t *readTx) Massive(ctx context.Context, broker string, ec bridge.ECCode, id string) (bridge.MassiveFile, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return bridge.MassiveFile{}, err
	}
	f, err := t.oneMassive(ctx, `SELECT `+massiveColumns+` FROM massive_file WHERE id = ? AND broker = ? AND ec = ? AND complete = 1`, id, broker, ec)
	return f, t.fail("read massive file", err)
}

// NextMassive reads the next chunk: complete files in the order of their arrival, and the
// chunks of each in theirs, from behind the given one on.
func (t *readTx) NextMassive(ctx context.Context, after bridge.MassiveWork) (bridge.MassiveWork, error) {
	var work bridge.MassiveWork
	ctx, err := t.enter(ctx)
	if err != nil {
		return work, err
	}
	var file int64
	err = absent(t.q.QueryRowContext(ctx, `SELECT c.file, c.seq, c.rows, c.bytes
		FROM massive_file AS f JOIN massive_chunk AS c ON c.file = f.seq
		WHERE f.complete = 1 AND f.ended_at IS NULL
			AND (f.seq, c.seq) > (coalesce((SELECT seq FROM massive_file WHERE id = ?), 0), ?)
		ORDER BY f.seq, c.seq LIMIT 1`, after.File.ID, after.Chunk.Seq).
		Scan(&file, &work.Chunk.Seq, &work.Chunk.Rows, &work.Chunk.Bytes))
	if err == nil {
		work.File, err = t.oneMassive(ctx, `SELECT `+massiveColumns+` FROM massive_file WHERE seq = ?`, file)
	}
	return work, t.fail("read massive chunk", err)
}

// FinishMassive notes what became of a chunk's rows and takes the chunk away. A chunk
// that is gone already is ErrNotFound: its rows have been worked off.
func (t *writeTx) FinishMassive(ctx context.Context, work bridge.MassiveWork, outcomes []bridge.MassiveOutcome, now time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error { return t.finishMassive(ctx, work, outcomes, now) })
	return t.fail("finish massive chunk", err)
}

func (t *writeTx) finishMassive(ctx context.Context, work bridge.MassiveWork, outcomes []bridge.MassiveOutcome, now time.Time) error {
	var file int64
	err := t.q.QueryRowContext(ctx, `DELETE FROM massive_chunk WHERE seq = ? AND rows = ? RETURNING file`, work.Chunk.Seq, len(outcomes)).Scan(&file)
	if err != nil {
		return absent(err)
	}
	var first int
	if err := t.q.QueryRowContext(ctx, `SELECT processed FROM massive_file WHERE seq = ?`, file).Scan(&first); err != nil {
		return err
	}
	failed := 0
	for i, o := range outcomes {
		if o.Status >= 300 {
			failed++
		}
		err := t.exec(ctx, `INSERT INTO massive_outcome (file, idx, iupd, status, message) VALUES (?, ?, ?, ?, ?)`, file, first+i, o.IUPD, o.Status, o.Message)
		if err != nil {
			return err
		}
	}
	return t.execOne(ctx, `UPDATE massive_file SET processed = processed + ?1, failed = failed + ?2,
			ended_at = CASE WHEN processed + ?1 = submitted THEN ?3 END
		WHERE seq = ?4`, len(outcomes), failed, at(now), file)
}

// MassiveOutcomes groups the outcomes of a file, in the order in which each first came.
func (t *readTx) MassiveOutcomes(ctx context.Context, id string) ([]bridge.MassiveGroup, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var groups []bridge.MassiveGroup
	place := map[bridge.MassiveOutcome]int{}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var o bridge.MassiveOutcome
		if err := rows.Scan(&o.IUPD, &o.Status, &o.Message); err != nil {
			return err
		}
		kind := bridge.MassiveOutcome{Status: o.Status, Message: o.Message}
		i, known := place[kind]
		if !known {
			i = len(groups)
			place[kind] = i
			groups = append(groups, bridge.MassiveGroup{Status: o.Status, Message: o.Message})
		}
		groups[i].IUPDs = append(groups[i].IUPDs, o.IUPD)
		return nil
	}, `SELECT o.iupd, o.status, o.message FROM massive_file AS f JOIN massive_outcome AS o ON o.file = f.seq WHERE f.id = ? ORDER BY o.idx`, id)
	return groups, t.fail("read massive outcomes", err)
}

// MassiveFiles lists complete files, newest first.
func (t *readTx) MassiveFiles(ctx context.Context, q bridge.MassiveQuery) (bridge.MassivePage, error) {
	var page bridge.MassivePage
	if q.Limit < 1 || q.Limit > maxPage {
		return page, wrap("list massive files", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return page, err
	}
	before := q.Before
	if before == 0 {
		before = 1<<63 - 1
	}
	var last int64
	err = t.each(ctx, func(rows *sql.Rows) error {
		var seq int64
		var id string
		if err := rows.Scan(&seq, &id); err != nil {
			return err
		}
		if len(page.IDs) == q.Limit {
			page.Next = last
			return nil
		}
		page.IDs, last = append(page.IDs, id), seq
		return nil
	}, `SELECT seq, id FROM massive_file
		WHERE ec = ? AND broker = ? AND complete = 1 AND started_at BETWEEN ? AND ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
		q.EC, q.Broker, at(q.From), at(q.To), before, q.Limit+1)
	return page, t.fail("list massive files", err)
}

// ForgetMassive removes the files that ended before, and, if asked, those that are not
// complete.
func (t *writeTx) ForgetMassive(ctx context.Context, before time.Time, incomplete bool) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("forget massive files", t.exec(ctx, `DELETE FROM massive_file WHERE ended_at < ? OR ? AND complete = 0`, at(before), incomplete))
}

// MassiveWaiting counts the rows of complete files that are not worked off.
func (t *readTx) MassiveWaiting(ctx context.Context) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	var rows int
	err = t.q.QueryRowContext(ctx, `SELECT coalesce(sum(submitted - processed), 0) FROM massive_file WHERE complete = 1 AND ended_at IS NULL`).Scan(&rows)
	return rows, t.fail("count waiting rows", err)
}
