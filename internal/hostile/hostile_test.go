package hostile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// row is one row of reliability-security.md §9.
type row struct {
	n    int
	name string
	play func(*scene)
}

// TestHostile plays the whole table. Rows that need a station of another kind start one;
// all others share one, so that what one input leaves behind is there for the next.
func TestHostile(t *testing.T) {
	s := newScene(t, sampleConfig)
	s.position() // the notice of the valid calls
	rows := slices.Concat(strangers(), documents(), framings(), receipts(), tenants(), bodies(), files(), processes())
	slices.SortFunc(rows, func(a, b row) int { return a.n - b.n })
	for i, r := range rows {
		if r.n != i+1 {
			t.Fatalf("row %d is missing or there twice", i+1)
		}
	}
	if len(rows) != 60 {
		t.Fatalf("%d rows, want 60", len(rows))
	}
	passed := 0
	for _, r := range rows {
		if t.Run(fmt.Sprintf("%02d_%s", r.n, strings.ReplaceAll(r.name, " ", "_")), func(t *testing.T) {
			s.t = t
			r.play(s)
		}) {
			passed++
		}
	}
	s.t = t
	s.keptAre()
	s.h.Must("verify") // every record of the store, after all that was thrown at it
	s.usual(t)
	s.p.Stop()
	s.scan("the whole log", strings.Split(strings.TrimSpace(s.p.Log.String()), "\n"))
	fmt.Printf("hostile inputs: %d/60\n", passed)
}

// keptAre compares the refused inputs in the store with those that had to be kept.
func (s *scene) keptAre() {
	s.t.Helper()
	list := s.h.Must("anomalies", "list", "--limit", "1000")
	if got := strings.Count(list, " unreadable ") + strings.Count(list, " configuration "); got != s.kept {
		s.t.Errorf("%d refused inputs are in the store, want %d\n%s", got, s.kept, list)
	}
}
