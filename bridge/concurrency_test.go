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

// A receipt and an update of its position at once: the update is refused once the
// position is paid, and a receipt that comes after it pays what the update made of
// the position; in no order is anything lost (gpd-api.md §6.1 row 24).
func TestReceiptAgainstUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outcomes := map[string]int{}
	for n := int64(1); n <= 60; n++ {
		p := w.create(t, testkit.Single(n))
		id := fmt.Sprintf("r%d", n)
		renamed := testkit.Single(n)
		renamed.OfficeName = "Ufficio Nuovo"
		var received, updated error
		var group sync.WaitGroup
		both := []func(){
			func() { received = w.RecordReceipt(t.Context(), receipt(n, id)) },
			func() { updated = w.UpdatePosition(t.Context(), testkit.Principal(), renamed, true) },
		}
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
		left, err := w.Position(t.Context(), testkit.Principal(), testkit.EC, p.IUPD)
		if err != nil || left.Status != bridge.Paid || left.Options[0].Instalments[0].ReceiptID != id {
			t.Fatalf("position %+v, %v", left, err)
		}
		switch {
		case bridge.CodeOf(updated) == bridge.CodeNotUpdatable && left.OfficeName == "Ufficio Tributi":
			outcomes["paid first"]++
		case updated == nil && left.OfficeName == "Ufficio Nuovo":
			outcomes["updated first"]++
		default:
			t.Fatalf("updated: %v; office %s", updated, left.OfficeName)
		}
	}
	t.Log(outcomes)
}

// Two writers of one position, and two creators of one notice number: one of the
// creators wins, the other is told of the collision; the writers' last word holds
// whole.
func TestTwoWriters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := int64(1); n <= 30; n++ {
		var created [2]error
		var group sync.WaitGroup
		for i := range created {
			p := testkit.Single(n)
			p.IUPD = bridge.IUPD(fmt.Sprintf("P-%d-%d", n, i))
			group.Go(func() { created[i] = w.CreatePosition(t.Context(), testkit.Principal(), p, true) })
		}
		group.Wait()
		winner := 0
		if created[0] != nil {
			winner = 1
		}
		if created[winner] != nil || bridge.CodeOf(created[1-winner]) != bridge.CodePositionExists {
			t.Fatalf("created: %v, %v", created[0], created[1])
		}
		iupd := bridge.IUPD(fmt.Sprintf("P-%d-%d", n, winner))
		var updated [2]error
		for i := range updated {
			p := testkit.Single(n)
			p.IUPD, p.OfficeName, p.Options[0].Debtor.FullName = iupd, fmt.Sprint("Ufficio ", i), fmt.Sprint("Nome ", i)
			group.Go(func() { updated[i] = w.UpdatePosition(t.Context(), testkit.Principal(), p, true) })
		}
		group.Wait()
		left, err := w.Position(t.Context(), testkit.Principal(), testkit.EC, iupd)
		if updated[0] != nil || updated[1] != nil || err != nil {
			t.Fatalf("updated: %v, %v; %v", updated[0], updated[1], err)
		}
		if left.OfficeName[len("Ufficio "):] != left.Options[0].Debtor.FullName[len("Nome "):] {
			t.Fatalf("half of each: %s, %s", left.OfficeName, left.Options[0].Debtor.FullName)
		}
	}
}
