package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"nodobridge/bridge"
)

var _ bridge.Store = (*DB)(nil)

// defaultReaders suits the two to four cores of the machines we expect
// (go-stack.md §8).
const defaultReaders = 4

// Options says which store to open and how.
type Options struct {
	Dir     string       // the directory that Init made
	Readers int          // read connections; 0 means 4
	Log     *slog.Logger // nil means no log

	checkAtOnce time.Duration // how long a start waits for a check; 0 means the usual
}

// DB is an open store. It is safe for concurrent use.
type DB struct {
	dir   string
	uuid  string
	log   *slog.Logger
	lock  *os.File
	fault *fault

	readers *sql.DB
	notices *pointReaders
	writes  *writer
	points  *checkpointer

	compacting atomic.Bool

	checks   sync.WaitGroup // the check behind the work
	endCheck func()         // nil when there was none

	ended   atomic.Bool // Close has begun
	closing sync.Once
	closed  error
}

// Open opens the store that Init made in a directory. What is not such a store,
// or is one of a newer program, is refused with an *OpenError and left untouched.
// It migrates a store of an older program.
func Open(ctx context.Context, o Options) (*DB, error) {
	return open(ctx, o, defaultPragmas())
}

func open(ctx context.Context, o Options, settings pragmas) (_ *DB, err error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open store: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, fileName)); errors.Is(err, os.ErrNotExist) {
		return nil, refuse(Missing, nil, "no store in %s: create one with \"nodobridge init\"", dir)
	}
	db := &DB{dir: dir, log: o.Log, fault: newFault()}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if o.Readers < 1 {
		o.Readers = defaultReaders
	}
	db.lock, err = lockDir(dir)
	if err != nil {
		return nil, err
	}
	if o.checkAtOnce == 0 {
		o.checkAtOnce = waitFor(filepath.Join(dir, fileName))
	}
	if err := db.start(ctx, o, settings); err != nil {
		return nil, errors.Join(err, unlock(db.lock))
	}
	return db, nil
}

// start opens the connections, the writer's first: it creates the log and its
// index that the others need. The caller holds the lock.
func (db *DB) start(ctx context.Context, o Options, settings pragmas) (err error) {
	if err := inspect(db.dir); err != nil {
		return err
	}
	known, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	found, err := probe(ctx, db.dir, known, o.checkAtOnce)
	if err != nil {
		return err
	}
	db.uuid = found.uuid
	room := &ballast{dir: db.dir, log: db.log}
	room.prepare()
	db.noteChecked(found.unchecked)
	if err := db.beforeMigration(ctx, found.todo); err != nil {
		return err
	}

	var opened []io.Closer
	defer func() {
		if err != nil {
			for _, o := range opened {
				err = errors.Join(err, o.Close())
			}
		}
	}()
	connect := func(mode access, size int, settings []pragma) *sql.DB {
		if err != nil {
			return nil
		}
		var p *sql.DB
		p, err = pool(ctx, db.dir, mode, size, settings)
		if err != nil {
			err = unreadable(db.dir, err)
			return nil
		}
		opened = append(opened, p)
		return p
	}
	writer := connect(writing, 1, settings.writer)
	points := connect(writing, 1, settings.checkpointer)
	db.readers = connect(reading, o.Readers, settings.reader)
	if err != nil {
		return err
	}
	if err := migrate(ctx, writer, found.todo); err != nil {
		return err
	}
	if db.notices, err = openPoints(ctx, db.dir, settings.point); err != nil {
		return unreadable(db.dir, err)
	}
	opened = append(opened, db.notices)
	db.points = newCheckpointer(points, filepath.Join(db.dir, fileName+"-wal"), db.fault, db.log)
	db.writes, err = newWriter(ctx, writer, db.fault, room, db.points.wake, db.log)
	if err != nil {
		return err
	}
	go db.points.run()
	go db.writes.run()
	if found.unchecked {
		db.checkBehind()
	}
	return nil
}

// noteChecked keeps for the next start whether the file still has to be checked.
func (db *DB) noteChecked(unchecked bool) {
	note := func() error { return unmark(db.dir) }
	if unchecked {
		note = func() error { return mark(db.dir, "") }
	}
	if err := note(); err != nil {
		db.log.Warn("whether the file is checked is not noted", "reason", err.Error())
	}
}

// UUID is the store's random identity, given by Init.
func (db *DB) UUID() string { return db.uuid }

// Update runs fn as bridge.Store demands. fn is run at most once, on the
// writer's goroutine, in a savepoint of its own: it must not call Update, and
// must use the Tx only before it returns. A cancelled ctx takes fn off the queue
// or ends it at its next statement; Update never returns while fn runs.
func (db *DB) Update(ctx context.Context, fn func(bridge.Tx) error) error {
	j, err := db.writes.submit(ctx, fn)
	if err != nil {
		return err
	}
	err = j.wait()
	if isFull(err) {
		return fmt.Errorf("%w: %w", bridge.ErrNoRoom, err)
	}
	return err
}

// View runs fn on one snapshot, taken at its first read.
func (db *DB) View(ctx context.Context, fn func(bridge.ReadTx) error) error {
	if err := db.usable(); err != nil {
		return err
	}
	tx, err := db.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return db.readFailure("begin read", err)
	}
	t := &readTx{q: tx, fault: db.fault}
	defer func() {
		t.over = true
		_ = tx.Rollback() // there is nothing to lose; a done context has rolled back already
	}()
	return fn(t)
}

func (db *DB) usable() error {
	if db.ended.Load() {
		return ErrClosed
	}
	return db.fault.err()
}

// readFailure wraps a failed read. One that Close overtook is no failure.
func (db *DB) readFailure(doing string, err error) error {
	db.fault.note(err)
	if db.ended.Load() && err != bridge.ErrNotFound {
		return ErrClosed
	}
	return wrap(doing, err)
}

// Broken is closed when the disk or the file has failed: from then on every call
// fails, and the process should exit to be started again and recover
// (reliability-security.md §2, fault policy). Fault says why.
func (db *DB) Broken() <-chan struct{} { return db.fault.broken }

// Fault is the error that broke the store, or nil.
func (db *DB) Fault() error { return db.fault.err() }

// Close refuses new updates, finishes those that wait, puts the log into the
// file and ends every connection. When ctx is done first, the updates still
// waiting are refused instead. A second Close gives the first one's result.
func (db *DB) Close(ctx context.Context) error {
	db.closing.Do(func() {
		db.ended.Store(true)
		if db.endCheck != nil {
			db.endCheck()
		}
		db.checks.Wait()
		drained := db.writes.stop(ctx)
		read := errors.Join(db.notices.Close(), db.readers.Close())
		pointed := db.points.stop()
		db.closed = errors.Join(drained, read, pointed, db.writes.close(), unlock(db.lock))
	})
	return db.closed
}
