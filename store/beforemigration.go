package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// keptName begins the folders with the store as it was before an upgrade; keptFor is how
// long they stay, since what is erased must leave copies too (reliability-security.md §6).
const (
	keptName = "before-migration-"
	keptFor  = 35 * 24 * time.Hour
)

// beforeMigration copies the store before its schema moves, which is the way back to the
// older program (docs/operations.md), and checks the copy. Without a copy nothing is
// migrated. The caller holds the lock.
func (db *DB) beforeMigration(ctx context.Context, todo []migration) error {
	if err := sweepCopies(db.dir); err != nil {
		return refuse(Unusable, err, "cannot remove the unfinished copies in %s", db.dir)
	}
	if len(todo) == 0 {
		return sweepKept(db.dir, time.Now())
	}
	name := filepath.Join(db.dir, fmt.Sprintf("%s%04d-%s", keptName, todo[0].version-1, time.Now().UTC().Format("20060102T150405.000000Z")))
	mode := access{"mode": "ro"}
	if !hasLog(filepath.Join(db.dir, fileName)) {
		mode["immutable"] = "1" // so that SQLite makes no files of its own, should this fail
	}
	err := inWorkFolder(db.dir, func(work string) error {
		if err := copyTo(ctx, mode, db.dir, work); err != nil {
			return err
		}
		if err := checkCopy(ctx, work); err != nil {
			return err
		}
		// It gets its name when it is known to be good.
		if err := os.Mkdir(name, dirMode); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(work, fileName), filepath.Join(name, fileName)); err != nil {
			return err
		}
		return errors.Join(syncDir(name), syncDir(db.dir))
	})
	if err != nil {
		return refuse(Unusable, err, "cannot copy the store in %s before the upgrade, so it is not migrated: see that as much space is free as the store takes", db.dir)
	}
	db.log.Info("copied the store before migrating it", "to", name, "from_schema", todo[0].version-1, "to_schema", todo[len(todo)-1].version)
	return nil
}

// checkCopy is SQLite's own check, since the chains may be what the migration makes.
func checkCopy(ctx context.Context, dir string) (err error) {
	db, err := pool(ctx, dir, access{"mode": "ro", "immutable": "1"}, 1, looking)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	v := verifier{db: db}
	_, broken, err := v.file(ctx)
	if err == nil && broken != "" {
		err = errors.New("integrity_check failed")
	}
	return err
}

// sweepKept removes copies that have become too old.
func sweepKept(dir string, now time.Time) error {
	names, err := filepath.Glob(filepath.Join(dir, keptName+"*"))
	for _, name := range names {
		_, when, _ := strings.Cut(strings.TrimPrefix(filepath.Base(name), keptName), "-")
		made, bad := time.Parse("20060102T150405.000000Z", when)
		if bad == nil && now.Sub(made) > keptFor {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	return err
}
