package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // another program's hand on the file

	"nodobridge/bridge"
	"nodobridge/store"
)

const file = "nodobridge.db"

func reason(err error) store.OpenReason {
	var refusal *store.OpenError
	if errors.As(err, &refusal) {
		return refusal.Reason
	}
	return ""
}

func TestInit_MakesAPrivateDirectoryAndFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b ?#%")
	if err := store.Init(dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, filepath.Join(dir, file): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	db := openAt(t, dir)
	insert(t, db, position(1))
	for _, suffix := range []string{"-wal", "-shm"} {
		if info, err := os.Stat(filepath.Join(dir, file+suffix)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v", suffix, err)
		}
	}
	second := openNew(t)
	if len(db.UUID()) != 36 || db.UUID() == second.UUID() {
		t.Errorf("identities %q and %q", db.UUID(), second.UUID())
	}
}

func TestInit_NeverTouchesWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{file, file + "-wal", file + "-shm", file + "-journal"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), []byte("mine"))
		if err := store.Init(dir); reason(err) != store.Exists {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != "mine" {
			t.Errorf("%s was touched", name)
		}
	}
	dir := newDir(t)
	if err := store.Init(dir); reason(err) != store.Exists {
		t.Errorf("second Init: %v", err)
	}
	db := openAt(t, dir)
	if err := store.Init(dir); reason(err) != store.InUse {
		t.Errorf("Init of an open store: %v", err)
	}
	insert(t, db, position(1))
	blocked := filepath.Join(t.TempDir(), "x")
	write(t, blocked, nil)
	if err := store.Init(filepath.Join(blocked, "data")); reason(err) != store.Unusable {
		t.Errorf("Init below a file: %v", err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// outside runs statements on the file as another program would.
func outside(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, change(content))
}

func TestOpen_RefusesWhatIsNoStoreAndLeavesItAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want  store.OpenReason
		text  string
		spoil func(t *testing.T, path string)
	}{
		"missing": {store.Missing, `create one with "nodobridge init"`, func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}},
		"empty":   {store.Empty, "is empty", func(t *testing.T, path string) { write(t, path, nil) }},
		"garbage": {store.Damaged, "not a database", func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("garbage!"), 128)) }},
		"short header": {store.Damaged, "cut short", func(t *testing.T, path string) {
			edit(t, path, func(b []byte) []byte { return b[:60] })
		}},
		"foreign database": {store.Foreign, "another program's", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			outside(t, path, "CREATE TABLE x (y)")
		}},
		"directory": {store.Foreign, "not a regular file", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		}},
		"truncated by a page": {store.Damaged, "cut short", func(t *testing.T, path string) {
			edit(t, path, func(b []byte) []byte { return b[:len(b)-4096] })
		}},
		"page size of nothing": {store.Damaged, "damaged header", func(t *testing.T, path string) {
			edit(t, path, func(b []byte) []byte { binary.BigEndian.PutUint16(b[16:], 0); return b })
		}},
		"schema page overwritten": {store.Damaged, "restore it from a backup", func(t *testing.T, path string) {
			edit(t, path, func(b []byte) []byte { copy(b[100:4096], bytes.Repeat([]byte{0xff}, 3996)); return b })
		}},
		"tables of nobody": {store.Damaged, "restore it from a backup", func(t *testing.T, path string) {
			outside(t, path, "DROP TABLE migration")
		}},
		"no identity": {store.Damaged, "restore it from a backup", func(t *testing.T, path string) {
			outside(t, path, "DELETE FROM store")
		}},
		"newer schema": {store.NewerSchema, "newer", func(t *testing.T, path string) {
			outside(t, path, "INSERT INTO migration (version, name, sha256, applied_at) SELECT version + 1, '9999_later.sql', sha256, applied_at FROM migration ORDER BY version DESC LIMIT 1")
		}},
		"altered checksum": {store.Altered, "is not this program's", func(t *testing.T, path string) {
			outside(t, path, "UPDATE migration SET sha256 = replace(sha256, substr(sha256, 1, 1), 'x') WHERE version = 1")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			path := filepath.Join(dir, file)
			c.spoil(t, path)
			leftAlone(t, dir, c.want, c.text)
		})
	}
}

// leftAlone checks that the store is refused, in one line, without a trace.
func leftAlone(t *testing.T, dir string, want store.OpenReason, text string) {
	t.Helper()
	path := filepath.Join(dir, file)
	before, _ := os.ReadFile(path)
	_, err := store.Open(context.Background(), store.Options{Dir: dir})
	if reason(err) != want || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q (%s), want %s", err, reason(err), want)
	}
	after, _ := os.ReadFile(path)
	if !bytes.Equal(before, after) {
		t.Error("the file was touched")
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("a log was left beside it")
	}
	// The lock is free again.
	if _, err := store.Open(context.Background(), store.Options{Dir: dir}); reason(err) != want {
		t.Errorf("second time: %v", err)
	}
}

func TestOpen_MissingDirectoryIsNotMade(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	_, err := store.Open(context.Background(), store.Options{Dir: dir})
	if reason(err) != store.Missing || err.Error() != "no store in "+dir+`: create one with "nodobridge init"` {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("the directory was made")
	}
}

func TestOpen_SecondOpenerIsRefused(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := openAt(t, dir)
	insert(t, db, position(1))
	_, err := store.Open(context.Background(), store.Options{Dir: dir})
	if reason(err) != store.InUse || !strings.HasPrefix(err.Error(), "store in use") {
		t.Errorf("got %v", err)
	}
	insert(t, db, position(2))
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, dir)
	if _, err := again.Notice(context.Background(), ec, navOf(2)); err != nil {
		t.Error(err)
	}
}

