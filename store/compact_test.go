package store_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"nodobridge/bridge"
)

// What was removed is in no file of the store once it is compacted; what stays can be
// read, and written beside (reliability-security.md §0.11).
func TestCompact(t *testing.T) {
	t.Parallel()
	const rows = 300
	dir := newDir(t)
	db := openAt(t, dir)
	for n := range rows {
		p := position(n)
		p.Options[0].Debtor.FullName = "Canary Segreto"
		if err := db.Update(t.Context(), func(tx bridge.Tx) error { return tx.InsertPosition(t.Context(), p) }); err != nil {
			t.Fatal(err)
		}
	}
	for n := range rows - 1 {
		if err := db.Update(t.Context(), func(tx bridge.Tx) error { return tx.DeletePosition(t.Context(), ec, position(n).IUPD) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found += bytes.Count(content, []byte("Canary Segreto"))
	}
	if found < 1 || found > 2 { // the position that stays, in its row and in its notice
		t.Errorf("the name is there %d times, for one position", found)
	}
	if err := db.Update(t.Context(), func(tx bridge.Tx) error { return tx.InsertPosition(t.Context(), position(rows)) }); err != nil {
		t.Error(err)
	}
	if _, err := db.Notice(t.Context(), ec, navOf(rows-1)); err != nil {
		t.Error(err)
	}
}

// While a compaction waits or works the store says so: its supervisor must not take it
// for dead because writers wait.
func TestCompact_IsTold(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := openAt(t, dir)
	other, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, file)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.BeginTx(t.Context(), nil) // another program's lock keeps it waiting
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- db.Compact(t.Context()) }()
	for !db.Compacting() {
		if _, err := db.Notice(t.Context(), ec, navOf(1)); err == nil {
			t.Fatal("there is no such notice")
		}
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if db.Compacting() {
		t.Error("it is over")
	}
}
