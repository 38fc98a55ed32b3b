package bridge_test

import (
	"fmt"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// storedStatus is the state as it is stored, not as time has it.
func (w *world) storedStatus(t *testing.T, iupd bridge.IUPD) bridge.PositionStatus {
	t.Helper()
	var p *bridge.Position
	err := w.db.View(t.Context(), func(tx bridge.ReadTx) (err error) {
		p, err = tx.Position(t.Context(), testkit.EC, iupd)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.Status
}

// Time's moves are stored once each, whatever the order in which they come due
// (gpd-api.md §2.4); what has nothing due is left alone.
func TestTurnClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	turn := func(at time.Time, want int) {
		t.Helper()
		w.clock.Set(at)
		if n, err := w.TurnClock(t.Context()); n != want || err != nil {
			t.Errorf("at %s moved %d, %v; want %d", at, n, err, want)
		}
	}
	later := testkit.Single(1)
	later.Options[0].ValidFrom = testkit.Noon.Add(24 * time.Hour)
	w.create(t, later)
	w.create(t, testkit.Single(2))
	lasting := testkit.Single(3)
	lasting.Options[0].SwitchToExpired = false
	w.create(t, lasting)
	draft := testkit.Single(4)
	if err := w.CreatePosition(t.Context(), testkit.Principal(), draft, false); err != nil {
		t.Fatal(err)
	}

	turn(testkit.Noon, 0)
	turn(testkit.Noon.Add(24*time.Hour), 1) // at the very moment it is valid
	if got := w.storedStatus(t, later.IUPD); got != bridge.Valid {
		t.Errorf("stored as %s", got)
	}
	turn(testkit.Noon.Add(30*24*time.Hour), 0) // due now is still payable
	turn(testkit.Noon.Add(31*24*time.Hour), 2)
	turn(testkit.Noon.Add(31*24*time.Hour), 0)
	for iupd, want := range map[bridge.IUPD]bridge.PositionStatus{"POS-1": bridge.Expired, "POS-2": bridge.Expired, "POS-3": bridge.Valid, "POS-4": bridge.Draft} {
		if got := w.storedStatus(t, iupd); got != want {
			t.Errorf("%s is stored as %s, want %s", iupd, got, want)
		}
	}
}

// A station that was off for long finds both moves due at once, and more positions
// than one transaction takes.
func TestTurnClock_CatchesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const positions = 230
	for n := int64(1); n <= positions; n++ {
		p := testkit.Single(n)
		p.Options[0].ValidFrom = testkit.Noon.Add(time.Hour)
		w.create(t, p)
	}
	w.clock.Set(testkit.Noon.AddDate(1, 0, 0))
	if n, err := w.TurnClock(t.Context()); n != positions || err != nil {
		t.Fatalf("moved %d, %v", n, err)
	}
	for n := 1; n <= positions; n++ {
		if got := w.storedStatus(t, bridge.IUPD(fmt.Sprintf("POS-%d", n))); got != bridge.Expired {
			t.Fatalf("POS-%d is stored as %s", n, got)
		}
	}
}
