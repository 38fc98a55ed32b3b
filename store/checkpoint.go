package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// checkpointEvery is how long changes may lie in the log before they are copied
// into the file; truncateAt is the log's size at which it is also cut, since
// passive checkpoints alone let it grow under sustained load (go-stack.md §6).
const (
	checkpointEvery = time.Second
	truncateAt      = 256 << 20
)

// checkpointer copies the log into the file on a connection of its own, so that
// the writer never stops for it.
type checkpointer struct {
	db    *sql.DB
	log   *slog.Logger
	wal   string // the log's path
	fault *fault

	dirty chan struct{} // holds one token when something has been committed
	quit  chan struct{}
	done  chan struct{}
}

func newCheckpointer(db *sql.DB, wal string, f *fault, log *slog.Logger) *checkpointer {
	return &checkpointer{
		db: db, wal: wal, fault: f, log: log,
		dirty: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
}

// wake says that there is something to copy.
func (c *checkpointer) wake() {
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

// run sleeps until there is something to do, then lets changes gather for a
// moment: an idle store has no timer running.
func (c *checkpointer) run() {
	defer close(c.done)
	timer := time.NewTimer(checkpointEvery)
	defer timer.Stop()
	for {
		select {
		case <-c.quit:
			return
		case <-c.dirty:
		}
		timer.Reset(checkpointEvery)
		select {
		case <-c.quit:
			return
		case <-timer.C:
		}
		c.tick()
	}
}

// tick copies what it can without waiting for anybody, and cuts a log that has
// grown too long.
func (c *checkpointer) tick() {
	left, err := c.checkpoint("PASSIVE")
	if err == nil && c.size() > truncateAt {
		left, err = c.checkpoint("TRUNCATE")
	}
	if err != nil {
		c.log.Error("checkpoint failed", "error", err)
	}
	if left || err != nil {
		c.wake() // a reader still needs an older snapshot: come again
	}
}

// checkpoint says whether part of the log is left. A busy store is no error.
func (c *checkpointer) checkpoint(mode string) (left bool, err error) {
	var busy, frames, copied int
	err = c.db.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &copied)
	if err != nil {
		c.fault.note(err)
		return true, fmt.Errorf("cannot checkpoint: %w", err)
	}
	return busy != 0 || copied < frames, nil
}

func (c *checkpointer) size() int64 {
	info, err := os.Stat(c.wal)
	if err != nil {
		return 0 // no log, nothing to cut
	}
	return info.Size()
}

// stop ends the goroutine and empties the log. Writer and readers have ended.
func (c *checkpointer) stop() error {
	close(c.quit)
	<-c.done
	var err error
	if c.fault.err() == nil {
		_, err = c.checkpoint("TRUNCATE")
	}
	if closed := c.db.Close(); closed != nil {
		return closed
	}
	return err
}
