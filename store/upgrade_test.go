package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// chained is the first schema in which rows carry hashes, which no SQL can make.
const chained = 14

// rowsOf is what stores of the schema and of those before held, as SQL.
func rowsOf(t *testing.T, version int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "upgrade", fmt.Sprintf("%04d.sql", version)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// oldStore is a store of an older schema with its rows: put in at once, as the program of
// that schema did, or, when lived, schema by schema, through every upgrade.
func oldStore(t *testing.T, version int, lived bool) string {
	t.Helper()
	dir := t.TempDir()
	err := store.InitAt(dir, version, func(at int) string {
		if lived {
			return rowsOf(t, at)
		}
		var all strings.Builder
		for v := 1; at == min(version, chained-1) && v <= at; v++ {
			all.WriteString(rowsOf(t, v))
		}
		return all.String()
	})
	if err != nil {
		t.Fatalf("cannot make a store of schema %d: %v", version, err)
	}
	return dir
}

// Issue 5, 6: what every released schema holds is taken up by this program, whole, after
// a copy of it was made.
func TestUpgrade_FromEverySchema(t *testing.T) {
	t.Parallel()
	for version := 1; version <= store.Schemas(); version++ {
		for _, lived := range []bool{false, true} {
			t.Run(fmt.Sprintf("schema %d, lived %v", version, lived), func(t *testing.T) {
				t.Parallel()
				dir := oldStore(t, version, lived)
				db := openAt(t, dir)
				holdsWhatItHeld(t, db)
				update(t, db, func(tx bridge.Tx) error { return pay(tx, 700) })
				v, err := db.Verify(context.Background())
				if err != nil || !v.OK() {
					t.Errorf("after the upgrade: %v, %v", v.Broken(), err)
				}
				copies, err := filepath.Glob(filepath.Join(dir, "before-migration-*"))
				if err != nil {
					t.Fatal(err)
				}
				if version == store.Schemas() {
					if len(copies) != 0 {
						t.Errorf("a copy was made for nothing: %v", copies)
					}
					return
				}
				if len(copies) != 1 || !strings.Contains(copies[0], fmt.Sprintf("before-migration-%04d-", version)) {
					t.Fatalf("copies: %v", copies)
				}
				if schema, err := store.SchemaOf(copies[0]); err != nil || schema != version {
					t.Errorf("the copy is of schema %d, %v", schema, err)
				}
				holdsWhatItHeld(t, openAt(t, copies[0]))
			})
		}
	}
}

func holdsWhatItHeld(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := context.Background()
	view(t, db, func(tx bridge.ReadTx) error {
		paid, err := tx.PositionByNAV(ctx, ec, navOf(1))
		if err != nil || paid.Status != bridge.Paid {
			t.Errorf("the paid position: %v, %v", paid, err)
		}
		for n, want := range map[int]*bridge.Position{2: position(2), 10: richPosition(10)} {
			got, err := tx.PositionByNAV(ctx, ec, navOf(n))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("position %d: %+v, %v", n, got, err)
			}
		}
		want := receipt(1)
		got, err := tx.Receipt(ctx, ec, want.ReceiptID)
		if err != nil || string(got.Raw) != string(want.Raw) || got.Amount != want.Amount {
			t.Errorf("the receipt: %+v, %v", got, err)
		}
		keys, err := tx.Keys(ctx)
		if err != nil || len(keys) != 1 || len(keys[0].ECs) != 1 {
			t.Errorf("the keys: %+v, %v", keys, err)
		}
		end, err := tx.JournalEnd(ctx)
		if err != nil || end < 1 {
			t.Errorf("the journal ends at %d, %v", end, err)
		}
		return nil
	})
}

// Without room for the copy nothing is migrated.
func TestUpgrade_WithoutACopyNothingIsMigrated(t *testing.T) {
	t.Parallel()
	dir := oldStore(t, 5, true)
	// Damage that SQLite's own check finds: the copy is no way back then.
	path := filepath.Join(dir, databaseName)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root, err := store.RootOf(dir, "position")
	if err != nil {
		t.Fatal(err)
	}
	copy(file[(root-1)*4096:], "\xff\xff\xff\xff")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(context.Background(), store.Options{Dir: dir}); !isRefusal(err, store.Unusable) {
		t.Errorf("got %v", err)
	}
	if schema, err := store.SchemaOf(dir); err != nil || schema != 5 {
		t.Errorf("migrated to %d, %v", schema, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*-*")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
