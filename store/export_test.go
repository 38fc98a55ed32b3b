package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"nodobridge/bridge"
)

// MaxQueued is the queue's bound.
const MaxQueued = maxQueued

// OpenWithout opens a store whose connections of one kind set a pragma otherwise
// than the program demands.
func OpenWithout(ctx context.Context, dir, kind, name, set string) (*DB, error) {
	settings := defaultPragmas()
	list := map[string][]pragma{"writer": settings.writer, "checkpointer": settings.checkpointer, "reader": settings.reader, "point": settings.point}[kind]
	for i := range list {
		if list[i].name == name {
			list[i].set = set
		}
	}
	return open(ctx, Options{Dir: dir}, settings)
}

// OpenBehind opens a store as one whose file is too large to be checked at once.
func OpenBehind(ctx context.Context, dir string) (*DB, error) {
	return Open(ctx, Options{Dir: dir, checkAtOnce: time.Nanosecond})
}

// AwaitCheck waits for the check behind the work.
func (db *DB) AwaitCheck() { db.checks.Wait() }

// PragmaNames lists the settings of a kind of connection.
func PragmaNames(kind string) []string {
	settings := defaultPragmas()
	var names []string
	for _, p := range map[string][]pragma{"writer": settings.writer, "checkpointer": settings.checkpointer, "reader": settings.reader, "point": settings.point}[kind] {
		names = append(names, p.name)
	}
	return names
}

// Submit queues an update and returns at once; the function it gives waits.
func (db *DB) Submit(ctx context.Context, fn func(bridge.Tx) error) (func() error, error) {
	j, err := db.writes.submit(ctx, fn)
	if err != nil {
		return nil, err
	}
	return j.wait, nil
}

// Commits is how many commits there have been.
func (db *DB) Commits() int64 { return db.writes.commits.Load() }

// Checkpoint copies the log into the file now.
func (db *DB) Checkpoint(mode string) (left bool, err error) { return db.points.checkpoint(mode) }

// Raw runs a statement inside an update.
func Raw(tx bridge.Tx, statement string, args ...any) error {
	w := tx.(*writeTx)
	err := w.exec(context.Background(), statement, args...)
	return w.fail("run raw statement", err)
}

// Number reads one integer inside a view or an update.
func Number(tx bridge.ReadTx, query string, args ...any) (n int64, err error) {
	t, ok := tx.(*readTx)
	if !ok {
		t = &tx.(*writeTx).readTx
	}
	err = t.q.QueryRowContext(context.Background(), query, args...).Scan(&n)
	return n, err
}

// IsFault is the fault policy's judgement.
func IsFault(err error) bool { return isFault(err) }

// Migrations gives the names of the migrations in a map of files, or why they
// cannot be used.
func Migrations(files map[string]string) ([]string, error) {
	folder := fstest.MapFS{}
	for name, text := range files {
		folder["migrations/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	list, err := migrations(folder)
	var names []string
	for _, m := range list {
		names = append(names, m.name)
	}
	return names, err
}

// Schemas is how many migrations there are.
func Schemas() int {
	list, err := migrations(migrationFiles)
	if err != nil {
		panic(err)
	}
	return len(list)
}

// InitAt makes a store of an older schema and runs a text after each migration.
func InitAt(dir string, version int, rows func(version int) string) error {
	list, err := migrations(migrationFiles)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fileName), nil, fileMode)
	}
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := pool(ctx, dir, writing, 1, defaultPragmas().writer)
	if err != nil {
		return err
	}
	_, err = db.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	for _, m := range list[:version] {
		err = errors.Join(err, migrate(ctx, db, []migration{m}))
		if text := rows(m.version); err == nil && text != "" {
			_, err = db.Exec(text)
		}
	}
	return errors.Join(err, db.Close())
}

// SchemaOf is a file's schema, read without migrating it.
func SchemaOf(dir string) (int, error) {
	db, err := pool(context.Background(), dir, access{"mode": "ro", "immutable": "1"}, 1, looking)
	if err != nil {
		return 0, err
	}
	have, err := applied(context.Background(), db)
	return len(have), errors.Join(err, db.Close())
}

// RootOf is the page at which a table's tree begins, read without opening the store.
func RootOf(dir, table string) (root int, err error) {
	db, err := pool(context.Background(), dir, access{"mode": "ro", "immutable": "1"}, 1, looking)
	if err != nil {
		return 0, err
	}
	err = db.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = ?`, table).Scan(&root)
	return root, errors.Join(err, db.Close())
}

// SearchFilter is the condition of a search and its parameters.
func SearchFilter(q bridge.PositionSearch) (string, []any) {
	f := searchFilter(q)
	return f.text(), f.args
}
