package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// cutStore is a store after a power cut, with its log; spoil edits its file.
func cutStore(t *testing.T, spoil func([]byte)) string {
	t.Helper()
	dir := newDir(t)
	db := openAt(t, dir)
	insert(t, db, richPosition(1))
	if _, err := db.Checkpoint("TRUNCATE"); err != nil {
		t.Fatal(err)
	}
	update(t, db, insertReceipt(1))
	dir = cutPower(t, dir)
	edit(t, filepath.Join(dir, file), func(b []byte) []byte { spoil(b); return b })
	return dir
}

func isMarked(t *testing.T, dir string) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(dir, "unchecked"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// A check that a start has no time for is made behind the work, and its mark goes.
func TestOpen_ChecksBehindTheWork(t *testing.T) {
	t.Parallel()
	dir := cutStore(t, func([]byte) {})
	db, err := store.OpenBehind(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !hasReceipt(t, db, 1) {
		t.Error("the receipt is not there")
	}
	db.AwaitCheck()
	if isMarked(t, dir) || db.Fault() != nil {
		t.Errorf("marked %v, fault %v", isMarked(t, dir), db.Fault())
	}
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// One that finds damage breaks the store, and no later start serves it: it is refused as
// one that was found damaged at once.
func TestOpen_DamageFoundBehindTheWork(t *testing.T) {
	t.Parallel()
	// A table that no start reads.
	dir := cutStore(t, func(b []byte) {})
	root, err := store.RootOf(dir, "anomaly")
	if err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, file), func(b []byte) []byte {
		copy(b[(root-1)*4096:root*4096], bytes.Repeat([]byte{0xff}, 4096))
		return b
	})
	db, err := store.OpenBehind(context.Background(), dir)
	if err != nil {
		t.Fatalf("refused at once: %v", err)
	}
	<-db.Broken()
	db.AwaitCheck()
	if err := db.Update(context.Background(), func(bridge.Tx) error { return nil }); !errors.Is(err, store.ErrBroken) {
		t.Errorf("a damaged store goes on: %v", err)
	}
	if err := db.Close(context.Background()); err != nil {
		t.Logf("closed with %v", err)
	}
	for range 2 {
		if _, err := store.OpenBehind(context.Background(), dir); reason(err) != store.Damaged {
			t.Errorf("the next start: %v", err)
		}
	}
	if !isMarked(t, dir) {
		t.Error("the mark is gone")
	}
}

// A stop before the check has ended leaves the mark, so that the next start makes it.
func TestOpen_UncheckedStaysMarked(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	if err := os.WriteFile(filepath.Join(dir, "unchecked"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db := openAt(t, dir) // a small file: checked at once
	if isMarked(t, dir) {
		t.Error("checked and marked")
	}
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "unchecked"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenBehind(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	db.AwaitCheck()
	if isMarked(t, dir) {
		t.Error("checked behind the work and marked")
	}
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}
