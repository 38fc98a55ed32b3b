package bridge_test

import (
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

func TestStatusAt(t *testing.T) {
	t.Parallel()
	now := testkit.Noon
	due := now.Add(time.Hour)
	cases := []struct {
		name   string
		stored bridge.PositionStatus
		from   time.Time
		switches,
		noDue bool
		at   time.Time
		want bridge.PositionStatus
	}{
		{name: "draft stays a draft", stored: bridge.Draft, switches: true, at: due.Add(time.Hour), want: bridge.Draft},
		{name: "published before validity", stored: bridge.Published, from: now.Add(1), at: now, want: bridge.Published},
		{name: "published at validity", stored: bridge.Published, from: now, at: now, want: bridge.Valid},
		{name: "published, both passed", stored: bridge.Published, from: now, switches: true, at: due.Add(1), want: bridge.Expired},
		{name: "valid at the due date", stored: bridge.Valid, from: now, switches: true, at: due, want: bridge.Valid},
		{name: "valid after the due date", stored: bridge.Valid, from: now, switches: true, at: due.Add(1), want: bridge.Expired},
		{name: "valid, stays payable", stored: bridge.Valid, from: now, at: due.Add(1), want: bridge.Valid},
		{name: "valid, no due date", stored: bridge.Valid, from: now, switches: true, noDue: true, at: due.Add(1), want: bridge.Valid},
		{name: "partially paid never expires", stored: bridge.PartiallyPaid, from: now, switches: true, at: due.Add(1), want: bridge.PartiallyPaid},
		{name: "invalid is final", stored: bridge.Invalid, from: now, switches: true, at: due.Add(1), want: bridge.Invalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := testkit.Single(1)
			p.Status = c.stored
			p.Options[0].ValidFrom, p.Options[0].SwitchToExpired = c.from, c.switches
			p.Options[0].Instalments[0].DueDate = due
			if c.noDue {
				p.Options[0].Instalments[0].DueDate = time.Time{}
			}
			if got := p.StatusAt(c.at); got != c.want {
				t.Fatalf("status is %s, want %s", got, c.want)
			}
		})
	}
}

// The table of transitions against gpd-api.md §2.2: who may be deleted,
// published, invalidated and paid.
func TestCanMove_OperationMatrix(t *testing.T) {
	t.Parallel()
	all := []bridge.PositionStatus{bridge.Draft, bridge.Published, bridge.Valid, bridge.Invalid, bridge.Expired, bridge.PartiallyPaid, bridge.Paid, bridge.Reported}
	cases := []struct {
		event bridge.Event
		to    bridge.PositionStatus
		from  string // one letter a state, in the order above
	}{
		{bridge.EventPublish, bridge.Valid, "y......."},
		{bridge.EventPublish, bridge.Published, "y......."},
		{bridge.EventInvalidate, bridge.Invalid, ".yy....."},
		{bridge.EventDelete, "", "yyyyy..."},
		{bridge.EventUpdateDraft, bridge.Draft, "yyy.y..."},
		{bridge.EventPayPart, bridge.PartiallyPaid, "yyyyyy.."},
		{bridge.EventPayInFull, bridge.Paid, "yyyyyy.."},
		{bridge.EventReport, bridge.Reported, ".....yy."},
		{bridge.EventExpire, bridge.Expired, "..y....."},
		{bridge.EventValidFrom, bridge.Valid, ".y......"},
	}
	for _, c := range cases {
		for i, from := range all {
			if got, want := bridge.CanMove(from, c.event, c.to), c.from[i] == 'y'; got != want {
				t.Errorf("%s: %s -> %q is %v, want %v", c.event, from, c.to, got, want)
			}
		}
	}
}
