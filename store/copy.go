package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// workName begins the folders in which copies of the store lie for a moment.
const workName = ".copy-"

// Copy writes a copy of an open store into a new folder inside the store's own, verifies
// the copy, hands the folder on, and removes it. Work goes on meanwhile: the copy is of
// one instant. It holds nothing of what was deleted, since every row is written anew.
func (db *DB) Copy(ctx context.Context, use func(file string, v *Verification) error) error {
	if err := db.usable(); err != nil {
		return err
	}
	return inWorkFolder(db.dir, func(dir string) error {
		if err := copyTo(ctx, access{"mode": "ro"}, db.dir, dir); err != nil {
			return fmt.Errorf("cannot copy the store: %w", err)
		}
		v, err := VerifyDir(ctx, dir)
		if err != nil {
			return fmt.Errorf("cannot verify the copy: %w", err)
		}
		if !v.OK() {
			return fmt.Errorf("cannot use the copy: the store is not whole: %s", v.Broken())
		}
		return use(filepath.Join(dir, fileName), v)
	})
}

// inWorkFolder makes a folder for copies and removes it with all that lies there, and
// what a killed process has left.
func inWorkFolder(dir string, use func(string) error) (err error) {
	work, err := os.MkdirTemp(dir, workName)
	if err != nil {
		return fmt.Errorf("cannot make a folder for the copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	return use(work)
}

// sweepCopies removes what a killed process has left. The caller holds the lock.
func sweepCopies(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, workName+"*"))
	for _, name := range left {
		err = errors.Join(err, os.RemoveAll(name))
	}
	return err
}

// copyTo copies the file of a store that is open or locked, with its log, into a folder.
// A connection of its own: what it holds up ends with it.
func copyTo(ctx context.Context, mode access, from, to string) (err error) {
	db, err := pool(ctx, from, mode, 1, common)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	path := filepath.Join(to, fileName)
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	if err := os.Chmod(path, fileMode); err != nil {
		return err
	}
	// SQLite does not sync what it writes there.
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(to)
}

// Unpack makes a folder inside a store's own, which need not hold a store yet, for a file
// that is to take the store's place. The file is verified, and migrated before when it is
// of an older release; then use is called, and the folder is removed.
func Unpack(ctx context.Context, dir string, fill func(file string) error, use func(work string, v *Verification) error) error {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return refuse(Unusable, err, "cannot make the store's directory %s", dir)
	}
	return inWorkFolder(dir, func(work string) error {
		if err := fill(filepath.Join(work, fileName)); err != nil {
			return err
		}
		v, err := VerifyDir(ctx, work)
		var refusal *OpenError
		if errors.As(err, &refusal) && refusal.Reason == OlderSchema {
			if v, err = migrateAndVerify(ctx, work); err != nil {
				return fmt.Errorf("cannot migrate what the backup holds: %w", err)
			}
		}
		if err != nil {
			return fmt.Errorf("cannot use what the backup holds: %w", err)
		}
		if !v.OK() {
			return fmt.Errorf("%w: what the backup holds is not whole: %s", ErrCorrupt, v.Broken())
		}
		return use(work, v)
	})
}

func migrateAndVerify(ctx context.Context, dir string) (*Verification, error) {
	db, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	if err := db.Close(ctx); err != nil {
		return nil, err
	}
	return VerifyDir(ctx, dir)
}

// Replace puts the store that lies in work in the place of the one in dir, which must not
// be in use, and keeps the old one's files in a folder beside them, whose name it gives:
// "" when there was none. other allows another store's.
func Replace(ctx context.Context, dir, work string, other bool, now time.Time) (aside string, err error) {
	lock, err := lockDir(dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock(lock)) }()
	if err := sameStore(ctx, dir, work, other); err != nil {
		return "", err
	}
	var old []string
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(filepath.Join(dir, fileName+suffix)); err == nil {
			old = append(old, fileName+suffix)
		}
	}
	if len(old) > 0 {
		aside = filepath.Join(dir, "replaced-"+now.UTC().Format("20060102T150405.000000Z"))
		if err := os.Mkdir(aside, dirMode); err != nil {
			return "", fmt.Errorf("cannot keep the old store: %w", err)
		}
	}
	// The file before its log: a call that is broken off here leaves no store at all, which
	// is refused, rather than one without its last changes.
	for _, name := range old {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(aside, name)); err != nil {
			return aside, fmt.Errorf("cannot keep the old store: %w", err)
		}
	}
	if aside != "" {
		if err := syncDir(aside); err != nil {
			return aside, err
		}
	}
	if err := os.Rename(filepath.Join(work, fileName), filepath.Join(dir, fileName)); err != nil {
		return aside, fmt.Errorf("cannot put the store in its place, the old one is in %s: %w", aside, err)
	}
	// What is in the store's place was verified.
	return aside, errors.Join(unmark(dir), syncDir(dir))
}

// sameStore refuses another store's file in the place of one that can still say who it is.
func sameStore(ctx context.Context, dir, work string, other bool) error {
	known, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	fresh, err := probe(ctx, work, known, 0)
	if err != nil {
		return err
	}
	if other || inspect(dir) != nil {
		return nil
	}
	have, err := probe(ctx, dir, known, 0)
	if err != nil {
		return nil // damaged: that is why it is replaced
	}
	if have.uuid != fresh.uuid {
		return refuse(Foreign, nil, "the backup is of store %s, and %s holds %s: say --other-store if that is meant", fresh.uuid, dir, have.uuid)
	}
	return nil
}

// HasEnds says which of the ends are not in an open store's chains: a backup's are, as
// long as the store is the one that it was made of.
func (db *DB) HasEnds(ctx context.Context, ends []ChainEnd) ([]ChainEnd, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	list, err := strangers(ctx, db.readers, ends)
	if err != nil {
		return nil, db.readFailure("compare chains", err)
	}
	return list, nil
}
