package store

import (
	"context"
	"errors"
	"fmt"

	"nodobridge/bridge"
)

// How far a store that was restored goes on behind the backup's end: more than any lost
// store can have given out since. Ten thousand restores use up a series of notice numbers
// (bridge/numbering.go), ninety billion the cursors.
const (
	lostNotices = 1_000_000_000
	lostRecords = 100_000_000
)

// Restored prepares the store in work, which was read from a backup, to take the place of
// the one that was lost (Replace): what that one has given out since the backup must not
// be given out again. Notice numbers of spontaneous payments are in citizens' hands, the
// numbers of journal, receipts and anomalies are the cursors of those who read on from
// them. note goes into the journal, with the first of the new numbers.
func Restored(ctx context.Context, work string, note bridge.JournalEntry) error {
	db, err := Open(ctx, Options{Dir: work})
	if err != nil {
		return fmt.Errorf("cannot prepare what the backup holds: %w", err)
	}
	err = db.Update(ctx, func(tx bridge.Tx) error {
		t, ok := tx.(*writeTx)
		if !ok {
			return errTxDone
		}
		if err := t.goOn(ctx); err != nil {
			return err
		}
		return t.Journal(ctx, note)
	})
	if err := errors.Join(err, db.Close(ctx)); err != nil {
		return fmt.Errorf("cannot prepare what the backup holds: %w", err)
	}
	return nil
}

func (t *writeTx) goOn(ctx context.Context) error {
	if err := t.exec(ctx, `UPDATE number_series SET next = next + ?`, lostNotices); err != nil {
		return err
	}
	for _, table := range []string{journalChain.name, receiptChain.name, "anomaly"} {
		err := t.execOne(ctx, `UPDATE number_floor SET at_least = ?1 + max(at_least, coalesce((SELECT max(id) FROM `+table+`), 0)) WHERE name = ?2`, lostRecords, table)
		if err != nil {
			return err
		}
	}
	return nil
}
