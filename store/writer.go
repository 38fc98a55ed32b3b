package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/mattn/go-sqlite3"

	"nodobridge/bridge"
)

// maxQueued bounds the updates that wait; maxBatch those that share a commit
// (go-stack.md §6).
const (
	maxQueued = 1024
	maxBatch  = 64
)

// writer owns the one writing connection and the goroutine that uses it.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	fault *fault
	room  *ballast
	wake  func() // tells the checkpointer that there is something to do
	log   *slog.Logger

	queue chan *job
	done  chan struct{} // closed when the goroutine has ended
	hurry atomic.Bool   // refuse what waits instead of running it

	gate    sync.RWMutex // keeps submit from sending on a closed queue
	stopped bool

	commits atomic.Int64
	ends    unsettled // as the transaction under way has it
}

// The life of a job: whoever moves it out of jobQueued has it.
const (
	jobQueued int32 = iota
	jobRunning
	jobAbandoned
)

// job is one update on its way through the queue.
type job struct {
	ctx   context.Context
	fn    func(bridge.Tx) error
	state atomic.Int32
	done  chan error      // takes exactly one answer
	ended <-chan struct{} // the writer's goroutine
}

func newWriter(ctx context.Context, db *sql.DB, f *fault, room *ballast, wake func(), log *slog.Logger) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot open writer: %w", err)
	}
	return &writer{
		db: db, conn: conn, fault: f, room: room, wake: wake, log: log,
		queue: make(chan *job, maxQueued), done: make(chan struct{}),
	}, nil
}

// submit puts an update into the queue, or says at once why not.
func (w *writer) submit(ctx context.Context, fn func(bridge.Tx) error) (*job, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := w.fault.err(); err != nil {
		return nil, err
	}
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.stopped {
		return nil, ErrClosed
	}
	j := &job{ctx: ctx, fn: fn, done: make(chan error, 1), ended: w.done}
	select {
	case w.queue <- j:
		return j, nil
	default:
		return nil, ErrQueueFull
	}
}

// wait gives the update's own outcome. It gives up early only when the update
// can no longer begin: a running function writes its caller's variables.
func (j *job) wait() error {
	select {
	case err := <-j.done:
		return err
	case <-j.ended:
	case <-j.ctx.Done():
		if j.state.CompareAndSwap(jobQueued, jobAbandoned) {
			return j.ctx.Err()
		}
	}
	select {
	case err := <-j.done:
		return err
	case <-j.ended:
	}
	select {
	case err := <-j.done: // answered just before the end
		return err
	default:
		return ErrBroken
	}
}

// begin takes the job for running, unless its caller has gone.
func (j *job) begin() error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	if !j.state.CompareAndSwap(jobQueued, jobRunning) {
		return context.Canceled // nobody reads it
	}
	return nil
}

// run takes what is queued, commits it together, and answers. There is no timer:
// a lone update does not wait for company, and while a commit is on its way the
// next batch gathers by itself (go-stack.md §6).
func (w *writer) run() {
	defer close(w.done)
	orderly := false
	defer func() {
		if !orderly { // a function ended the goroutine (runtime.Goexit)
			w.fault.set(errors.New("the writer has ended"))
		}
	}()
	batch := make([]*job, 0, maxBatch)
	for first := range w.queue {
		batch = append(batch[:0], first)
	drain:
		for len(batch) < maxBatch {
			select {
			case j, open := <-w.queue:
				if !open {
					break drain
				}
				batch = append(batch, j)
			default:
				break drain
			}
		}
		for rest := batch; len(rest) > 0; {
			rest = rest[w.commit(rest):]
		}
	}
	orderly = true
}

// commit runs the jobs in one transaction, answers them, and says how many it
// dealt with: fewer than all when the transaction broke off under one of them.
func (w *writer) commit(jobs []*job) int {
	outcomes := make([]error, 0, len(jobs))
	err := w.refusal()
	if err == nil {
		err = wrap("begin update", w.exec("BEGIN IMMEDIATE"))
	}
	if err != nil {
		answer(jobs, outcomes, err)
		return len(jobs)
	}
	changed := false
	for i, j := range jobs {
		err := j.begin()
		if err == nil {
			err = w.room.refusal(j.ctx)
		}
		if err == nil {
			var lost error
			err, lost = w.runJob(j, len(jobs) == 1)
			if lost != nil {
				// SQLite has rolled the whole transaction back, as it may when the
				// disk is full. A function is run once only, so those that had
				// succeeded fail with it; those that have not begun get another.
				w.rollback()
				answer(jobs[:i+1], outcomes, lost)
				return i + 1
			}
			changed = changed || err == nil
		}
		outcomes = append(outcomes, err)
	}
	if changed {
		err = w.ends.settle(context.Background(), w.conn)
		w.fault.note(err)
		w.room.note(err)
	}
	if changed && err == nil {
		err = wrap("commit", w.exec("COMMIT"))
	}
	if changed && err == nil {
		w.commits.Add(1)
		w.wake()
	} else {
		w.rollback()
	}
	answer(jobs, outcomes, err)
	return len(jobs)
}

