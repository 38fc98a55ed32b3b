package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// decoder reads what misrouted has kept, without XML.
func decoder(kept ...bridge.Delivery) bridge.ReceiptDecoder {
	return func(raw []byte) (bridge.Delivery, error) {
		for _, d := range kept {
			if string(d.Receipt.Raw) == string(raw) {
				return d, nil
			}
		}
		return bridge.Delivery{}, errors.New("no receipt")
	}
}

// misrouted is a receipt for an EC that is not configured.
func misrouted(t *testing.T, w *world, n int64, id string) bridge.Delivery {
	t.Helper()
	return misroutedAs(t, w, receipt(n, id), "<receipt "+id+"/>")
}

func misroutedAs(t *testing.T, w *world, d bridge.Delivery, raw string) bridge.Delivery {
	t.Helper()
	d.Receipt.Raw = []byte(raw)
	d.EC, d.Receipt.PrimaryEC = "11111111111", "11111111111"
	if err := w.RecordReceipt(t.Context(), d); bridge.CodeOf(err) != bridge.CodeECUnknown {
		t.Fatalf("misrouted: %v", err)
	}
	return d
}

// configured is the same world after the EC has come into the configuration.
func (w *world) configured(t *testing.T) *world {
	t.Helper()
	registry, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{testkit.Station: {
		ID: testkit.Station, ECs: map[bridge.ECCode]bridge.CreditorInstitution{
			testkit.EC: {Code: testkit.EC, Name: "Comune di Prova"}, "11111111111": {Code: "11111111111", Name: "Comune Nuovo"},
		},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	return &world{Service: bridge.NewService(w.db, w.clock, registry), db: w.db, clock: w.clock}
}

// soap-node.md §2.5 step 2: an EC may be live at the node before it is configured
// here; its receipts were refused, and are recorded later, once.
func TestReplayReceipts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := misrouted(t, w, 1, "a"), misrouted(t, w, 2, "b")
	other := misroutedAs(t, w, receipt(1, "a"), "<written otherwise/>") // the same receipt once more
	if err := w.KeepUnreadable(t.Context(), bridge.RejectedInput{Operation: "paSendRTV2", Reason: "x", Raw: []byte("<")}); err != nil {
		t.Fatal(err)
	}
	decode := decoder(a, b, other)
	arrived := w.clock.Now()
	w.clock.Set(testkit.Noon.Add(time.Hour))

	for name, c := range map[string]struct {
		id   int64
		want bridge.Replay
	}{
		"not configured yet": {1, bridge.Replay{ID: 1, EC: "11111111111", ReceiptID: "a", Outcome: bridge.ReplayMisrouted}},
		"unreadable":         {4, bridge.Replay{ID: 4, Outcome: bridge.ReplayUnreadable}},
	} {
		if got, err := w.ReplayReceipt(t.Context(), decode, c.id); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := w.ReplayReceipt(t.Context(), decode, 99); bridge.CodeOf(err) != bridge.CodeInvalid || !strings.Contains(err.Error(), "no refused receipt 99") {
		t.Errorf("an input that is not there: %v", err)
	}

	w = w.configured(t)
	got, err := w.ReplayReceipts(t.Context(), decode, 0)
	want := []bridge.Replay{
		{ID: 1, EC: "11111111111", ReceiptID: "a", Outcome: bridge.ReplayRecorded},
		{ID: 2, EC: "11111111111", ReceiptID: "b", Outcome: bridge.ReplayRecorded},
		{ID: 3, EC: "11111111111", ReceiptID: "a", Outcome: bridge.ReplayKnown},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("replayed %+v, %v", got, err)
	}
	if again, err := w.ReplayReceipts(t.Context(), decode, 0); err != nil || len(again) != 0 {
		t.Errorf("replayed twice: %+v, %v", again, err)
	}
	if again, err := w.ReplayReceipt(t.Context(), decode, 1); err != nil || again.Outcome != bridge.ReplayedBefore {
		t.Errorf("replayed by its id again: %+v, %v", again, err)
	}
	by := bridge.Principal{ECs: []bridge.ECCode{"11111111111"}}
	kept, err := w.ReceiptsOfNotice(t.Context(), by, "11111111111", testkit.NAV(1))
	if err != nil || len(kept) != 1 || string(kept[0].Raw) != string(a.Receipt.Raw) || !kept[0].ReceivedAt.Equal(arrived) {
		t.Errorf("kept %+v, %v; want the bytes and the time of the first arrival", kept, err)
	}
}

// More receipts than one call takes: the caller goes on after the last.
func TestReplayReceipts_InBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []bridge.Delivery
	for n := range int64(105) {
		all = append(all, misrouted(t, w, n+1, fmt.Sprintf("r%d", n)))
	}
	w = w.configured(t)
	var sizes []int
	after := int64(0)
	for {
		tried, err := w.ReplayReceipts(t.Context(), decoder(all...), after)
		if err != nil {
			t.Fatal(err)
		}
		if len(tried) == 0 {
			break
		}
		sizes, after = append(sizes, len(tried)), tried[len(tried)-1].ID
	}
	if !slices.Equal(sizes, []int{100, 5}) {
		t.Errorf("batches of %v", sizes)
	}
}

// A replay that fails leaves the input waiting and no trace of the receipt.
func TestReplayReceipt_IsOneTransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := misrouted(t, w, 1, "a")
	w = w.configured(t)
	failing := bridge.NewService(failingMark{w.db}, w.clock, w.Registry())
	if _, err := failing.ReplayReceipt(t.Context(), decoder(d), 1); bridge.CodeOf(err) != bridge.CodeStoreUnavailable {
		t.Fatalf("a failing store: %v", err)
	}
	got, err := w.ReplayReceipt(t.Context(), decoder(d), 1)
	if err != nil || got.Outcome != bridge.ReplayRecorded {
		t.Errorf("after the failure: %+v, %v", got, err)
	}
}

// failingMark fails at the last step of a replay.
type failingMark struct{ bridge.Store }

type failingMarkTx struct{ bridge.Tx }

func (s failingMark) Update(ctx context.Context, fn func(bridge.Tx) error) error {
	return s.Store.Update(ctx, func(tx bridge.Tx) error { return fn(failingMarkTx{tx}) })
}

func (failingMarkTx) MarkReplayed(context.Context, int64, time.Time) error { return errDisk }
