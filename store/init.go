package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Init creates a new store in dir: the directory (0700) when it is missing, the
// file (0600), the schema and a random identity. It never touches a store that
// is there, nor a left-over log of one, which SQLite would play into the new file.
func Init(dir string) (err error) {
	if err := checkLibrary(); err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("cannot create store: %w", err)
	}
	// The directory is the store's own: one that was there already may have been open
	// to others.
	if err := errors.Join(os.MkdirAll(dir, dirMode), os.Chmod(dir, dirMode)); err != nil {
		return refuse(Unusable, err, "cannot create the store's directory %s", dir)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock(lock)) }()
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(filepath.Join(dir, fileName+suffix)); !errors.Is(err, os.ErrNotExist) {
			return refuse(Exists, nil, "there is a store in %s already (%s): it is left as it is; name another directory", dir, fileName+suffix)
		}
	}
	if err := create(context.Background(), dir); err != nil {
		return refuse(Unusable, err, "cannot create the store in %s", dir)
	}
	return syncDir(dir)
}

// create builds the file under its final name only when it is whole: before
// that it is in a folder of its own.
func create(ctx context.Context, dir string) (err error) {
	workshop, err := os.MkdirTemp(dir, ".init-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(workshop)) }()
	path := filepath.Join(workshop, fileName)
	// SQLite gives the log the file's own permissions.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, fileMode)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := build(ctx, workshop); err != nil {
		return err
	}
	return os.Rename(path, filepath.Join(dir, fileName))
}

// build writes the schema and the identity.
func build(ctx context.Context, dir string) (err error) {
	known, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	db, err := pool(ctx, dir, writing, 1, defaultPragmas().writer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	if err := migrate(ctx, db, known); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO store (id, uuid, created_at) VALUES (1, ?, ?)`, newUUID(), at(time.Now()))
	return err
}

// newUUID is a random UUID, version 4 (RFC 9562 §5.4).
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the process instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// syncDir makes the new name durable.
func syncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return refuse(Unusable, err, "cannot sync the store's directory %s", dir)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return refuse(Unusable, err, "cannot sync the store's directory %s", dir)
	}
	return nil
}
