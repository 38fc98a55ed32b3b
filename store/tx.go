package store

import (
	"context"
	"database/sql"

	"nodobridge/bridge"
)

var (
	_ bridge.ReadTx = (*readTx)(nil)
	_ bridge.Tx     = (*writeTx)(nil)
)

// querier is what a pool, a connection and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// readTx reads one snapshot.
type readTx struct {
	q       querier
	fault   *fault
	writing bool
	over    bool
}

// writeTx reads and writes in the writer's transaction.
type writeTx struct {
	readTx
	ends *unsettled
}

// enter is asked before each operation for the context of its statements. In the
// writer's transaction that context cannot be cancelled, because interrupting a
// write rolls back the whole transaction with every other job in it
// (sqlite.org/c3ref/interrupt.html); a cancelled caller ends here instead.
func (t *readTx) enter(ctx context.Context) (context.Context, error) {
	if t.over {
		return nil, errTxDone
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := t.fault.err(); err != nil {
		return nil, err
	}
	if t.writing {
		return context.WithoutCancel(ctx), nil
	}
	return ctx, nil
}

// fail wraps an error and lets a fault of the disk break the store.
func (t *readTx) fail(doing string, err error) error {
	t.fault.note(err)
	return wrap(doing, err)
}

// exec runs one writing statement.
func (t *writeTx) exec(ctx context.Context, statement string, args ...any) error {
	_, err := t.q.ExecContext(ctx, statement, args...)
	return err
}

// execOne runs a statement that must change exactly one row.
func (t *writeTx) execOne(ctx context.Context, statement string, args ...any) error {
	changed, err := t.execCount(ctx, statement, args...)
	if err == nil && changed != 1 {
		return bridge.ErrNotFound
	}
	return err
}

func (t *writeTx) execCount(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := t.q.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// atomically runs several statements as one: when one fails, none has happened,
// even if the caller goes on and its transaction is committed.
func (t *writeTx) atomically(ctx context.Context, run func() error) error {
	if err := t.exec(ctx, "SAVEPOINT operation"); err != nil {
		return err
	}
	before := *t.ends
	err := run()
	if err != nil {
		if back := t.exec(ctx, "ROLLBACK TO operation"); back != nil {
			t.fault.note(back)
			return err // the job's own savepoint is gone too; the writer finds out
		}
		*t.ends = before
	}
	if release := t.exec(ctx, "RELEASE operation"); release != nil && err == nil {
		return release
	}
	return err
}
