package bridge_test

import (
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// reliability-security.md §7: what the station did not serve is known from its own signs
// of life, and a restart for which callers waited is none.
func TestAvailability_IntervalsAreKnownFromSignsOfLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := func(after time.Duration) { w.clock.Set(testkit.Noon.Add(after)) }
	show := func(started bool, patience time.Duration) {
		t.Helper()
		if err := w.ShowLife(t.Context(), started, patience); err != nil {
			t.Fatal(err)
		}
	}
	show(true, 0) // the very first start
	at(time.Minute)
	show(false, 0)
	at(10 * time.Minute)
	show(true, 0) // it was killed
	at(20 * time.Minute)
	show(false, 0) // nothing was heard of it
	at(21 * time.Minute)
	show(false, 0)
	end := func() {
		t.Helper()
		if err := w.EndLife(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	end()
	at(21*time.Minute + 5*time.Second)
	show(true, 7*time.Second) // callers waited
	end()
	at(30 * time.Minute)
	show(true, 7*time.Second)
	at(5 * time.Minute)
	show(true, 0) // the clock was put back
	a, err := w.AvailabilityOf(t.Context(), 2026)
	if err != nil {
		t.Fatal(err)
	}
	want := []bridge.Unserved{
		{From: testkit.Noon.Add(time.Minute), To: testkit.Noon.Add(10 * time.Minute), Cause: bridge.CauseCrashed},
		{From: testkit.Noon.Add(10 * time.Minute), To: testkit.Noon.Add(20 * time.Minute), Cause: bridge.CauseSilent},
		{From: testkit.Noon.Add(21*time.Minute + 5*time.Second), To: testkit.Noon.Add(30 * time.Minute), Cause: bridge.CauseStopped},
	}
	if len(a.Intervals) != len(want) {
		t.Fatalf("got %+v", a.Intervals)
	}
	for i := range want {
		if got := a.Intervals[i]; !got.From.Equal(want[i].From) || !got.To.Equal(want[i].To) || got.Cause != want[i].Cause {
			t.Errorf("interval %d: got %+v, want %+v", i, got, want[i])
		}
	}
	if sum := 27*time.Minute + 55*time.Second; a.Unplanned != sum || a.Planned != 0 {
		t.Errorf("unplanned %s, want %s; planned %s", a.Unplanned, sum, a.Planned)
	}
}

// SANP "Livelli di servizio Enti Creditori": planned is what was announced 72 hours before;
// a year is Italy's.
func TestAvailability_PlannedIsWhatWasAnnouncedInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newYear := time.Date(2027, 1, 1, 0, 0, 0, 0, bridge.Rome())
	announce := func(from, to time.Time, wantLate bool) {
		t.Helper()
		late, err := w.Announce(t.Context(), bridge.Maintenance{From: from, To: to, Reason: "aggiornamento"})
		if err != nil || late != wantLate {
			t.Errorf("late %v, %v", late, err)
		}
	}
	announce(newYear.Add(-time.Hour), newYear.Add(time.Hour), false)
	announce(newYear.Add(-90*time.Minute), newYear.Add(30*time.Minute), false) // overlaps
	w.clock.Set(newYear.Add(-24 * time.Hour))
	announce(newYear.Add(time.Hour), newYear.Add(2*time.Hour), true)
	if _, err := w.Announce(t.Context(), bridge.Maintenance{From: newYear, To: newYear, Reason: "x"}); bridge.CodeOf(err) != bridge.CodeInvalid {
		t.Errorf("a stop without a length: %v", err)
	}
	w.clock.Set(newYear.Add(-2 * time.Hour))
	if err := w.EndLife(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock.Set(newYear.Add(2 * time.Hour))
	if err := w.ShowLife(t.Context(), true, 0); err != nil {
		t.Fatal(err)
	}
	for year, want := range map[int][2]time.Duration{2026: {90 * time.Minute, 30 * time.Minute}, 2027: {time.Hour, time.Hour}, 2028: {}} {
		a, err := w.AvailabilityOf(t.Context(), year)
		if err != nil || a.Planned != want[0] || a.Unplanned != want[1] {
			t.Errorf("%d: planned %s, unplanned %s, want %v; %v", year, a.Planned, a.Unplanned, want, err)
		}
	}
}
