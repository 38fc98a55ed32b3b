package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// hold keeps the writer busy in a job of its own, so that what is submitted
// until release is called forms one batch.
func hold(t *testing.T, db *store.DB) (release func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	wait, err := db.Submit(context.Background(), func(bridge.Tx) error {
		close(entered)
		<-leave
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-entered
	return func() {
		close(leave)
		if err := wait(); err != nil {
			t.Errorf("holding job: %v", err)
		}
	}
}

func submit(t *testing.T, db *store.DB, ctx context.Context, fn func(bridge.Tx) error) func() error {
	t.Helper()
	wait, err := db.Submit(ctx, fn)
	if err != nil {
		t.Fatalf("Submit: %v", err)
	}
	return wait
}

func insertReceipt(n int) func(bridge.Tx) error {
	return func(tx bridge.Tx) error { return tx.InsertReceipt(context.Background(), receipt(n)) }
}

func hasReceipt(t *testing.T, db *store.DB, n int) bool {
	t.Helper()
	found := false
	view(t, db, func(tx bridge.ReadTx) error {
		_, err := tx.Receipt(context.Background(), ec, receipt(n).ReceiptID)
		found = err == nil
		if errors.Is(err, bridge.ErrNotFound) {
			return nil
		}
		return err
	})
	return found
}

func TestUpdate_OneBadJobNeverFailsItsNeighbours(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	var late bridge.Tx
	errOwn := errors.New("own")
	after := func(n int, end func() error) func(bridge.Tx) error {
		return func(tx bridge.Tx) error {
			late = tx
			if err := insertReceipt(n)(tx); err != nil {
				return err
			}
			return end()
		}
	}
	gone, leave := context.WithCancel(ctx)
	before := db.Commits()
	release := hold(t, db)
	good1 := submit(t, db, ctx, insertReceipt(1))
	failing := submit(t, db, ctx, after(2, func() error { return errOwn }))
	panicking := submit(t, db, ctx, after(3, func() error { panic("RSSMRA80A01H501U") }))
	dividing := submit(t, db, ctx, after(4, func() error { var p *bridge.Position; p.Status = bridge.Paid; return nil }))
	sql := submit(t, db, ctx, func(tx bridge.Tx) error {
		if err := insertReceipt(5)(tx); err != nil {
			return err
		}
		return store.Raw(tx, "INSERT INTO receipt (ec) VALUES ('x')")
	})
	cancelled := submit(t, db, gone, after(6, func() error { t.Error("a cancelled job was run"); return nil }))
	duplicate := submit(t, db, ctx, insertReceipt(1))
	good2 := submit(t, db, ctx, insertReceipt(7))
	leave()
	release()

	for name, err := range map[string]error{"first": good1(), "last": good2()} {
		if err != nil {
			t.Errorf("%s good job: %v", name, err)
		}
	}
	if err := failing(); !errors.Is(err, errOwn) {
		t.Errorf("failing job: %v", err)
	}
	if err := panicking(); err == nil || errors.Is(err, errOwn) || strings.Contains(err.Error(), "RSSMRA") {
		t.Errorf("panicking job: %v", err)
	}
	if err := dividing(); err == nil {
		t.Error("a nil dereference gave no error")
	}
	if err := sql(); err == nil {
		t.Error("a broken constraint gave no error")
	}
	if err := cancelled(); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled job: %v", err)
	}
	if err := duplicate(); !errors.Is(err, bridge.ErrExists) {
		t.Errorf("duplicate: %v", err)
	}
	if got := db.Commits() - before; got != 2 {
		t.Errorf("%d commits, want the holding job's and one for the batch", got)
	}
	for n, want := range map[int]bool{1: true, 2: false, 3: false, 4: false, 5: false, 6: false, 7: true} {
		if hasReceipt(t, db, n) != want {
			t.Errorf("receipt %d stored: %v", n, !want)
		}
	}
	if err := insertReceipt(8)(late); err == nil {
		t.Error("a transaction could be used after its function returned")
	}
}

func TestUpdate_FiftyEqualReceiptsHaveOneEffect(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	insert(t, db, position(1))
	var stored, known atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			duplicate := false
			err := db.Update(ctx, func(tx bridge.Tx) error {
				_, err := tx.Receipt(ctx, ec, receipt(1).ReceiptID)
				if err == nil {
					duplicate = true
					return nil
				}
				if !errors.Is(err, bridge.ErrNotFound) {
					return err
				}
				p, err := tx.PositionByNAV(ctx, ec, navOf(1))
				if err != nil {
					return err
				}
				in := &p.Options[0].Instalments[0]
				in.Status, in.PaidAt, in.Fee = bridge.InstalmentPaid, noon, in.Fee+1
				p.Status, p.PaidAt = bridge.Paid, noon
				return errors.Join(tx.UpdatePositionState(ctx, p), tx.InsertReceipt(ctx, receipt(1)),
					tx.Journal(ctx, bridge.JournalEntry{At: noon, Actor: "node", Action: "receipt.record"}))
			})
			switch {
			case err != nil:
				t.Errorf("Update: %v", err)
			case duplicate:
				known.Add(1)
			default:
				stored.Add(1)
			}
		})
	}
	group.Wait()
	if stored.Load() != 1 || known.Load() != 49 {
		t.Errorf("%d stored, %d known", stored.Load(), known.Load())
	}
	view(t, db, func(tx bridge.ReadTx) error {
		p, err := tx.PositionByNAV(ctx, ec, navOf(1))
		if err != nil {
			return err
		}
		if p.Status != bridge.Paid || p.Options[0].Instalments[0].Fee != 1 {
			t.Errorf("position %+v", p)
		}
		n, err := store.Number(tx, "SELECT count(*) FROM journal")
		if n != 1 {
			t.Errorf("%d journal records", n)
		}
		return err
	})
}

