package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// The files of a store. SQLite adds "-wal" and "-shm" to the first.
const (
	fileName = "nodobridge.db"
	lockName = "nodobridge.lock"
	fileMode = 0o600
	dirMode  = 0o700
)

// lockDir takes the store's lock against every other process, and against
// another Open in this one. The lock lies beside the database and not on it:
// SQLite locks the database with POSIX locks, which a process loses as soon as
// it closes any descriptor of the file (sqlite.org/howtocorrupt.html §2.2). So
// nothing here opens the database before it holds this lock.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, refuse(Unusable, err, "cannot lock the store in %s: the service's user must own the directory and be able to write to it", dir)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = refuse(InUse, nil, "store in use: another process has opened %s; stop it first", dir)
	} else if err != nil {
		err = refuse(Unusable, err, "cannot lock the store in %s: use a local file system with flock", dir)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// unlock ends the lock and closes its file. It says so itself, because closing
// ends it only once every copy of the descriptor is closed, and a child that is
// just being started holds one until it has become another program. The file
// stays: removing it would let two processes lock two files of one name.
func unlock(f *os.File) error {
	if err := errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close()); err != nil {
		return fmt.Errorf("cannot release the store's lock: %w", err)
	}
	return nil
}
