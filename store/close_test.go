package store_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

func TestClose_FinishesWhatWaits(t *testing.T) {
	t.Parallel()
	dir, ctx := newDir(t), context.Background()
	db := openAt(t, dir)
	release := hold(t, db)
	var waits []func() error
	for n := range 100 {
		waits = append(waits, submit(t, db, ctx, insertReceipt(n)))
	}
	release()
	if err := db.Close(ctx); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for n, wait := range waits {
		if err := wait(); err != nil {
			t.Errorf("job %d: %v", n, err)
		}
	}
	for name, call := range map[string]func() error{
		"Update": func() error { return db.Update(ctx, insertReceipt(200)) },
		"View":   func() error { return db.View(ctx, func(bridge.ReadTx) error { return nil }) },
		"Notice": func() error { _, err := db.Notice(ctx, ec, navOf(1)); return err },
	} {
		if err := call(); !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	again := openAt(t, dir)
	if !hasReceipt(t, again, 0) || !hasReceipt(t, again, 99) {
		t.Error("what was acknowledged is not there")
	}
}

func TestClose_WithoutTimeRefusesWhatWaits(t *testing.T) {
	t.Parallel()
	db, err := store.Open(context.Background(), store.Options{Dir: newDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	waiting := submit(t, db, context.Background(), insertReceipt(1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	closed := make(chan error)
	go func() { closed <- db.Close(ctx) }()
	for { // until Close has begun
		_, err := db.Submit(context.Background(), insertReceipt(2))
		if errors.Is(err, store.ErrClosed) {
			break
		}
		runtime.Gosched()
	}
	release()
	if err := <-closed; !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	if err := waiting(); err != nil && !errors.Is(err, store.ErrClosed) {
		t.Errorf("waiting job: %v", err)
	}
}