func TestUpdate_FullQueueIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	release := hold(t, db)
	var waits []func() error
	for n := range store.MaxQueued {
		waits = append(waits, submit(t, db, ctx, insertReceipt(n)))
	}
	if err := db.Update(ctx, insertReceipt(store.MaxQueued)); !errors.Is(err, store.ErrQueueFull) {
		t.Errorf("got %v, want queue full", err)
	}
	release()
	for n, wait := range waits {
		if err := wait(); err != nil {
			t.Fatalf("job %d: %v", n, err)
		}
	}
	update(t, db, insertReceipt(store.MaxQueued))
}

func TestUpdate_CancelledCallerLeavesTheQueue(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(context.Background())
	wait := submit(t, db, ctx, func(bridge.Tx) error { t.Error("run"); return nil })
	cancel()
	if err := wait(); !errors.Is(err, context.Canceled) { // while the writer is held
		t.Errorf("got %v", err)
	}
	release()
	if err := db.Update(ctx, func(bridge.Tx) error { t.Error("run"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("done context: %v", err)
	}
}

func TestUpdate_CancelledWhileRunningTakesBackItsOwnOnly(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	ctx, cancel := context.WithCancel(context.Background())
	release := hold(t, db)
	good := submit(t, db, context.Background(), insertReceipt(1))
	left := submit(t, db, ctx, func(tx bridge.Tx) error {
		if err := tx.InsertReceipt(ctx, receipt(2)); err != nil {
			return err
		}
		cancel()
		return tx.InsertReceipt(ctx, receipt(3))
	})
	release()
	if err := good(); err != nil {
		t.Error(err)
	}
	if err := left(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !hasReceipt(t, db, 1) || hasReceipt(t, db, 2) || hasReceipt(t, db, 3) {
		t.Error("the cancelled job's changes are not exactly taken back")
	}
}

func TestUpdate_DeadWriterAnswersEverybody(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	release := hold(t, db)
	ending := submit(t, db, ctx, func(bridge.Tx) error { runtime.Goexit(); return nil })
	next := submit(t, db, ctx, insertReceipt(1))
	release()
	for _, wait := range []func() error{ending, next} {
		if err := wait(); !errors.Is(err, store.ErrBroken) {
			t.Errorf("got %v, want broken", err)
		}
	}
	<-db.Broken()
	if err := db.Update(ctx, insertReceipt(1)); !errors.Is(err, store.ErrBroken) {
		t.Errorf("got %v, want broken", err)
	}
}

func TestUpdate_FailingStatementOfATriggerLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"position", "option", "instalment", "transfer", "metadata", "notice", "journal"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			db, ctx := openNew(t), context.Background()
			work := func(tx bridge.Tx) error {
				if err := tx.InsertPosition(ctx, richPosition(1)); err != nil {
					return err
				}
				return tx.Journal(ctx, bridge.JournalEntry{At: noon, Actor: "operator", Action: "position.create"})
			}
			update(t, db, func(tx bridge.Tx) error {
				return store.Raw(tx, "CREATE TRIGGER injected AFTER INSERT ON "+table+" BEGIN SELECT RAISE(ABORT, 'injected'); END")
			})
			if err := db.Update(ctx, work); err == nil || errors.Is(err, bridge.ErrExists) {
				t.Fatalf("got %v, want a failure", err)
			}
			view(t, db, func(tx bridge.ReadTx) error {
				for _, any := range []string{"position", "option", "instalment", "transfer", "metadata", "notice", "journal"} {
					if n, err := store.Number(tx, "SELECT count(*) FROM "+any); n != 0 || err != nil {
						t.Errorf("%d rows of %s left, %v", n, any, err)
					}
				}
				return nil
			})
			update(t, db, func(tx bridge.Tx) error { return store.Raw(tx, "DROP TRIGGER injected") })
			update(t, db, work)
		})
	}
}

