package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

// Jobs of one batch that fail, that fail in part and go on, that panic and that find the
// transaction broken leave chains without a gap: what they appended is gone from them.
func TestChain_RolledBackRecordsLeaveNoGap(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	var kept int64
	for round := range 20 {
		var jobs sync.WaitGroup
		var mu sync.Mutex
		for n := range 40 {
			kind := random.IntN(5)
			jobs.Go(func() {
				err := db.Update(ctx, func(tx bridge.Tx) error { return oddJob(tx, kind, round*1000+n) })
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					kept += 2
				} else if errors.Is(err, errTwice) {
					t.Errorf("seed %d: %v", seed, err)
				} // others may fail with the transaction that broke off
			})
		}
		jobs.Wait()
	}
	v, err := db.Verify(ctx)
	if err != nil || !v.OK() || v.Records() != kept {
		t.Errorf("seed %d: %d records, want %d; %q, %v", seed, v.Records(), kept, v.Broken(), err)
	}
}

var errTwice = errors.New("a receipt was not refused as known")

// oddJob pays, and then perhaps fails; kind 1 tries to store its receipt twice first.
func oddJob(tx bridge.Tx, kind, n int) error {
	if err := pay(tx, n); err != nil {
		return err
	}
	switch kind {
	case 1:
		if err := tx.InsertReceipt(context.Background(), receipt(n)); !errors.Is(err, bridge.ErrExists) {
			return fmt.Errorf("%w: %v", errTwice, err)
		}
	case 2:
		return errors.New("refused")
	case 3:
		panic("odd")
	case 4:
		return store.Raw(tx, "ROLLBACK") // as SQLite does on a full disk
	}
	return nil
}