func TestOpen_RefusesAConnectionThatIsNotAsDemanded(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	for _, kind := range []string{"writer", "checkpointer", "reader", "point"} {
		for name, set := range map[string]string{
			"synchronous":        "PRAGMA synchronous = NORMAL",
			"foreign_keys":       "PRAGMA foreign_keys = OFF",
			"secure_delete":      "PRAGMA secure_delete = FAST",
			"trusted_schema":     "PRAGMA trusted_schema = ON",
			"cell_size_check":    "PRAGMA cell_size_check = OFF",
			"recursive_triggers": "PRAGMA recursive_triggers = OFF",
			"wal_autocheckpoint": "PRAGMA wal_autocheckpoint = 1000",
			"temp_store":         "PRAGMA temp_store = FILE",
			"busy_timeout":       "PRAGMA busy_timeout = 1",
			"locking_mode":       "PRAGMA locking_mode = EXCLUSIVE",
		} {
			db, err := store.OpenWithout(context.Background(), dir, kind, name, set)
			if err == nil {
				_ = db.Close(context.Background())
			}
			if reason(err) == "" || !strings.Contains(err.Error(), "setting "+name) {
				t.Errorf("%s with %s: got %v", kind, set, err)
			}
		}
	}
	for kind, c := range map[string][2]string{
		"writer": {"journal_mode", "PRAGMA journal_mode = DELETE"},
		"reader": {"query_only", "PRAGMA query_only = OFF"},
		"point":  {"query_only", "PRAGMA query_only = OFF"},
	} {
		db, err := store.OpenWithout(context.Background(), dir, kind, c[0], c[1])
		if err == nil {
			_ = db.Close(context.Background())
		}
		if reason(err) == "" || !strings.Contains(err.Error(), "setting "+c[0]) {
			t.Errorf("%s with %s: got %v", kind, c[1], err)
		}
	}
	openAt(t, dir) // and afterwards it opens as ever
}

func TestMigrations_CountWithoutAGap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		ok    bool
	}{
		"two":         {map[string]string{"0001_a.sql": "a", "0002_b.sql": "b"}, true},
		"gap":         {map[string]string{"0001_a.sql": "a", "0003_b.sql": "b"}, false},
		"number used": {map[string]string{"0001_a.sql": "a", "0001_b.sql": "b"}, false},
		"no number":   {map[string]string{"a.sql": "a"}, false},
	} {
		if names, err := store.Migrations(c.files); (err == nil) != c.ok {
			t.Errorf("%s: %v, %v", name, names, err)
		}
	}
}

func TestFaultPolicy_DamagedFileBreaksTheStore(t *testing.T) {
	t.Parallel()
	dir, ctx := newDir(t), context.Background()
	filled := openAt(t, dir)
	for n := range 50 {
		insert(t, filled, position(n))
	}
	if err := filled.Close(ctx); err != nil {
		t.Fatal(err)
	}
	// Every page but the first: no header check can see it.
	edit(t, filepath.Join(dir, file), func(b []byte) []byte {
		for i := 4096; i < len(b); i++ {
			b[i] = 0xff
		}
		return b
	})
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil { // found at once: as good
		if reason(err) != store.Damaged {
			t.Errorf("got %v", err)
		}
		return
	}
	defer db.Close(ctx)
	if err := db.Update(ctx, func(tx bridge.Tx) error { return tx.InsertPosition(ctx, position(60)) }); err == nil {
		t.Fatal("a damaged file took a position")
	}
	<-db.Broken()
}

// cutPower copies an open store as its files are, log and all.
func cutPower(t *testing.T, dir string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(copied, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + "-wal"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || len(content) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(content), err)
		}
		write(t, filepath.Join(copied, name), content)
	}
	return copied
}

func TestOpen_AfterAPowerCutHasWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := openAt(t, dir)
	insert(t, db, richPosition(1))
	update(t, db, insertReceipt(1))
	again := openAt(t, cutPower(t, dir))
	sameNotices(t, again, richPosition(1))
	if !hasReceipt(t, again, 1) {
		t.Error("the receipt is not there")
	}
	if again.UUID() != db.UUID() {
		t.Error("another identity")
	}
}

func TestOpen_AfterAPowerCutLeavesARefusedStoreAndItsLogAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want  store.OpenReason
		spoil string // in the log
		edit  func([]byte) []byte
	}{
		"newer schema": {store.NewerSchema, "INSERT INTO migration (version, name, sha256, applied_at) SELECT version + 1, 'later', sha256, applied_at FROM migration ORDER BY version DESC LIMIT 1",
			func(b []byte) []byte { return b }},
		"damaged page": {store.Damaged, "DELETE FROM journal WHERE id = 0; UPDATE position SET office_name = 'x'",
			func(b []byte) []byte { copy(b[len(b)-2*4096:], bytes.Repeat([]byte{0xff}, 2*4096)); return b }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			db := openAt(t, dir)
			insert(t, db, position(1))
			if _, err := db.Checkpoint("TRUNCATE"); err != nil {
				t.Fatal(err)
			}
			update(t, db, func(tx bridge.Tx) error { return store.Raw(tx, c.spoil) })
			dir = cutPower(t, dir)
			edit(t, filepath.Join(dir, file), c.edit)
			before := both(t, dir)
			_, err := store.Open(context.Background(), store.Options{Dir: dir})
			if reason(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if !bytes.Equal(before, both(t, dir)) {
				t.Error("the file or its log was touched")
			}
		})
	}
}

func both(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{file, file + "-wal"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}
