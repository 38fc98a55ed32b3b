package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"nodobridge/bridge"
)

func TestCheckpoint_NeverFailsForAReaderAndEmptiesTheLogAfterIt(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := openAt(t, dir)
	log := filepath.Join(dir, file+"-wal")
	insert(t, db, position(1))
	view(t, db, func(tx bridge.ReadTx) error {
		if _, err := tx.Position(context.Background(), ec, "iupd-0001"); err != nil {
			return err
		}
		insert(t, db, position(2))
		for _, mode := range []string{"PASSIVE", "TRUNCATE"} {
			left, err := db.Checkpoint(mode)
			if !left || err != nil {
				t.Errorf("%s under a reader: left %v, %v", mode, left, err)
			}
		}
		insert(t, db, position(3)) // the writer goes on
		return nil
	})
	if left, err := db.Checkpoint("PASSIVE"); left || err != nil {
		t.Errorf("passive: left %v, %v", left, err)
	}
	if left, err := db.Checkpoint("TRUNCATE"); left || err != nil {
		t.Errorf("truncate: left %v, %v", left, err)
	}
	if info, err := os.Stat(log); err != nil || info.Size() != 0 {
		t.Errorf("log %v, %v", info, err)
	}
	insert(t, db, position(4))
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(log); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a log is left after Close: %v", err)
	}
}
