package bridge_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// A receipt and the deletion of its position at once: either the position is paid
// and stays, or it is gone and the receipt is kept as one of an unknown notice.
// Nothing in between, and the money's trace never goes (soap-node.md §2.5 step 6).
func TestReceiptAgainstDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outcomes := map[string]int{}
	for n := int64(1); n <= 60; n++ {
		p := w.create(t, testkit.Single(n))
		id := fmt.Sprintf("r%d", n)
		var received, deleted error
		var group sync.WaitGroup
		deliver := func() { received = w.RecordReceipt(t.Context(), receipt(n, id)) }
		remove := func() { deleted = w.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, p.IUPD) }
		both := []func(){deliver, remove}
		if n%2 == 0 {
			slices.Reverse(both)
		}
		for _, run := range both {
			group.Go(run)
		}
		group.Wait()
		if received != nil {
			t.Fatalf("the receipt was refused: %v", received)
		}
		kept, err := w.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, testkit.NAV(n))
		if err != nil || len(kept) != 1 || kept[0].ReceiptID != id {
			t.Fatalf("kept %+v, %v", kept, err)
		}
		left, err := w.Position(t.Context(), testkit.Principal(), testkit.EC, p.IUPD)
		switch noted := notedFor(t, w, id); {
		case bridge.CodeOf(deleted) == bridge.CodeNotDeletable && err == nil && left.Status == bridge.Paid && kept[0].IUPD == p.IUPD && len(noted) == 0:
			outcomes["paid"]++
		case deleted == nil && bridge.CodeOf(err) == bridge.CodePositionUnknown && kept[0].IUPD == "" && slices.Equal(noted, []bridge.AnomalyClass{bridge.AnomalyUnknownNotice}):
			outcomes["deleted"]++
		default:
			t.Fatalf("deleted: %v; position %+v, %v; receipt of %q, anomalies %v", deleted, left, err, kept[0].IUPD, noted)
		}
	}
	t.Log(outcomes)
}

// notedFor gives the classes of anomalies of one receipt.
func notedFor(t *testing.T, w *world, receiptID string) []bridge.AnomalyClass {
	t.Helper()
	found, err := w.Anomalies(t.Context(), bridge.AnomalyQuery{EC: string(testkit.EC), Limit: bridge.MaxAnomalies})
	if err != nil {
		t.Fatal(err)
	}
	var classes []bridge.AnomalyClass
	for _, a := range found {
		if a.ReceiptID == receiptID {
			classes = append(classes, a.Class)
		}
	}
	return classes
}
