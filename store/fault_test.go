package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/mattn/go-sqlite3"

	"nodobridge/bridge"
	"nodobridge/store"
)

func TestFaultPolicy_WhichErrorsBreakTheStore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  sqlite3.Error
		want bool
	}{
		"fsync":      {sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrFsync}, true},
		"write":      {sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrWrite}, true},
		"short read": {sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrShortRead}, true},
		"corrupt":    {sqlite3.Error{Code: sqlite3.ErrCorrupt}, true},
		"not a db":   {sqlite3.Error{Code: sqlite3.ErrNotADB}, true},
		"disk full":  {sqlite3.Error{Code: sqlite3.ErrFull}, false},
		"no memory":  {sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrNoMem}, false},
		"busy":       {sqlite3.Error{Code: sqlite3.ErrBusy}, false},
		"constraint": {sqlite3.Error{Code: sqlite3.ErrConstraint, ExtendedCode: sqlite3.ErrConstraintUnique}, false},
	} {
		if got := store.IsFault(fmt.Errorf("wrapped: %w", c.err)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFaultPolicy_NothingIsSaidToBeStoredAfterAFault(t *testing.T) {
	t.Parallel()
	dir, ctx := newDir(t), context.Background()
	db := openAt(t, dir)
	update(t, db, insertReceipt(1))
	disk := sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrWrite}
	release := hold(t, db)
	neighbour := submit(t, db, ctx, insertReceipt(2))
	failing := submit(t, db, ctx, func(bridge.Tx) error { return disk })
	later := submit(t, db, ctx, insertReceipt(3))
	release()
	for name, wait := range map[string]func() error{"neighbour": neighbour, "failing": failing, "later": later} {
		if err := wait(); !errors.Is(err, store.ErrBroken) || !errors.Is(err, disk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	<-db.Broken()
	if !errors.Is(db.Fault(), disk) {
		t.Errorf("fault %v", db.Fault())
	}
	_, notice := db.Notice(ctx, ec, navOf(1))
	for name, err := range map[string]error{
		"Update": db.Update(ctx, insertReceipt(4)),
		"View":   db.View(ctx, func(bridge.ReadTx) error { return nil }),
		"Notice": notice,
	} {
		if !errors.Is(err, store.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := db.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	again := openAt(t, dir)
	if !hasReceipt(t, again, 1) || hasReceipt(t, again, 2) || hasReceipt(t, again, 3) {
		t.Error("after a restart what is stored is not what was acknowledged")
	}
}
