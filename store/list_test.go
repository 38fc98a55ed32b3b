package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

func list(t *testing.T, db *store.DB, q bridge.PositionQuery) bridge.PositionPage {
	t.Helper()
	if q.EC == "" {
		q.EC = ec
	}
	if q.Limit == 0 {
		q.Limit = 50
	}
	var page bridge.PositionPage
	view(t, db, func(tx bridge.ReadTx) (err error) {
		page, err = tx.Positions(context.Background(), q)
		return err
	})
	return page
}

func iupds(page bridge.PositionPage) []string {
	var out []string
	for _, p := range page.Positions {
		out = append(out, string(p.IUPD))
	}
	return out
}

// TestPositions_StatusFilterJudgesAsTheDomain compares SQL with
// bridge.Position.StatusAt for every stored status around both boundaries.
func TestPositions_StatusFilterJudgesAsTheDomain(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	tick := time.Microsecond
	validities := []time.Time{{}, noon.Add(-tick), noon, noon.Add(tick)}
	dues := []time.Time{{}, noon.Add(-tick), noon, noon.Add(tick)}
	statuses := []bridge.PositionStatus{
		bridge.Draft, bridge.Published, bridge.Valid, bridge.Invalid, bridge.Expired, bridge.PartiallyPaid, bridge.Paid, bridge.Reported,
	}
	var all []*bridge.Position
	for _, status := range statuses {
		for _, validity := range validities {
			for _, due := range dues {
				for _, switches := range []bool{false, true} {
					p := position(len(all))
					p.Status = status
					if status == bridge.Paid {
						p.PaidAt = noon
					}
					o := &p.Options[0]
					o.ValidFrom, o.SwitchToExpired, o.Instalments[0].DueDate = validity, switches, due
					all = append(all, p)
				}
			}
		}
	}
	insert(t, db, all...)
	for _, now := range []time.Time{noon, noon.Add(-2 * tick), noon.Add(2 * tick)} {
		seen := 0
		for _, status := range statuses {
			var want []string
			for _, p := range all {
				if p.StatusAt(now) == status {
					want = append(want, string(p.IUPD))
				}
			}
			page := list(t, db, bridge.PositionQuery{Statuses: []bridge.PositionStatus{status}, Now: now, OrderBy: bridge.ByIUPD, Ascending: true, Limit: 1000})
			if got := iupds(page); !slices.Equal(got, want) || page.Total != len(want) {
				t.Errorf("%s at %s: got %v (%d), want %v", status, now, got, page.Total, want)
			}
			for _, p := range page.Positions {
				if p.Status != status {
					t.Errorf("listed as %s with status %s", status, p.Status)
				}
			}
			seen += len(want)
		}
		if seen != len(all) {
			t.Errorf("%d of %d positions have a status", seen, len(all))
		}
	}
}

