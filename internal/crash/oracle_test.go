package crash_test

import (
	"errors"
	"fmt"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// oracle knows what callers were told: by number, a position and its receipt.
type oracle struct {
	positions, receipts []int64 // acknowledged, in any order
}

// loss is what an oracle finds wrong.
type loss struct{ lost, half int }

func iupdOf(n int64) bridge.IUPD { return bridge.IUPD(fmt.Sprintf("P-%d", n)) }
func receiptOf(n int64) string   { return fmt.Sprintf("CRASH-%08d", n) }

// judge opens the store as a station does after a crash, which recovers it, verifies
// every record and both chains, and compares it with the oracle for the numbers given.
func (o *oracle) judge(t *testing.T, dir string, from, to int64) (l loss) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatalf("the store cannot be opened after the crash: %v", err)
	}
	told := map[string]bool{}
	for _, n := range o.receipts {
		told[receiptOf(n)] = true
	}
	toldPosition := map[int64]bool{}
	for _, n := range o.positions {
		toldPosition[n] = true
	}
	err = db.View(t.Context(), func(tx bridge.ReadTx) error {
		recorded, err := journalled(t, tx)
		if err != nil {
			return err
		}
		for n := from; n <= to; n++ {
			found, err := look(t, tx, n)
			if err != nil {
				return err
			}
			if toldPosition[n] && !found.position || told[receiptOf(n)] && !found.receipt {
				l.lost++
			}
			if found.receipt != found.paid || found.receipt != recorded[receiptOf(n)] {
				l.half++
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	v, err := store.VerifyDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !v.OK() {
		t.Errorf("after the crash the store is not whole: %s", v.Broken())
	}
	return l
}

// found is what is stored under a number: the position, whether it is paid, the receipt.
type found struct{ position, paid, receipt bool }

func look(t *testing.T, tx bridge.ReadTx, n int64) (f found, err error) {
	t.Helper()
	p, err := tx.Position(t.Context(), ec, iupdOf(n))
	if err == nil {
		f.position, f.paid = true, p.Status == bridge.Paid
	} else if !errors.Is(err, bridge.ErrNotFound) {
		return f, err
	}
	_, err = tx.Receipt(t.Context(), ec, receiptOf(n))
	if err == nil {
		f.receipt = true
	} else if !errors.Is(err, bridge.ErrNotFound) {
		return f, err
	}
	return f, nil
}

// journalled gives the receipts whose recording the journal tells of.
func journalled(t *testing.T, tx bridge.ReadTx) (map[string]bool, error) {
	t.Helper()
	all := map[string]bool{}
	for after := int64(0); ; {
		page, err := tx.JournalAfter(t.Context(), bridge.JournalQuery{EC: ec, After: after, Actions: []string{"receipt.record"}, Limit: 500})
		if err != nil || len(page) == 0 {
			return all, err
		}
		for _, r := range page {
			all[r.Object] = true
		}
		after = page[len(page)-1].ID
	}
}
