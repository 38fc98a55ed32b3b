package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"nodobridge/bridge"
)

// Files come in the order of their arrival and their chunks in theirs, even when the
// uploads were interleaved; a file that is not complete is passed over.
func TestMassive_ChunksInTheirOrder(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	err := db.Update(ctx, func(tx bridge.Tx) error {
		for _, id := range []string{"a", "b", "c"} {
			f := bridge.MassiveFile{ID: id, Broker: "77777777777", EC: "77777777777", Operation: bridge.MassiveCreate, By: bridge.Principal{KeyID: "k"}, StartedAt: now}
			if err := tx.OpenMassive(ctx, f); err != nil {
				return err
			}
		}
		for i, id := range []string{"b", "c", "a", "b", "a", "c"} {
			if err := tx.AddMassive(ctx, id, &bridge.MassiveChunk{Rows: i + 1, Bytes: []byte(id)}); err != nil {
				return err
			}
		}
		return errors.Join(tx.CompleteMassive(ctx, "a"), tx.CompleteMassive(ctx, "c"))
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	err = db.View(ctx, func(tx bridge.ReadTx) error {
		var work bridge.MassiveWork
		for {
			next, err := tx.NextMassive(ctx, work)
			if errors.Is(err, bridge.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			if string(next.Chunk.Bytes) != next.File.ID {
				t.Errorf("chunk %q came with file %s", next.Chunk.Bytes, next.File.ID)
			}
			work, got = next, append(got, next.Chunk.Rows)
		}
	})
	if want := []int{3, 5, 2, 6}; err != nil || !slices.Equal(got, want) {
		t.Errorf("chunks of %v rows, want %v; %v", got, want, err)
	}
}
