package fill_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/fill"
	"nodobridge/store"
)

type clock struct{}

func (clock) Now() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

// contents gives every position of a store as text, and fails on a store that is not
// sound.
func contents(t *testing.T, dir string, count int) []byte {
	t.Helper()
	ctx := t.Context()
	parties, err := fill.Parties()
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	service := bridge.NewService(db, clock{}, parties)
	var out bytes.Buffer
	for n := range count {
		p, err := service.Position(ctx, bridge.Principal{ECs: []bridge.ECCode{fill.EC}}, fill.EC, fill.IUPD(n))
		if err != nil {
			t.Fatalf("position %d: %v", n, err)
		}
		if err := json.NewEncoder(&out).Encode(p); err != nil {
			t.Fatal(err)
		}
		paid, err := service.GetPayment(ctx, bridge.PaymentQuery{V2: true, NoticeQuery: bridge.NoticeQuery{
			Addressee:    bridge.Addressee{EC: string(fill.EC), Broker: fill.Broker, Station: fill.Station},
			QRFiscalCode: string(fill.EC), NAV: string(fill.NAV(n)),
		}})
		if err != nil || paid.Amount != fill.Amount {
			t.Fatalf("notice %s: %v, want %d cents to pay", fill.NAV(n), err, fill.Amount)
		}
	}
	return out.Bytes()
}

func TestStore_IsTheSameEveryTimeAndPayable(t *testing.T) {
	t.Parallel()
	const count = 1203 // one whole commit and a part
	var filled [2][]byte
	for i := range filled {
		dir := filepath.Join(t.TempDir(), "data")
		last := 0
		if err := fill.Store(t.Context(), dir, count, func(n int) { last = n }); err != nil {
			t.Fatal(err)
		}
		if last != count {
			t.Errorf("the last commit made %d positions, want %d", last, count)
		}
		filled[i] = contents(t, dir, count)
	}
	if !bytes.Equal(filled[0], filled[1]) {
		t.Error("two fillings differ")
	}
}

func TestStore_RefusesAStoreThatIsThere(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := fill.Store(t.Context(), dir, 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := fill.Store(t.Context(), dir, 1, nil); err == nil {
		t.Error("a store that was there has been filled")
	}
	if err := fill.Store(t.Context(), filepath.Join(t.TempDir(), "data"), -1, nil); err == nil {
		t.Error("minus one position were made")
	}
}
