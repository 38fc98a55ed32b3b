package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// pay settles the j-th instalment of the i-th option.
func pay(p *bridge.Position, i, j int, status bridge.InstalmentStatus, at time.Time) {
	in := &p.Options[i].Instalments[j]
	in.Status, in.PaidAt = status, at
}

// due sets the due dates of all instalments of an option.
func due(p *bridge.Position, i int, at ...time.Time) {
	for j := range p.Options[i].Instalments {
		p.Options[i].Instalments[j].DueDate = at[j]
	}
}

// told is every option with its instalments on one line.
func told(offers []bridge.OfferedOption) string {
	var lines []string
	for _, o := range offers {
		line := string(o.State)
		for _, in := range o.Instalments {
			line += " " + string(in.State)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// soap-node.md §3 "Status derivation" and gpd-api.md §3.4 "Verify answer", for a
// debt that is paid at once (the first option) or in two instalments.
func TestOffersAt_States(t *testing.T) {
	t.Parallel()
	now := testkit.Noon
	before, after := now.Add(-time.Microsecond), now.Add(time.Hour)
	type position = bridge.Position
	cases := []struct {
		name   string
		change func(*position)
		want   string
	}{
		{"nothing paid", func(*position) {}, "UNPAID UNPAID; UNPAID UNPAID UNPAID"},
		{"due now is not past", func(p *position) { due(p, 0, now); due(p, 1, now, now) }, "UNPAID UNPAID; UNPAID UNPAID UNPAID"},
		{"published, one option's validity ahead", func(p *position) {
			p.Status, p.Options[1].ValidFrom = bridge.Published, after
		}, "UNPAID UNPAID; UNPAID UNPAID UNPAID"},
		{"all past due and closed", func(p *position) { due(p, 0, before); due(p, 1, before, before) },
			"EXPIRED_NOT_PAYABLE EXPIRED_NOT_PAYABLE; EXPIRED_NOT_PAYABLE EXPIRED_NOT_PAYABLE EXPIRED_NOT_PAYABLE"},
		{"all past due and still payable", func(p *position) {
			due(p, 0, before)
			due(p, 1, before, before)
			p.Options[0].SwitchToExpired, p.Options[1].SwitchToExpired = false, false
		}, "EXPIRED_UNPAID EXPIRED_UNPAID; EXPIRED_UNPAID EXPIRED_UNPAID EXPIRED_UNPAID"},
		{"one instalment past due, the plan goes on", func(p *position) { due(p, 0, after); due(p, 1, before, after) },
			"UNPAID UNPAID; UNPAID EXPIRED_NOT_PAYABLE UNPAID"},
		{"stored as expired", func(p *position) { p.Status = bridge.Expired },
			"EXPIRED_NOT_PAYABLE EXPIRED_NOT_PAYABLE; EXPIRED_NOT_PAYABLE EXPIRED_NOT_PAYABLE EXPIRED_NOT_PAYABLE"},
		{"no due date", func(p *position) { due(p, 0, time.Time{}); due(p, 1, after, after) }, "UNPAID UNPAID UNPAID; UNPAID UNPAID"},
		{"cancelled", func(p *position) { p.Status = bridge.Invalid }, "INVALID INVALID; INVALID INVALID INVALID"},
		{"paid at once", func(p *position) {
			p.Status = bridge.Paid
			pay(p, 0, 0, bridge.InstalmentPaid, before)
		}, "PAID PAID; INVALID INVALID INVALID"},
		{"first instalment paid", func(p *position) {
			p.Status = bridge.PartiallyPaid
			pay(p, 1, 0, bridge.InstalmentPaid, before)
		}, "INVALID INVALID; PARTIALLY_PAID PAID UNPAID"},
		{"first instalment paid, the second past due", func(p *position) {
			p.Status = bridge.PartiallyPaid
			pay(p, 1, 0, bridge.InstalmentPaid, before)
			due(p, 1, before, before)
		}, "PARTIALLY_PAID PAID EXPIRED_NOT_PAYABLE; INVALID INVALID"},
		{"plan paid in full", func(p *position) {
			p.Status = bridge.Paid
			pay(p, 1, 0, bridge.InstalmentPaid, before)
			pay(p, 1, 1, bridge.InstalmentPaid, before)
		}, "INVALID INVALID; PAID PAID PAID"},
		{"reported counts as paid", func(p *position) {
			p.Status = bridge.Reported
			pay(p, 1, 0, bridge.InstalmentReported, before)
			pay(p, 1, 1, bridge.InstalmentPartiallyReported, before)
		}, "INVALID INVALID; PAID PAID PAID"},
		{"one instalment reported", func(p *position) {
			p.Status = bridge.PartiallyPaid
			pay(p, 1, 1, bridge.InstalmentReported, before)
		}, "INVALID INVALID; PARTIALLY_PAID UNPAID PAID"},
		{"paid in full after an instalment: the full one holds, no payment is hidden", func(p *position) {
			p.Status = bridge.Paid
			pay(p, 1, 0, bridge.InstalmentPaid, before.Add(-time.Hour))
			pay(p, 0, 0, bridge.InstalmentPaid, before)
		}, "PAID PAID; INVALID PAID INVALID"},
		{"no option without a notice", func(p *position) { p.Options = append(p.Options, bridge.Option{}) }, "UNPAID UNPAID; UNPAID UNPAID UNPAID"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := testkit.Plan(1)
			p.Status = bridge.Valid
			for i := range p.Options {
				p.Options[i].ValidFrom = now.Add(-24 * time.Hour)
				for j := range p.Options[i].Instalments {
					p.Options[i].Instalments[j].Status = bridge.InstalmentUnpaid
				}
			}
			c.change(p)
			if got := told(p.OffersAt(now)); got != c.want {
				t.Fatalf("offers are\n%s, want\n%s", got, c.want)
			}
		})
	}
}

// Two plans into which money has come: the one begun first is the chosen one, and
// nothing more can be paid on either, as Payable says.
func TestOffersAt_TwoPlansBegun(t *testing.T) {
	t.Parallel()
	p := testkit.Plan(1)
	p.Options[0] = p.Options[1]
	p.Options[0].Instalments = slices.Clone(p.Options[1].Instalments)
	for i := range p.Options {
		p.Options[i].Instalments[1].Status = bridge.InstalmentUnpaid
	}
	p.Status = bridge.PartiallyPaid
	pay(p, 0, 0, bridge.InstalmentPaid, testkit.Noon.Add(-time.Minute))
	pay(p, 1, 0, bridge.InstalmentPaid, testkit.Noon.Add(-time.Hour))
	if got, want := told(p.OffersAt(testkit.Noon)), "INVALID PAID INVALID; PARTIALLY_PAID PAID INVALID"; got != want {
		t.Fatalf("offers are %s, want %s", got, want)
	}
}

// anyPosition is a random position around an instant, in a state that agrees with
// its instalments.
func anyPosition(r *rand.Rand, now time.Time) *bridge.Position {
	p := testkit.Single(1)
	p.Options = nil
	around := func() time.Time { return now.Add(time.Duration(r.IntN(7)-3) * time.Hour) }
	n, full, begun := int64(0), false, false
	for range 1 + r.IntN(3) {
		o := bridge.Option{SwitchToExpired: r.IntN(2) == 0, Debtor: testkit.Debtor(), ValidFrom: around().Add(-3 * time.Hour)}
		count := 1 + r.IntN(4)
		paid := max(0, r.IntN(3*count+1)-2*count) // mostly none
		for j := range count {
			n++
			in := testkit.Instalment(n, bridge.Cents(1+r.IntN(100_000)))
			in.Status, in.DueDate = bridge.InstalmentUnpaid, around()
			if r.IntN(8) == 0 {
				in.DueDate = time.Time{}
			}
			if j < paid {
				in.Status, in.PaidAt = []bridge.InstalmentStatus{bridge.InstalmentPaid, bridge.InstalmentPartiallyReported, bridge.InstalmentReported}[r.IntN(3)], around()
			}
			o.Instalments = append(o.Instalments, in)
		}
		o.Plan = count > 1
		full, begun = full || paid == count, begun || paid > 0
		p.Options = append(p.Options, o)
	}
	switch {
	case full:
		p.Status = bridge.Paid
	case begun:
		p.Status = bridge.PartiallyPaid
	default:
		p.Status = []bridge.PositionStatus{bridge.Published, bridge.Valid, bridge.Expired, bridge.Invalid}[r.IntN(4)]
	}
	return p
}

// What holds for every position: sums, order, dates, one chosen option, and that
// what is shown as payable is what the node may have paid.
func TestOffersAt_Properties(t *testing.T) {
	t.Parallel()
	now := testkit.Noon
	for seed := range uint64(20_000) {
		p := anyPosition(rand.New(rand.NewPCG(1, seed)), now)
		offers := p.OffersAt(now)
		states := map[bridge.NoticeNumber]bridge.OfferState{}
		begun, notInvalid := false, 0
		for i := range p.Options {
			begun = begun || p.Options[i].Started()
		}
		for _, o := range offers {
			if fault := badOffer(o); fault != "" {
				t.Fatalf("seed %d: %s in %+v", seed, fault, o)
			}
			if o.State != bridge.OfferInvalid {
				notInvalid++
			}
			for _, in := range o.Instalments {
				states[in.NAV] = in.State
			}
		}
		if len(offers) != len(p.Options) || !slices.IsSortedFunc(offers, func(a, b bridge.OfferedOption) int { return lastWithout(a.DueDate, b.DueDate) }) {
			t.Fatalf("seed %d: options are missing or out of order: %+v", seed, offers)
		}
		if begun && notInvalid != 1 {
			t.Fatalf("seed %d: one option was chosen and %d are not invalid: %s", seed, notInvalid, told(offers))
		}
		for _, n := range p.Notices() {
			state := states[n.NAV]
			shown := (state == bridge.OfferUnpaid || state == bridge.OfferExpiredUnpaid) && !n.ValidFrom.After(now)
			if refusal := bridge.Payable(&n, now); (refusal == nil) != shown {
				t.Fatalf("seed %d: notice is %s and Payable says %v", seed, state, refusal)
			}
		}
	}
}

func badOffer(o bridge.OfferedOption) string {
	var sum bridge.Cents
	var last time.Time
	for _, in := range o.Instalments {
		sum += in.Amount
		if in.DueDate.After(last) {
			last = in.DueDate
		}
		if in.State == bridge.OfferPartiallyPaid {
			return "an instalment is partially paid"
		}
	}
	switch {
	case sum != o.Amount:
		return fmt.Sprintf("the instalments add up to %d", sum)
	case !last.Equal(o.DueDate):
		return "the due date is not the last one"
	case !slices.IsSortedFunc(o.Instalments, func(a, b bridge.OfferedInstalment) int { return lastWithout(a.DueDate, b.DueDate) }):
		return "the instalments are out of order"
	}
	return ""
}

// lastWithout compares due dates; none is later than any.
func lastWithout(a, b time.Time) int {
	end := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if a.IsZero() {
		a = end
	}
	if b.IsZero() {
		b = end
	}
	return a.Compare(b)
}

func TestPaymentOptions_Describes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := testkit.Plan(1)
	p.CompanyName = "  " // GPD stores blanks
	p.Options[1].Description = "In due\nrate"
	p.Options[0].Instalments[0].Transfers[0].IBAN = "IT60X0760111101000000123456"
	w.create(t, p)
	for n := int64(1); n <= 3; n++ { // any notice of the debt leads to all of it
		got, err := w.PaymentOptions(t.Context(), string(testkit.EC), string(testkit.NAV(n)))
		if err != nil {
			t.Fatal(err)
		}
		if got.EC != testkit.EC || got.CompanyName != "Comune di Prova" || got.OfficeName != "Ufficio Tributi" || !got.StandIn || got.Cancelled || len(got.Options) != 2 {
			t.Fatalf("got %+v", got)
		}
		single, plan := got.Options[0], got.Options[1]
		if single.Description != "TARI 2026" || !single.AllPostal || single.Amount != 12000 || !single.ValidFrom.Equal(testkit.Noon) {
			t.Errorf("single is %+v", single)
		}
		if plan.Description != "In due rate" || plan.AllPostal || plan.Amount != 12000 || plan.Instalments[1].NAV != testkit.NAV(3) || plan.Instalments[1].IUV != testkit.NAV(3).IUV() {
			t.Errorf("plan is %+v", plan)
		}
	}
}

// noView is a store whose reads fail.
type noView struct{ bridge.Store }

func (noView) View(context.Context, func(bridge.ReadTx) error) error {
	return errors.New("disk on fire")
}

func TestPaymentOptions_Refuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	if err := w.CreatePosition(t.Context(), testkit.Principal(), testkit.Single(2), false); err != nil {
		t.Fatal(err)
	}
	later := testkit.Single(3)
	later.Options[0].ValidFrom = testkit.Noon.Add(time.Microsecond)
	w.create(t, later)
	ours, nav := string(testkit.EC), string(testkit.NAV(1))
	for _, c := range []struct {
		name, ec, nav string
		want          bridge.Code
		field         string
	}{
		{"fiscal code of ten digits", "7777777777", nav, bridge.CodeInvalid, "organization-fiscal-code"},
		{"a person's code in the EC's place", "RSSMRA80A01H501U", nav, bridge.CodeInvalid, "organization-fiscal-code"},
		{"no fiscal code", "", nav, bridge.CodeInvalid, "organization-fiscal-code"},
		{"both malformed: the EC is told first", "7", "3", bridge.CodeInvalid, "organization-fiscal-code"},
		{"notice of 17 digits", ours, nav[1:], bridge.CodeInvalid, "notice-number"},
		{"notice with a letter", ours, nav[:17] + "A", bridge.CodeInvalid, "notice-number"},
		{"malformed notice before unknown EC", "00000000000", "3", bridge.CodeInvalid, "notice-number"},
		{"EC of nobody", "00000000000", nav, bridge.CodeECUnknown, "organization-fiscal-code"},
		{"unknown notice", ours, string(testkit.NAV(9)), bridge.CodeNoticeUnknown, ""},
		{"wrong check digits are looked up all the same", ours, nav[:16] + "99", bridge.CodeNoticeUnknown, ""},
		{"draft", ours, string(testkit.NAV(2)), bridge.CodeNoticeUnknown, ""},
		{"not yet valid", ours, string(testkit.NAV(3)), bridge.CodeNoticeUnknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.PaymentOptions(t.Context(), c.ec, c.nav)
			var refusal *bridge.Error
			if !errors.As(err, &refusal) || refusal.Code != c.want || refusal.Field != c.field {
				t.Fatalf("refused with %v, want %s of %q", err, c.want, c.field)
			}
			for _, given := range []string{c.ec, c.nav} {
				if given != "" && strings.Contains(refusal.Detail, given) && len(given) > 1 {
					t.Errorf("the detail repeats what was sent: %s", refusal.Detail)
				}
			}
		})
	}
	w.clock.Set(testkit.Noon.Add(time.Microsecond))
	if _, err := w.PaymentOptions(t.Context(), ours, string(testkit.NAV(3))); err != nil {
		t.Errorf("valid from now on: %v", err)
	}
	w.clock.Set(testkit.Noon.Add(-time.Microsecond)) // a clock put back: the verify says the same
	if _, err := w.PaymentOptions(t.Context(), ours, nav); bridge.CodeOf(err) != bridge.CodeNoticeUnknown {
		t.Errorf("stored as valid, before its validity: %v", err)
	}
	broken := bridge.NewService(noView{w.db}, w.clock, testkit.Registry())
	if _, err := broken.PaymentOptions(t.Context(), ours, nav); bridge.CodeOf(err) != bridge.CodeStoreUnavailable {
		t.Errorf("store failure gives %v", err)
	}
}
