package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Check is one thing that Verify has looked at.
type Check struct {
	Name    string        // what was looked at
	Counted int64         // records
	Took    time.Duration // how long it took
	Broken  string        // the first broken record and what is wrong with it; "" when all is well
}

// ChainEnd is where a chain ends. Written down elsewhere, it shows later whether records
// have been taken off the end and the end moved with them.
type ChainEnd struct {
	Name    string
	Records int64
	Last    int64  // the number of the last record
	Link    string // its link, in hexadecimal
}

// Verification is what Verify has found.
type Verification struct {
	UUID   string
	Checks []Check
	Ends   []ChainEnd
}

// OK says whether nothing is broken.
func (v *Verification) OK() bool { return v.Broken() == "" }

// Broken is what the first check found, "" when all is well.
func (v *Verification) Broken() string {
	for _, c := range v.Checks {
		if c.Broken != "" {
			return c.Name + ": " + c.Broken
		}
	}
	return ""
}

// Records is how many records the chains hold.
func (v *Verification) Records() int64 {
	var n int64
	for _, e := range v.Ends {
		n += e.Records
	}
	return n
}

// Verify looks at every row of an open store: SQLite's own check, the chains of journal
// and receipts, and what must hold between rows (reliability-security.md §0.9, §8 G15).
// Work goes on meanwhile. A head that was kept elsewhere may be expected in its chains.
func (db *DB) Verify(ctx context.Context, expect ...Head) (*Verification, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	v := &verifier{db: db.readers, workers: liveWorkers}
	return v.run(ctx, expect)
}

// liveWorkers leaves readers for the work that goes on.
const liveWorkers = defaultReaders / 2

// VerifyDir verifies a store that is not in use, and changes nothing of it: it does not
// migrate it. One that Open would refuse is refused with the same *OpenError, as is one
// of an older schema, which has no chains yet.
func VerifyDir(ctx context.Context, dir string, expect ...Head) (_ *Verification, err error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot verify store: %w", err)
	}
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, refuse(Missing, nil, "no store in %s: create one with \"nodobridge init\"", dir)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock(lock)) }()
	if err := inspect(dir); err != nil {
		return nil, err
	}
	known, err := migrations(migrationFiles)
	if err != nil {
		return nil, err
	}
	found, err := probe(ctx, dir, known, 0)
	if err != nil {
		return nil, err
	}
	if len(found.todo) > 0 {
		return nil, refuse(OlderSchema, nil, "the store in %s is of an older release: start this nodobridge on it once, it is migrated then", dir)
	}
	mode := access{"mode": "ro"}
	if !hasLog(path) {
		mode["immutable"] = "1"
	}
	db, err := pool(ctx, dir, mode, defaultReaders, looking)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	v := &verifier{db: db, workers: defaultReaders}
	return v.run(ctx, expect)
}

// verifier gathers the checks. Each one may fail to read: that is a finding too, unless
// the caller has gone.
type verifier struct {
	db      *sql.DB
	workers int // connections that may be used at once
	expect  Head
	out     Verification
}

func (v *verifier) run(ctx context.Context, expect []Head) (*Verification, error) {
	if err := v.db.QueryRowContext(ctx, `SELECT uuid FROM store WHERE id = 1`).Scan(&v.out.UUID); err != nil {
		return nil, fmt.Errorf("cannot verify store: %w", err)
	}
	v.check(ctx, "file", v.file)
	v.check(ctx, "references", v.references)
	for _, c := range []*chain{&journalChain, &receiptChain} {
		v.check(ctx, c.name+" chain", func(ctx context.Context) (int64, string, error) { return v.chain(ctx, c) })
	}
	for _, v.expect = range expect {
		v.check(ctx, "head kept elsewhere", v.head)
	}
	v.check(ctx, "receipt bytes", v.bytes)
	v.check(ctx, "kept bodies", v.keptBodies)
	v.check(ctx, "receipts and journal", v.recorded)
	v.check(ctx, "positions and notices", v.positions)
	v.check(ctx, "receipts and positions", v.effects)
	return &v.out, ctx.Err()
}

func (v *verifier) check(ctx context.Context, name string, do func(context.Context) (int64, string, error)) {
	begin := time.Now()
	counted, broken, err := do(ctx)
	if err != nil && broken == "" {
		broken = "cannot be read: " + err.Error()
	}
	v.out.Checks = append(v.out.Checks, Check{name, counted, time.Since(begin), broken})
}

// file is SQLite's own check: pages, rows, indexes, constraints. Its text names tables
// and rows, not their content.
func (v *verifier) file(ctx context.Context) (pages int64, broken string, err error) {
	if err := v.db.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
		return 0, "", err
	}
	var verdict string
	if err := v.db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return pages, "", err
	}
	if verdict != "ok" {
		return pages, verdict, nil
	}
	return pages, "", nil
}

// references is about rows whose other half is not there.
func (v *verifier) references(ctx context.Context) (int64, string, error) {
	var table, parent string
	var row sql.NullInt64
	var number int
	err := v.db.QueryRowContext(ctx, `PRAGMA foreign_key_check`).Scan(&table, &row, &parent, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", err
	}
	return 0, fmt.Sprintf("%s %d has no %s", table, row.Int64, parent), nil
}

func (v *verifier) ended(c *chain, last, records int64, link []byte) {
	v.out.Ends = append(v.out.Ends, ChainEnd{c.name, records, last, hex.EncodeToString(link)})
}

// first gives the number of the first row that a query finds, and what is wrong with it.
func (v *verifier) first(ctx context.Context, what, query string) (string, error) {
	var id int64
	err := v.db.QueryRowContext(ctx, query).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return fmt.Sprintf(what, id), err
}
