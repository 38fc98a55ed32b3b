package bridge_test

import (
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// Each case is one row of soap-node.md §2.0 rows 7 to 10, or a pair of rows that
// both hold, where the earlier one must win.
func TestPayable(t *testing.T) {
	t.Parallel()
	now := testkit.Noon
	before, after := now.Add(-time.Microsecond), now.Add(time.Microsecond)
	cases := []struct {
		name   string
		change func(*bridge.Notice)
		want   bridge.Code
	}{
		{"valid", func(*bridge.Notice) {}, ""},
		{"draft", func(n *bridge.Notice) { n.PositionStatus = bridge.Draft }, bridge.CodeNoticeUnknown},
		{"published before its validity", func(n *bridge.Notice) { n.PositionStatus, n.ValidFrom = bridge.Published, after }, bridge.CodeNoticeUnknown},
		{"published, validity is now", func(n *bridge.Notice) { n.PositionStatus, n.ValidFrom = bridge.Published, now }, ""},
		{"valid, this option's validity ahead", func(n *bridge.Notice) { n.ValidFrom = after }, bridge.CodeNoticeUnknown},
		{"cancelled", func(n *bridge.Notice) { n.PositionStatus = bridge.Invalid }, bridge.CodeNoticeCancelled},
		{"cancelled before its validity", func(n *bridge.Notice) { n.PositionStatus, n.ValidFrom = bridge.Invalid, after }, bridge.CodeNoticeCancelled},
		{"cancelled and past due", func(n *bridge.Notice) { n.PositionStatus, n.DueDate = bridge.Invalid, before }, bridge.CodeNoticeCancelled},
		{"paid", func(n *bridge.Notice) { n.PositionStatus, n.InstalmentStatus = bridge.Paid, bridge.InstalmentPaid }, bridge.CodeNoticePaid},
		{"reported", func(n *bridge.Notice) {
			n.PositionStatus, n.InstalmentStatus = bridge.Reported, bridge.InstalmentReported
		}, bridge.CodeNoticePaid},
		{"paid and past due", func(n *bridge.Notice) {
			n.PositionStatus, n.InstalmentStatus, n.DueDate = bridge.Paid, bridge.InstalmentPaid, before
		}, bridge.CodeNoticePaid},
		{"alternative of the option that closed the position (V7)", func(n *bridge.Notice) { n.PositionStatus, n.Excluded = bridge.Paid, true }, bridge.CodeNoticePaid},
		{"paid instalment of a plan", func(n *bridge.Notice) {
			n.PositionStatus, n.InstalmentStatus = bridge.PartiallyPaid, bridge.InstalmentPaid
		}, bridge.CodeNoticePaid},
		{"unpaid instalment of the plan", func(n *bridge.Notice) { n.PositionStatus = bridge.PartiallyPaid }, ""},
		{"alternative of a plan that has begun", func(n *bridge.Notice) { n.PositionStatus, n.Excluded = bridge.PartiallyPaid, true }, bridge.CodeNoticeUnknown},
		{"past due, switches to expired", func(n *bridge.Notice) { n.DueDate = before }, bridge.CodeNoticeExpired},
		{"due now", func(n *bridge.Notice) { n.DueDate = now }, ""},
		{"past due, stays payable (V10)", func(n *bridge.Notice) { n.DueDate, n.SwitchToExpired = before, false }, ""},
		{"stored as expired", func(n *bridge.Notice) { n.PositionStatus = bridge.Expired }, bridge.CodeNoticeExpired},
		{"no due date (V15)", func(n *bridge.Notice) { n.DueDate = time.Time{} }, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := bridge.Notice{
				PositionStatus: bridge.Valid, InstalmentStatus: bridge.InstalmentUnpaid,
				ValidFrom: now.Add(-time.Hour), DueDate: now.Add(time.Hour), SwitchToExpired: true,
			}
			c.change(&n)
			if got := bridge.CodeOf(bridge.Payable(&n, now)); got != c.want {
				t.Fatalf("refused with %q, want %q", got, c.want)
			}
		})
	}
}
