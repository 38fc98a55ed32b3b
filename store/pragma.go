package store

import (
	"database/sql/driver"
	"fmt"
	"io"

	"github.com/mattn/go-sqlite3"
)

// pragma is one setting of a connection: the statement that sets it ("" when
// opening sets it or the file holds it) and what must be read back. A value that
// is not read back as expected refuses the connection: go-sqlite3's own defaults
// lose acknowledged receipts in a power cut (reliability-security.md §0.1).
type pragma struct {
	name string
	set  string
	want string
}

// pragmas are the settings by kind of connection. Tests replace them to see that
// a difference is refused.
type pragmas struct {
	writer, checkpointer, reader, point []pragma
}

// common holds for every connection. Sources: go-stack.md §8,
// reliability-security.md §2.
var common = []pragma{
	{"foreign_keys", "PRAGMA foreign_keys = ON", "1"},
	{"trusted_schema", "PRAGMA trusted_schema = OFF", "0"},  // a schema that was tampered with runs no functions
	{"cell_size_check", "PRAGMA cell_size_check = ON", "1"}, // notices damaged pages earlier
	{"secure_delete", "PRAGMA secure_delete = ON", "1"},     // deleted personal data is overwritten
	synchronous,
	{"temp_store", "PRAGMA temp_store = MEMORY", "2"},             // no personal data in temporary files
	{"recursive_triggers", "PRAGMA recursive_triggers = ON", "1"}, // REPLACE fires delete triggers (the journal)
	{"wal_autocheckpoint", "PRAGMA wal_autocheckpoint = 0", "0"},  // an inline checkpoint stalls the writer 120-250 ms
	{"ignore_check_constraints", "", "0"},
	{"writable_schema", "", "0"},
	{"locking_mode", "", "normal"},
}

func defaultPragmas() pragmas {
	with := func(more ...pragma) []pragma {
		return append(append([]pragma{}, common...), more...)
	}
	return pragmas{
		writer: with(
			pragma{"journal_mode", "PRAGMA journal_mode = WAL", "wal"},
			pragma{"busy_timeout", "PRAGMA busy_timeout = 5000", "5000"},
			pragma{"cache_size", "PRAGMA cache_size = -32768", "-32768"},
			pragma{"journal_size_limit", "PRAGMA journal_size_limit = 67108864", "67108864"},
		),
		// A TRUNCATE checkpoint holds the write lock while it waits for readers:
		// it must give up long before anybody notices.
		checkpointer: with(
			pragma{"journal_mode", "", "wal"},
			pragma{"busy_timeout", "PRAGMA busy_timeout = 100", "100"},
			pragma{"journal_size_limit", "PRAGMA journal_size_limit = 67108864", "67108864"},
		),
		reader: with(
			pragma{"journal_mode", "", "wal"},
			pragma{"busy_timeout", "PRAGMA busy_timeout = 5000", "5000"},
			pragma{"cache_size", "PRAGMA cache_size = -8192", "-8192"},
			pragma{"mmap_size", "PRAGMA mmap_size = 268435456", "268435456"},
			pragma{"query_only", "PRAGMA query_only = ON", "1"},
		),
		// Nothing is mapped for point reads. SQLite examines a mapped page anew at each use,
		// cell by cell (cell_size_check), and one in its cache once; and what is mapped
		// counts as the process's memory. The cache holds the inner pages of notices and
		// their index, 2.5 MB at a million.
		point: with(
			pragma{"journal_mode", "", "wal"},
			pragma{"busy_timeout", "PRAGMA busy_timeout = 5000", "5000"},
			pragma{"cache_size", "PRAGMA cache_size = -8192", "-8192"},
			pragma{"mmap_size", "PRAGMA mmap_size = 0", "0"},
			pragma{"query_only", "PRAGMA query_only = ON", "1"},
		),
	}
}

// looking is what a look at a file needs before it is known to be a store: no
// demand on its journal mode, which the writer sets (a backup made by VACUUM INTO
// has another).
var looking = append(append([]pragma{}, common...), pragma{"query_only", "PRAGMA query_only = ON", "1"})

// settingError is a connection that does not keep a setting.
type settingError struct{ name, got, want string }

func (e *settingError) Error() string {
	return fmt.Sprintf("setting %s is %q and must be %q", e.name, e.got, e.want)
}

// hook sets and reads back the settings on each new connection.
func hook(settings []pragma) func(*sqlite3.SQLiteConn) error {
	return func(c *sqlite3.SQLiteConn) error {
		for _, p := range settings {
			if p.set == "" {
				continue
			}
			if _, err := c.Exec(p.set, nil); err != nil {
				return fmt.Errorf("cannot set %s: %w", p.name, err)
			}
		}
		for _, p := range settings {
			got, err := readPragma(c, p.name)
			if err != nil {
				return fmt.Errorf("cannot read %s back: %w", p.name, err)
			}
			if got != p.want {
				return &settingError{p.name, got, p.want}
			}
		}
		return nil
	}
}

func readPragma(c *sqlite3.SQLiteConn, name string) (string, error) {
	rows, err := c.Query("PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	row := make([]driver.Value, len(rows.Columns()))
	err = rows.Next(row)
	if err == io.EOF {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}
