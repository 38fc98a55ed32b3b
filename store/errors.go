package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"nodobridge/bridge"
)

// ErrClosed is what every call gets after Close.
var ErrClosed = errors.New("store is closed")

// ErrQueueFull is what Update gives when MaxQueued updates wait already: the
// caller is to say "later", as nothing was done.
var ErrQueueFull = errors.New("store has too many updates waiting")

// ErrBroken is what every call gets after a fault of the disk or the file; see
// DB.Broken.
var ErrBroken = errors.New("store is broken")

// ErrCorrupt means that a row breaks a rule of the domain, so something else
// than this program has written it.
var ErrCorrupt = errors.New("stored data breaks a rule")

// errRule means that the caller gave what may not be stored.
var errRule = errors.New("refused by the store's own check")

// errTxDone is given by a Tx or ReadTx that is used after its function returned.
var errTxDone = errors.New("transaction is over")

// corrupt names the broken rule, never the content of the row.
func corrupt(rule string) error { return fmt.Errorf("%w: %s", ErrCorrupt, rule) }

// absent maps "no rows" to the domain's word.
func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return bridge.ErrNotFound
	}
	return err
}

// taken maps a violated uniqueness to the domain's word, by its typed code. It
// is applied only where a collision is the caller's and not ours.
func taken(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey) {
		return bridge.ErrExists
	}
	return err
}

// wrap says what could not be done. The domain's two words pass as they are: a
// caller compares them.
func wrap(doing string, err error) error {
	if err == nil || err == bridge.ErrNotFound || err == bridge.ErrExists {
		return err
	}
	return fmt.Errorf("cannot %s: %w", doing, err)
}

// isFault says whether an error means that the disk or the file can no longer be
// trusted. A full disk is not one: it heals (reliability-security.md §2 E4).
func isFault(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	if isFull(err) {
		return false
	}
	switch e.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return true
	case sqlite3.ErrIoErr:
		return e.ExtendedCode != sqlite3.ErrIoErrNoMem
	}
	return false
}