// TestPositions_FewAndMany holds every page against a list made here, whether SQLite sorts
// the few that match or walks the many, and every total against a count.
func TestPositions_FewAndMany(t *testing.T) {
	t.Parallel()
	db, random := openNew(t), rand.New(rand.NewPCG(1, 2))
	statuses := []bridge.PositionStatus{bridge.Draft, bridge.Published, bridge.Valid, bridge.Valid, bridge.Valid, bridge.Paid}
	var all []*bridge.Position
	for n := range 90 {
		p := position(n)
		p.InsertedAt = noon.Add(time.Duration(n) * time.Second)
		p.Status = statuses[random.IntN(len(statuses))]
		in := &p.Options[0].Instalments[0]
		in.DueDate = noon.AddDate(0, 0, random.IntN(40)-5)
		p.Options[0].ValidFrom = noon.Add(time.Duration(random.IntN(9)-6) * time.Hour)
		p.Options[0].SwitchToExpired = random.IntN(2) == 0
		if p.Status == bridge.Paid {
			p.PaidAt = noon.AddDate(0, 0, -random.IntN(20))
		}
		all = append(all, p)
		foreign := position(1000 + n)
		foreign.EC = other
		insert(t, db, p, foreign)
	}
	moved := *all[3] // a tally that only ever grew would be wrong from here on
	moved.Status, moved.PaidAt = bridge.Invalid, time.Time{}
	update(t, db, func(tx bridge.Tx) error {
		return errors.Join(tx.UpdatePositionState(context.Background(), &moved), tx.DeletePosition(context.Background(), ec, all[7].IUPD))
	})
	all[3] = &moved
	all = slices.Delete(all, 7, 8)
	for name, q := range map[string]bridge.PositionQuery{
		"all": {}, "valid": {Statuses: []bridge.PositionStatus{bridge.Valid}}, "two states": {Statuses: []bridge.PositionStatus{bridge.Expired, bridge.Invalid, bridge.Expired}},
		"none": {Statuses: []bridge.PositionStatus{bridge.Reported}}, "a day": {DueFrom: noon, DueTo: noon}, "month": {DueFrom: noon, DueTo: noon.AddDate(0, 0, 30)},
		"month and state": {DueFrom: noon, DueTo: noon.AddDate(0, 0, 30), Statuses: []bridge.PositionStatus{bridge.Valid, bridge.Paid}},
		"paid":            {PaidFrom: noon.AddDate(0, 0, -3), PaidTo: noon}, "codes": {Segregations: []string{"01"}}, "no such code": {Segregations: []string{"99"}},
	} {
		q.Now, q.Limit = noon, 7
		var want []string
		for _, p := range slices.Backward(all) {
			if matches(p, q) {
				want = append(want, string(p.IUPD))
			}
		}
		var got []string
		for q.Page = 0; ; q.Page++ {
			page := list(t, db, q)
			if page.Total != len(want) {
				t.Errorf("%s: a total of %d, want %d", name, page.Total, len(want))
			}
			if len(page.Positions) == 0 {
				break
			}
			got = append(got, iupds(page)...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// matches judges as a list's filters should.
func matches(p *bridge.Position, q bridge.PositionQuery) bool {
	in := &p.Options[0].Instalments[0]
	within := func(at, from, to time.Time) bool {
		return from.IsZero() || !at.IsZero() && !at.Before(from) && !at.After(to)
	}
	return (len(q.Statuses) == 0 || slices.Contains(q.Statuses, p.StatusAt(q.Now))) &&
		within(in.DueDate, q.DueFrom, q.DueTo) && within(p.PaidAt, q.PaidFrom, q.PaidTo) &&
		(len(q.Segregations) == 0 || slices.Contains(q.Segregations, string(in.IUV)[:2]))
}

func TestPositions_OrderAndPages(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	for i, company := range []string{"C", "A", "B", "A", "C"} {
		p := position(i)
		p.CompanyName = company
		p.InsertedAt = noon.Add(time.Duration(i%3) * time.Second)
		if i == 1 {
			p.Status = bridge.Draft
		}
		if i == 2 {
			p.Status, p.Options[0].ValidFrom = bridge.Published, noon // valid by now
		}
		insert(t, db, p)
	}
	foreign := position(9)
	foreign.EC = other
	insert(t, db, foreign)
	for name, c := range map[string]struct {
		q    bridge.PositionQuery
		want string
	}{
		"default":        {bridge.PositionQuery{}, "[2 4 1 3 0]"},
		"inserted":       {bridge.PositionQuery{OrderBy: bridge.ByInsertedDate, Ascending: true}, "[0 3 1 4 2]"},
		"iupd":           {bridge.PositionQuery{OrderBy: bridge.ByIUPD, Ascending: true}, "[0 1 2 3 4]"},
		"iupd down":      {bridge.PositionQuery{OrderBy: bridge.ByIUPD}, "[4 3 2 1 0]"},
		"company":        {bridge.PositionQuery{OrderBy: bridge.ByCompanyName, Ascending: true}, "[1 3 2 0 4]"},
		"status":         {bridge.PositionQuery{OrderBy: bridge.ByStatus, Ascending: true, Now: noon}, "[1 0 2 3 4]"},
		"filtered":       {bridge.PositionQuery{OrderBy: bridge.ByStatus, Statuses: []bridge.PositionStatus{bridge.Valid}, Ascending: true, Now: noon}, "[0 2 3 4]"},
		"first page":     {bridge.PositionQuery{OrderBy: bridge.ByIUPD, Ascending: true, Limit: 2}, "[0 1]"},
		"last page":      {bridge.PositionQuery{OrderBy: bridge.ByIUPD, Ascending: true, Limit: 2, Page: 2}, "[4]"},
		"beyond the end": {bridge.PositionQuery{OrderBy: bridge.ByIUPD, Limit: 2, Page: 9}, "[]"},
		"another EC":     {bridge.PositionQuery{EC: other}, "[9]"},
	} {
		page := list(t, db, c.q)
		got := []int{}
		for _, p := range page.Positions {
			var n int
			fmt.Sscanf(string(p.IUPD), "iupd-%d", &n)
			got = append(got, n)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		want := map[string]int{"filtered": 4, "another EC": 1}[name]
		if want == 0 {
			want = 5
		}
		if page.Total != want {
			t.Errorf("%s: total %d, want %d", name, page.Total, want)
		}
	}
}

func TestPositions_DueDatesLeaveOnlyWhatIsInside(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	p := position(1)
	p.Options = append(p.Options, option(instalment(2), instalment(3), instalment(4)))
	p.Options[0].Instalments[0].DueDate = day(1)
	p.Options[0].SwitchToExpired, p.Options[1].SwitchToExpired = true, true
	for j := range p.Options[1].Instalments {
		p.Options[1].Instalments[j].DueDate = day(10 * (j + 1))
	}
	open := position(5)
	open.Options[0].Instalments[0].DueDate = time.Time{}
	insert(t, db, p, open)

	page := list(t, db, bridge.PositionQuery{DueFrom: day(10), DueTo: day(20), Now: day(25)})
	if page.Total != 1 || len(page.Positions) != 1 || len(page.Positions[0].Options) != 1 {
		t.Fatalf("got %+v", page)
	}
	got := page.Positions[0]
	if in := got.Options[0].Instalments; len(in) != 2 || in[0].NAV != navOf(2) || in[1].NAV != navOf(3) {
		t.Errorf("instalments %+v", in)
	}
	if got.Status != bridge.Valid { // the one due on day 30 keeps it alive
		t.Errorf("status %s of the pruned position", got.Status)
	}
	for name, c := range map[string]struct {
		from, to time.Time
		want     int
	}{
		"before":        {day(2), day(10).Add(-time.Microsecond), 0},
		"lower end":     {day(1), day(1), 1},
		"between":       {day(11), day(19), 0},
		"upper end":     {day(30), day(40), 1},
		"after the end": {day(31), day(40), 0},
	} {
		if page := list(t, db, bridge.PositionQuery{DueFrom: c.from, DueTo: c.to}); page.Total != c.want || len(page.Positions) != c.want {
			t.Errorf("%s: %d of %d", name, len(page.Positions), page.Total)
		}
	}
}

func TestPositions_PaymentDateAndSegregation(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	paid, unpaid, seg := position(1), position(2), position(3)
	paid.Status, paid.PaidAt = bridge.Paid, noon
	seg.Options[0].Instalments[0].IUV, seg.Options[0].Instalments[0].NAV = "47000000000000000", "347000000000000000"
	insert(t, db, paid, unpaid, seg)
	for name, c := range map[string]struct {
		q    bridge.PositionQuery
		want string
	}{
		"paid at":      {bridge.PositionQuery{PaidFrom: noon, PaidTo: noon}, "[iupd-0001]"},
		"paid after":   {bridge.PositionQuery{PaidFrom: noon.Add(1000), PaidTo: noon.Add(time.Hour)}, "[]"},
		"segregation":  {bridge.PositionQuery{Segregations: []string{"47"}}, "[iupd-0003]"},
		"two codes":    {bridge.PositionQuery{Segregations: []string{"47", "01"}, OrderBy: bridge.ByIUPD, Ascending: true}, "[iupd-0001 iupd-0002 iupd-0003]"},
		"no such code": {bridge.PositionQuery{Segregations: []string{"99"}}, "[]"},
		"all filters": {bridge.PositionQuery{
			Segregations: []string{"01"}, PaidFrom: noon, PaidTo: noon, Statuses: []bridge.PositionStatus{bridge.Paid}, Now: noon,
			DueFrom: noon, DueTo: noon.AddDate(1, 0, 0), OrderBy: bridge.ByStatus,
		}, "[iupd-0001]"},
	} {
		if got := fmt.Sprint(iupds(list(t, db, c.q))); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestPositions_RefusesAnUnboundedOrHalfQuestion(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	for name, q := range map[string]bridge.PositionQuery{
		"no limit":       {EC: ec},
		"huge limit":     {EC: ec, Limit: 1_000_000},
		"page below 0":   {EC: ec, Limit: 10, Page: -1},
		"unknown order":  {EC: ec, Limit: 10, OrderBy: "id; DROP TABLE position"},
		"one due date":   {EC: ec, Limit: 10, DueFrom: noon},
		"one paid date":  {EC: ec, Limit: 10, PaidTo: noon},
		"too far a year": {EC: ec, Limit: 10, DueFrom: noon, DueTo: noon.AddDate(20000, 0, 0)},
	} {
		err := db.View(ctx, func(tx bridge.ReadTx) error { _, err := tx.Positions(ctx, q); return err })
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