func TestUpdate_TriggerThatRollsBackFailsTheBatchNotTheWriter(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	update(t, db, func(tx bridge.Tx) error {
		return store.Raw(tx, `CREATE TRIGGER injected AFTER INSERT ON receipt WHEN NEW.receipt_id = 'receipt-0002'
			BEGIN SELECT RAISE(ROLLBACK, 'injected'); END`)
	})
	release := hold(t, db)
	before := submit(t, db, ctx, insertReceipt(1))
	lost := submit(t, db, ctx, func(tx bridge.Tx) error {
		if err := insertReceipt(2)(tx); err == nil {
			t.Error("the trigger did not fire")
		}
		return nil // and the function does not even say so
	})
	after := submit(t, db, ctx, insertReceipt(3))
	release()
	if err := before(); err == nil {
		t.Error("a job was acknowledged whose transaction is gone")
	}
	if err := lost(); err == nil {
		t.Error("the job that lost the transaction was acknowledged")
	}
	if err := after(); err != nil {
		t.Errorf("the job after it: %v", err)
	}
	if hasReceipt(t, db, 1) || hasReceipt(t, db, 2) || !hasReceipt(t, db, 3) {
		t.Error("what is stored is not what was acknowledged")
	}
}

func TestUpdate_FullDiskFailsTheJobAndHeals(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	limit := func(pages int) {
		update(t, db, func(tx bridge.Tx) error {
			n, err := store.Number(tx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			t.Logf("limit %d gives %d pages", pages, n)
			return err
		})
	}
	limit(1) // becomes the present size
	big := receipt(1)
	big.Raw = make([]byte, 1<<20)
	if err := db.Update(ctx, func(tx bridge.Tx) error { return tx.InsertReceipt(ctx, big) }); err == nil {
		t.Fatal("a full disk gave no error")
	}
	if err := db.Fault(); err != nil {
		t.Fatalf("a full disk broke the store: %v", err)
	}
	limit(1 << 30)
	update(t, db, func(tx bridge.Tx) error { return tx.InsertReceipt(ctx, big) })
	if !hasReceipt(t, db, 1) {
		t.Error("not stored after the disk had room again")
	}
}
