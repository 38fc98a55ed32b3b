package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"
)

// applicationID marks our files among SQLite's: "nodb".
const applicationID = 0x6e6f6462

// The database header (sqlite.org/fileformat2.html §1.3).
const (
	headerSize       = 100
	headerMagic      = "SQLite format 3\x00"
	offsetPageSize   = 16
	offsetChanges    = 24
	offsetPageCount  = 28
	offsetAppID      = 68
	offsetValidFor   = 92
	smallestPageSize = 512
)

// inspect judges the file without SQLite, which would take an empty file for a
// new database and write to it. The caller holds the lock.
func inspect(dir string) error {
	path := filepath.Join(dir, fileName)
	f, err := os.Open(path)
	if err != nil {
		return refuse(Unusable, err, "cannot read the store in %s: the service's user must be able to read and write it", dir)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return refuse(Unusable, err, "cannot read the store in %s", dir)
	}
	if !info.Mode().IsRegular() {
		return refuse(Foreign, nil, "%s is not a regular file: name the directory that \"nodobridge init\" made", path)
	}
	if info.Size() == 0 {
		return refuse(Empty, nil, "the store %s is empty: restore it from a backup", path)
	}
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(f, header); err != nil {
		return refuse(Damaged, nil, "the store %s is cut short: restore it from a backup", path)
	}
	return judge(path, header, info.Size())
}

// judge reads the header. A file that is shorter than its header says is whole
// while a write-ahead log lies beside it, which will complete it.
func judge(path string, header []byte, size int64) error {
	if string(header[:len(headerMagic)]) != headerMagic {
		return refuse(Damaged, nil, "%s is not a database: restore it from a backup", path)
	}
	if id := binary.BigEndian.Uint32(header[offsetAppID:]); id != applicationID {
		return refuse(Foreign, nil, "%s is another program's database: name the directory that \"nodobridge init\" made", path)
	}
	pageSize := int64(binary.BigEndian.Uint16(header[offsetPageSize:]))
	if pageSize == 1 {
		pageSize = 65536
	}
	pages := int64(binary.BigEndian.Uint32(header[offsetPageCount:]))
	current := binary.BigEndian.Uint32(header[offsetChanges:]) == binary.BigEndian.Uint32(header[offsetValidFor:])
	if pageSize < smallestPageSize || pages == 0 || !current {
		return refuse(Damaged, nil, "the store %s has a damaged header: restore it from a backup", path)
	}
	if size < pages*pageSize && !hasLog(path) {
		return refuse(Damaged, nil, "the store %s is cut short: restore it from a backup", path)
	}
	return nil
}

// hasLog says whether a write-ahead log with content lies beside the file, as
// after an unclean stop.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

// probed is what a look at the file gave.
type probed struct {
	uuid      string
	todo      []migration
	unchecked bool // the check after an unclean stop is still to be made
}

// probe looks at the schema through a read-only connection, so that a refused
// file is left as it was: without a log SQLite is told that the file does not
// change, and then makes no files of its own beside it. limit is how long a check of the
// file may take. The caller holds the lock.
func probe(ctx context.Context, dir string, known []migration, limit time.Duration) (probed, error) {
	unclean := hasLog(filepath.Join(dir, fileName))
	mode := access{"mode": "ro"}
	if !unclean {
		mode["immutable"] = "1"
	}
	db, err := pool(ctx, dir, mode, 1, looking)
	if err != nil {
		return probed{}, unreadable(dir, err)
	}
	var found probed
	have, err := applied(ctx, db)
	if err == nil {
		found.todo, err = pending(have, known)
	}
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT uuid FROM store WHERE id = 1`).Scan(&found.uuid)
	}
	unchecked, damaged := marked(dir)
	switch {
	case err != nil:
	case damaged:
		err = quickCheck(ctx, db)
	case unclean || unchecked:
		var done bool
		done, err = checkInTime(ctx, db, limit)
		found.unchecked = !done
	}
	closed := db.Close()
	if err != nil {
		return probed{}, unreadable(dir, err)
	}
	return found, closed
}

// quickCheck is run after an unclean stop only: on a large store that is not in
// memory it takes seconds (go-stack.md §8), with millions of positions minutes
// (unchecked.go).
func quickCheck(ctx context.Context, q querier) error {
	var verdict string
	if err := q.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("cannot check the file: %w", err)
	}
	if verdict != "ok" {
		return errors.New("quick_check failed") // its text could quote a row
	}
	return nil
}

// unreadable turns a failed look into a refusal, unless it is one already.
func unreadable(dir string, err error) error {
	var refusal *OpenError
	if errors.As(err, &refusal) {
		return err
	}
	var setting *settingError
	if errors.As(err, &setting) {
		return refuse(Unusable, err, "the store in %s cannot be used safely: run a nodobridge built as released", dir)
	}
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCantOpen || e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrPerm) {
		return refuse(Unusable, err, "cannot read the store in %s: the service's user must be able to read and write the directory and its files", dir)
	}
	return refuse(Damaged, err, "the store in %s cannot be used: restore it from a backup", dir)
}
