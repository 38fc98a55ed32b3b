package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Glance is what Look sees.
type Glance struct {
	InUse bool // another process has the store open
	// Unclean is a store that was not closed. Its log belongs to the next Open, so
	// nothing else of it is looked at.
	Unclean     bool
	Pending     int       // migrations that Open would apply
	LastJournal time.Time // UTC, of the newest record; zero when there is none
}

// Look looks at a store without opening it for use: it changes nothing, makes no
// file and migrates nothing, and the store may be in use meanwhile. It reads the
// whole file once. What Open would refuse is refused with the same *OpenError.
func Look(ctx context.Context, dir string) (g Glance, err error) {
	if err := checkLibrary(); err != nil {
		return g, err
	}
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return g, refuse(Missing, nil, "no store in %s: create one with \"nodobridge init\"", dir)
	}
	lock, err := lockToLook(dir)
	var refusal *OpenError
	switch {
	case errors.As(err, &refusal) && refusal.Reason == InUse:
		g.InUse = true
	case err != nil:
		return g, err
	}
	mode := reading
	if !g.InUse {
		if lock != nil {
			defer func() { err = errors.Join(err, unlock(lock)) }()
		}
		if err := inspect(dir); err != nil {
			return g, err
		}
		if hasLog(path) {
			g.Unclean = true
			return g, nil
		}
		mode = access{"mode": "ro", "immutable": "1"}
	}
	db, err := pool(ctx, dir, mode, 1, looking)
	if err != nil {
		return g, unreadable(dir, err)
	}
	if err := g.read(ctx, db); err != nil {
		return g, errors.Join(unreadable(dir, err), db.Close())
	}
	return g, db.Close()
}

func (g *Glance) read(ctx context.Context, db *sql.DB) error {
	known, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	have, err := applied(ctx, db)
	if err != nil {
		return err
	}
	todo, err := pending(have, known)
	if err != nil {
		return err
	}
	g.Pending = len(todo)
	var last moment
	err = db.QueryRowContext(ctx, `SELECT at FROM journal ORDER BY id DESC LIMIT 1`).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	g.LastJournal = last.Time
	return quickCheck(ctx, db)
}

// lockToLook takes the lock of a store that nobody uses, for as long as the look
// lasts. Unlike lockDir it makes no file: whoever looks may be another user, whose
// file the service could not open. Without one there is nobody to lock out, and nil.
func lockToLook(dir string) (*os.File, error) {
	f, err := os.Open(filepath.Join(dir, lockName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refuse(Unusable, err, "cannot look at the store in %s: run as the service's user", dir)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(refuse(InUse, nil, "store in use: another process has opened %s", dir), f.Close())
	}
	if err != nil {
		return nil, errors.Join(refuse(Unusable, err, "cannot lock the store in %s: use a local file system with flock", dir), f.Close())
	}
	return f, nil
}
