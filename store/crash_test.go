package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// crashDir names the store that a child process is to fill until it is killed.
const crashDir = "NODOBRIDGE_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, "child:", fill(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fill records receipts with their effect on a position from several callers,
// and prints the number of each when it has been acknowledged.
func fill(dir string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(os.Getenv(crashDir + "_FIRST"))
	if err != nil {
		return err
	}
	failed := make(chan error)
	var out sync.Mutex
	for worker := range 8 {
		go func() {
			for n := first + worker; ; n += 8 {
				err := db.Update(ctx, func(tx bridge.Tx) error { return pay(tx, n) })
				if err != nil {
					failed <- err
					return
				}
				out.Lock()
				fmt.Println(n)
				out.Unlock()
			}
		}()
	}
	return <-failed
}

// pay stores a position, its payment and its receipt: one effect in many tables.
func pay(tx bridge.Tx, n int) error {
	ctx := context.Background()
	p := position(n)
	if err := tx.InsertPosition(ctx, p); err != nil {
		return err
	}
	in := &p.Options[0].Instalments[0]
	in.Status, in.PaidAt, in.ReceiptID = bridge.InstalmentPaid, noon, receipt(n).ReceiptID
	p.Status, p.PaidAt = bridge.Paid, noon
	r := receipt(n)
	r.IUPD = p.IUPD
	return errors.Join(tx.UpdatePositionState(ctx, p), tx.InsertReceipt(ctx, r),
		tx.Journal(ctx, bridge.JournalEntry{At: noon, Actor: "node", Action: "receipt.record", EC: string(ec), Object: r.ReceiptID}))
}

// TestCrash_KilledProcessLosesNothingAcknowledged is reliability-security.md §8
// G1 and G3, small: kill -9, reopen, and ask for every acknowledged receipt.
// That FULL and not NORMAL is in force, which a kill cannot show, is asserted by
// the pragma tests.
func TestCrash_KilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir, acknowledged := newDir(t), 0
	for cycle := range 5 {
		numbers := fillUntilKilled(t, dir, cycle*1_000_000, 200)
		acknowledged += len(numbers)
		db, err := store.Open(context.Background(), store.Options{Dir: dir})
		if err != nil {
			t.Fatalf("Open after the kill: %v", err)
		}
		for _, n := range numbers {
			if !hasReceipt(t, db, n) {
				t.Errorf("receipt %d was acknowledged and is lost", n)
			}
		}
		whole(t, db)
		if err := db.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged, none lost", acknowledged)
}

// fillUntilKilled runs a child, kills it once it has acknowledged some, and gives
// all the numbers that it had printed.
func fillUntilKilled(t *testing.T, dir string, first, enough int) []int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("%s_FIRST=%d", crashDir, first))
	var complaint strings.Builder
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var numbers []int
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			break // the line that the kill cut
		}
		numbers = append(numbers, n)
		if len(numbers) == enough {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // killed: it cannot have ended well
	if len(numbers) < enough {
		t.Fatalf("the child ended by itself: %s", complaint.String())
	}
	return numbers
}

// whole checks that no update is there in part, whichever were acknowledged.
func whole(t *testing.T, db *store.DB) {
	t.Helper()
	view(t, db, func(tx bridge.ReadTx) error {
		all, err := store.Number(tx, "SELECT count(*) FROM receipt")
		for _, query := range []string{
			"SELECT count(*) FROM position WHERE status = 'PAID'",
			"SELECT count(*) FROM instalment AS i JOIN receipt AS r ON r.ec = i.ec AND r.receipt_id = i.receipt_id",
			"SELECT count(*) FROM notice WHERE instalment_status = 'PO_PAID' AND position_status = 'PAID'",
			"SELECT count(*) FROM transfer",
			"SELECT count(*) FROM journal",
		} {
			n, failed := store.Number(tx, query)
			if n != all || failed != nil {
				t.Errorf("%s: %d, receipts %d, %v", query, n, all, failed)
			}
		}
		return err
	})
}
