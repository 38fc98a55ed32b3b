package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// minimumSQLite is the first version without the WAL-reset race that can lose
// commits (reliability-security.md §1). A build against the distribution's
// library (tag libsqlite3) could be older.
const minimumSQLite = 3_051_003

// statementCache is how many prepared statements the driver keeps for each
// connection: more than the package has, so that nothing is prepared twice.
const statementCache = 96

// connector opens connections of one kind. It stands in for a driver registered
// under a name: no package state, and the settings travel with the pool.
type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c *connector) Driver() driver.Driver { return c.driver }

// access is how a connection opens the file (sqlite.org/uri.html).
type access map[string]string

// writing begins every transaction with the write lock: one that reads first and
// writes later fails at once with "database is locked" (go-stack.md §8).
var (
	writing = access{"mode": "rw", "_txlock": "immediate"}
	reading = access{"mode": "ro"}
	// pointing is for connections that are never used by two at once, nor interrupted:
	// SQLite need not lock them at every call.
	pointing = access{"mode": "ro", "_mutex": "no"}
)

// connectorTo says how connections on the database file are opened and set up.
func connectorTo(dir string, mode access, settings []pragma) *connector {
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(dir, fileName)}
	query := url.Values{"_stmt_cache_size": {fmt.Sprint(statementCache)}}
	for name, value := range mode {
		query.Set(name, value)
	}
	dsn.RawQuery = query.Encode()
	return &connector{&sqlite3.SQLiteDriver{ConnectHook: hook(settings)}, dsn.String()}
}

// pool opens at most size connections on the database file, each set up by the
// settings, and keeps them for ever. It makes the first one at once, so that a
// wrong setting is known before anything is served.
func pool(ctx context.Context, dir string, mode access, size int, settings []pragma) (*sql.DB, error) {
	db := sql.OpenDB(connectorTo(dir, mode, settings))
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxLifetime(0)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // the ping's error is the one that matters
		return nil, err
	}
	return db, nil
}

func checkLibrary() error {
	text, number, _ := sqlite3.Version()
	if number < minimumSQLite {
		return refuse(Unusable, nil, "SQLite %s can lose commits: build with SQLite 3.51.3 or newer", text)
	}
	return nil
}
