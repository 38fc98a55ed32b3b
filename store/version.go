package store

import "github.com/mattn/go-sqlite3"

// LibraryVersion is the version of the SQLite library that is linked in.
func LibraryVersion() string {
	text, _, _ := sqlite3.Version()
	return text
}
