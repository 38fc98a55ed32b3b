package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// A look says what is there and leaves it as it was, file by file.
func TestLook(t *testing.T) {
	t.Parallel()
	journal := func(tx bridge.Tx) error {
		return tx.Journal(t.Context(), bridge.JournalEntry{At: noon, Actor: "operator", Action: "test"})
	}
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		want    store.Glance
		refused store.OpenReason
	}{
		{name: "new", prepare: func(*testing.T, string) {}},
		{name: "in use", prepare: func(t *testing.T, dir string) {
			if err := openAt(t, dir).Update(t.Context(), journal); err != nil {
				t.Fatal(err)
			}
		}, want: store.Glance{InUse: true, LastJournal: noon}},
		{name: "closed", prepare: func(t *testing.T, dir string) {
			db := openAt(t, dir)
			if err := errors.Join(db.Update(t.Context(), journal), db.Close(t.Context())); err != nil {
				t.Fatal(err)
			}
		}, want: store.Glance{LastJournal: noon}},
		{name: "without its lock file, as from a backup", prepare: func(t *testing.T, dir string) { remove(t, dir, "nodobridge.lock") }},
		{name: "not closed", prepare: func(t *testing.T, dir string) { overwrite(t, dir, "nodobridge.db-wal", []byte("a log")) }, want: store.Glance{Unclean: true}},
		{name: "missing", prepare: func(t *testing.T, dir string) { remove(t, dir, "nodobridge.db") }, refused: store.Missing},
		{name: "empty", prepare: func(t *testing.T, dir string) { overwrite(t, dir, "nodobridge.db", nil) }, refused: store.Empty},
		{name: "damaged inside", prepare: func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, "nodobridge.db"))
			if err != nil {
				t.Fatal(err)
			}
			for i := 4096; i < len(text); i++ {
				text[i] = 0x5a
			}
			overwrite(t, dir, "nodobridge.db", text)
		}, refused: store.Damaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			c.prepare(t, dir)
			before := names(t, dir)
			got, err := store.Look(t.Context(), dir)
			var refusal *store.OpenError
			switch {
			case c.refused != "" && (!errors.As(err, &refusal) || refusal.Reason != c.refused):
				t.Errorf("refused with %v, want %s", err, c.refused)
			case c.refused == "" && (err != nil || got != c.want):
				t.Errorf("saw %+v, %v; want %+v", got, err, c.want)
			}
			if after := names(t, dir); !slices.Equal(before, after) {
				t.Errorf("files were %v and are %v", before, after)
			}
		})
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, dir, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}
