package api_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// errDisk is what a driver could say; no caller may see it.
var errDisk = errors.New("disk I/O error in /var/lib/nodobridge/bridge.db: INSERT INTO position")

// faultyStore is the real store until a test makes it fail.
type faultyStore struct {
	bridge.Store
	mu     sync.Mutex
	broken error // what every transaction fails with
	panics any   // what every transaction panics with
}

func newStore(t testing.TB) *faultyStore {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := store.Init(dir); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), store.Options{Dir: dir, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Errorf("cannot close the store: %v", err)
		}
	})
	return &faultyStore{Store: db}
}

// fail makes every transaction fail; nil mends the store.
func (s *faultyStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

// panicWith makes every transaction panic; nil mends the store.
func (s *faultyStore) panicWith(value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.panics = value
}

func (s *faultyStore) fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panics != nil {
		panic(s.panics)
	}
	return s.broken
}

// View fails, panics or reads.
func (s *faultyStore) View(ctx context.Context, fn func(bridge.ReadTx) error) error {
	if err := s.fault(); err != nil {
		return err
	}
	return s.Store.View(ctx, fn)
}

// Update fails, panics or writes.
func (s *faultyStore) Update(ctx context.Context, fn func(bridge.Tx) error) error {
	if err := s.fault(); err != nil {
		return err
	}
	return s.Store.Update(ctx, fn)
}
