package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one released step of the schema.
type migration struct {
	version int
	name    string // the file's
	sha256  string
	text    string
	also    func(context.Context, *sql.Tx) error // what SQL cannot do, in the same transaction; may be nil
}

// steps are the migrations that need more than SQL.
var steps = map[string]func(context.Context, *sql.Tx) error{"0014_chain.sql": chainAll, "0020_kept_bodies.sql": tellOfAll}

// migrations lists the steps of a folder in order. Their names begin with four
// digits that count from 0001 without a gap.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("cannot list migrations: %w", err)
	}
	list := make([]migration, 0, len(names))
	for i, path := range names {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, fmt.Errorf("cannot read migration: %w", err)
		}
		name := path[len("migrations/"):]
		number, err := strconv.Atoi(name[:min(4, len(name))])
		if err != nil || number != i+1 {
			return nil, fmt.Errorf("cannot use migration %s: its number must be %04d", name, i+1)
		}
		sum := sha256.Sum256(text)
		list = append(list, migration{number, name, hex.EncodeToString(sum[:]), string(text), steps[name]})
	}
	return list, nil
}

// applied reads which steps the file has been through.
func applied(ctx context.Context, q querier) ([]migration, error) {
	rows, err := q.QueryContext(ctx, `SELECT version, name, sha256 FROM migration ORDER BY version`)
	if err != nil {
		return nil, fmt.Errorf("cannot read migrations: %w", err)
	}
	defer rows.Close()
	var list []migration
	for rows.Next() {
		var m migration
		if err := rows.Scan(&m.version, &m.name, &m.sha256); err != nil {
			return nil, fmt.Errorf("cannot read migration: %w", err)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// pending compares what the file has been through with what this binary knows
// and gives what is still to do. A file that went further, or another way, is
// refused.
func pending(have, known []migration) ([]migration, error) {
	for i, m := range have {
		if i >= len(known) {
			return nil, refuse(NewerSchema, nil, "the store's schema %d is newer than this program's %d: run the newer nodobridge, or restore the backup taken before the upgrade", len(have), len(known))
		}
		if k := known[i]; m.version != k.version || m.name != k.name || m.sha256 != k.sha256 {
			return nil, refuse(Altered, nil, "the store's migration %d (%s) is not this program's: run the nodobridge that wrote the store, or restore a backup", m.version, m.name)
		}
	}
	return known[len(have):], nil
}

// migrate runs each step in a transaction of its own and records it there. Open has
// made a copy before (beforemigration.go).
func migrate(ctx context.Context, db *sql.DB, todo []migration) error {
	for _, m := range todo {
		if err := migrateOne(ctx, db, m); err != nil {
			return fmt.Errorf("cannot migrate to %s: %w", m.name, err)
		}
	}
	return nil
}

func migrateOne(ctx context.Context, db *sql.DB, m migration) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if _, err := tx.ExecContext(ctx, m.text); err != nil {
		return err
	}
	if m.also != nil {
		if err := m.also(ctx, tx); err != nil {
			return err
		}
	}
	// The wall clock and not the service's: no rule depends on this time.
	_, err = tx.ExecContext(ctx, `INSERT INTO migration (version, name, sha256, applied_at) VALUES (?, ?, ?, ?)`,
		m.version, m.name, m.sha256, at(time.Now()))
	if err != nil {
		return err
	}
	return tx.Commit()
}
