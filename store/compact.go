package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// compactTries is how often the log is tried to be emptied; a reader may hold it up for
// as long as it reads.
const compactTries = 50

var errLogHeld = errors.New("cannot empty the log: somebody reads an old snapshot of it; try again")

// Compacting says whether writers wait for Compact.
func (d *DB) Compacting() bool { return d.compacting.Load() }

// Compact writes the whole file anew and empties the log: secure_delete overwrites what
// is deleted, but remains of rows stay in the slack of pages until then
// (reliability-security.md §0.11). Writers wait meanwhile.
func (d *DB) Compact(ctx context.Context) error {
	if err := d.fault.err(); err != nil {
		return err
	}
	d.compacting.Store(true)
	defer d.compacting.Store(false)
	if _, err := d.points.db.ExecContext(ctx, "VACUUM"); err != nil {
		d.fault.note(err)
		return fmt.Errorf("cannot compact the store: %w", err)
	}
	for range compactTries {
		left, err := d.points.checkpoint("TRUNCATE")
		if err != nil {
			return err
		}
		if !left {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errLogHeld
}