// refusal says why nothing more is run.
func (w *writer) refusal() error {
	if err := w.fault.err(); err != nil {
		return err
	}
	if w.hurry.Load() {
		return ErrClosed
	}
	return nil
}

// runJob runs one function in a savepoint, so that its failure takes back its
// own changes and no other's. lost is set when there is no transaction any more.
// A job alone in its transaction needs no savepoint: the transaction is its own. That
// spares a massive upload's chunk the copy of every page that its rows touch.
func (w *writer) runJob(j *job, alone bool) (err, lost error) {
	if alone {
		err = w.call(j)
		inside, lost := w.inside()
		if lost == nil && !inside {
			lost = errors.Join(err, errBrokenOff)
		}
		return err, errors.Join(w.fault.err(), lost)
	}
	if err := w.exec("SAVEPOINT job"); err != nil {
		return nil, wrap("begin update", err)
	}
	before := w.ends
	err = w.call(j)
	if fault := w.fault.err(); fault != nil {
		return nil, fault
	}
	if err != nil {
		if back := w.exec("ROLLBACK TO job"); back != nil {
			return nil, errors.Join(err, wrap("roll back", back))
		}
		w.ends = before
	}
	if release := w.exec("RELEASE job"); release != nil {
		return nil, errors.Join(err, wrap("end update", release))
	}
	return err, nil
}

// call runs the function and turns a panic into its error. What it panicked
// with may be a person's data, so the log gets the place only.
func (w *writer) call(j *job) (err error) {
	tx := &writeTx{readTx{q: w.conn, fault: w.fault, writing: true}, &w.ends}
	defer func() {
		tx.over = true
		if p := recover(); p != nil {
			w.log.Error("update panicked", "stack", string(debug.Stack()))
			err = fmt.Errorf("cannot run update: it panicked with a %T", p)
		}
	}()
	err = j.fn(tx)
	w.fault.note(err)
	w.room.note(err)
	return err
}

// exec runs a statement of the writer's own. Its context has no end: an
// interrupted statement would roll back every job of the batch.
func (w *writer) exec(statement string) error {
	_, err := w.conn.ExecContext(context.Background(), statement)
	w.fault.note(err)
	w.room.note(err)
	return err
}

// errBrokenOff is a transaction that SQLite has ended under a job.
var errBrokenOff = errors.New("the transaction broke off")

// inside says whether there is a transaction.
func (w *writer) inside() (bool, error) {
	inside := false
	err := w.conn.Raw(func(c any) error {
		inside = !c.(*sqlite3.SQLiteConn).AutoCommit()
		return nil
	})
	return inside, err
}

// rollback ends the transaction if SQLite has not done so itself.
func (w *writer) rollback() {
	w.ends = unsettled{}
	inside, err := w.inside()
	if err == nil && inside {
		err = w.exec("ROLLBACK")
	}
	if err != nil {
		// A transaction that cannot be ended would take in the next job's changes.
		w.fault.set(wrap("roll back", err))
	}
}

// answer gives each job its own failure or, where it has none or has not run,
// the batch's. When the batch fails, a job's own failure counts only if nothing
// had succeeded before it: it may rest on rows that are gone, such as a number
// that seemed taken.
func answer(jobs []*job, outcomes []error, batch error) {
	stained := false
	for i, j := range jobs {
		err := batch
		if i < len(outcomes) && outcomes[i] != nil && !stained {
			err = outcomes[i]
		}
		stained = stained || batch != nil && i < len(outcomes) && outcomes[i] == nil
		j.done <- err
	}
}

// stop closes the queue and waits for the goroutine to empty it, or, once ctx is
// done, to refuse what is left.
func (w *writer) stop(ctx context.Context) error {
	w.gate.Lock()
	w.stopped = true
	close(w.queue)
	w.gate.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		w.hurry.Store(true)
		<-w.done
		return fmt.Errorf("cannot finish the waiting updates: %w", ctx.Err())
	}
}

func (w *writer) close() error { return errors.Join(w.conn.Close(), w.db.Close()) }
