package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// After an unclean stop the whole file is looked at (quickCheck). SQLite has recovered from
// the log by then, and what that cannot cure is rare: a disk that lies, a page that was
// written half. A small file, or one in memory, is checked before the first answer. A large
// one takes minutes when it has to be read from the disk, in which no payer should wait:
// it is checked behind the work, and a store that turns out to be damaged breaks, as one
// whose disk fails does.

// checkAtOnce is how long a start waits for the check, if the file is larger than
// checkedWhole.
const (
	checkAtOnce  = time.Second
	checkedWhole = 64 << 20
)

func waitFor(file string) time.Duration {
	if info, err := os.Stat(file); err == nil && info.Size() > checkedWhole {
		return checkAtOnce
	}
	return time.Hour
}

// markName is a file that says that the check is still to be made; markDamaged is in it when
// it has failed: then the next start waits for the whole of it, and refuses the store.
const (
	markName    = "unchecked"
	markDamaged = "damaged\n"
)

// marked says whether the store is unchecked, and whether it was found damaged.
func marked(dir string) (unchecked, damaged bool) {
	content, err := os.ReadFile(filepath.Join(dir, markName))
	return err == nil, string(content) == markDamaged
}

func mark(dir, content string) error {
	if err := os.WriteFile(filepath.Join(dir, markName), []byte(content), fileMode); err != nil {
		return fmt.Errorf("cannot note that the store is unchecked: %w", err)
	}
	return syncDir(dir)
}

func unmark(dir string) error {
	err := os.Remove(filepath.Join(dir, markName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot note that the store is checked: %w", err)
	}
	return nil
}

// checkInTime checks the file for as long as a start may wait; done is false when the time
// was not enough.
func checkInTime(ctx context.Context, q querier, limit time.Duration) (done bool, err error) {
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = quickCheck(short, q)
	if short.Err() != nil && ctx.Err() == nil {
		return false, nil
	}
	return true, err
}

// checkBehind makes the check that a start did not wait for. Close ends it.
func (db *DB) checkBehind() {
	ctx, cancel := context.WithCancel(context.Background())
	db.endCheck = cancel
	db.checks.Go(func() {
		defer cancel()
		began := time.Now()
		err := checkFile(ctx, db.dir)
		switch {
		case ctx.Err() != nil: // the mark stays
		case err != nil:
			err = errors.Join(err, mark(db.dir, markDamaged))
			db.log.Error("the store's file is damaged: restore a backup", "reason", err.Error())
			db.fault.set(err)
		default:
			if err := unmark(db.dir); err != nil {
				db.log.Error("the next start will check the file again", "reason", err.Error())
			}
			db.log.Info("the store's file is whole after an unclean stop", "took", time.Since(began).Round(time.Millisecond).String())
		}
	})
}

func checkFile(ctx context.Context, dir string) (err error) {
	db, err := pool(ctx, dir, access{"mode": "ro"}, 1, looking)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return quickCheck(ctx, db)
}
