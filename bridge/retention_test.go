package bridge_test

import (
	"fmt"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// redacting stands in for soap.RedactReceipt, which bridge does not know.
func redacting(_ []byte, debtor string) ([]byte, error) { return []byte("redacted of " + debtor), nil }

// What was closed long enough ago names nobody any more; amounts stay, holds hold, a dry
// run changes nothing, and nothing is done twice (reliability-security.md §6).
func TestApplyRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := int64(1); n <= 3; n++ {
		w.create(t, testkit.Single(n))
	}
	for n := int64(1); n <= 2; n++ {
		err := w.RecordReceipt(t.Context(), receipt(n, fmt.Sprint("r", n)))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.KeepUnreadable(t.Context(), bridge.RejectedInput{Operation: "paSendRTV2", Reason: "x", Raw: []byte("y")}); err != nil {
		t.Fatal(err)
	}
	rules := bridge.Retention{Unpaid: 24, Paid: 132, Receipts: 132, Refused: 24}
	apply := func(dry bool) map[string]bridge.RetentionLine {
		t.Helper()
		lines, err := w.ApplyRetention(t.Context(), rules, redacting, dry)
		if err != nil || len(lines) != 4 {
			t.Fatalf("%v, %v", lines, err)
		}
		by := map[string]bridge.RetentionLine{}
		for _, l := range lines {
			by[l.Class] = l
		}
		return by
	}
	if l := apply(false); l["paid"].Due+l["receipts"].Due+l["refused"].Due+l["unpaid"].Due != 0 {
		t.Errorf("due on the first day: %v", l)
	}
	w.clock.Set(testkit.Noon.AddDate(0, 133, 0))
	id, err := w.PlaceHold(t.Context(), bridge.Hold{EC: testkit.EC, IUPD: testkit.Single(1).IUPD, Reason: "contenzioso"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a dry run changes nothing
		if l := apply(true); l["paid"].Due != 1 || l["paid"].Held != 1 || l["paid"].Done != 0 || l["receipts"].Due != 1 || l["receipts"].Held != 1 || l["refused"].Held != 1 {
			t.Errorf("dry: %v", l)
		}
	}
	if l := apply(false); l["paid"].Done != 1 || l["receipts"].Done != 1 || l["refused"].Done != 0 {
		t.Errorf("with a hold: %v", l)
	}
	if p := w.position(t, 1); p.Options[0].Debtor.FullName != testkit.Single(1).Options[0].Debtor.FullName {
		t.Errorf("the held position names %q", p.Options[0].Debtor.FullName)
	}
	if err := w.ReleaseHold(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if l := apply(false); l["paid"].Done != 1 || l["receipts"].Done != 1 || l["refused"].Done != 1 {
		t.Errorf("after the release: %v", l)
	}
	if l := apply(false); l["paid"].Due+l["receipts"].Due+l["refused"].Due != 0 {
		t.Errorf("twice: %v", l)
	}
	w.isAnonymous(t, 1)
	if p := w.position(t, 3); p.Options[0].Debtor.FullName != testkit.Single(3).Options[0].Debtor.FullName {
		t.Error("a position that can still be paid was anonymised")
	}
}

// isAnonymous checks what is gone and what stays.
func (w *world) isAnonymous(t *testing.T, n int64) {
	t.Helper()
	p, before := w.position(t, n), testkit.Single(n)
	o, was := p.Options[0], before.Options[0]
	if !strings.HasPrefix(o.Debtor.FiscalCode, "ANON") || len(o.Debtor.FiscalCode) != 16 || o.Debtor.FullName != "ANONIMO" || o.Debtor.Email+o.Debtor.StreetName+o.Debtor.City != "" {
		t.Errorf("the debtor is %+v", o.Debtor)
	}
	in, wasIn := o.Instalments[0], was.Instalments[0]
	if in.Amount != wasIn.Amount || in.NAV != wasIn.NAV || in.ReceiptID == "" || p.Status != bridge.Paid || in.Transfers[0].Category != wasIn.Transfers[0].Category || in.Description == wasIn.Description {
		t.Errorf("the instalment is %+v", in)
	}
	r, err := w.ReadReceipt(t.Context(), testkit.Principal(), testkit.EC, in.ReceiptID)
	if err != nil || string(r.Raw) != "redacted of "+o.Debtor.FiscalCode || r.DebtorFiscalCode != o.Debtor.FiscalCode || r.Amount != wasIn.Amount {
		t.Errorf("the receipt is %+v, %v", r, err)
	}
}

func (w *world) position(t *testing.T, n int64) *bridge.Position {
	t.Helper()
	p, err := w.Position(t.Context(), testkit.Principal(), testkit.EC, testkit.Single(n).IUPD)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHold_Refusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, h := range map[string]bridge.Hold{
		"of nothing": {Reason: "x"}, "without a reason": {EC: testkit.EC}, "of a position of no EC": {IUPD: "x", Reason: "x"}, "naming the person": {Debtor: "rssmra80a01h501u", Reason: "per RSSMRA80A01H501U"},
	} {
		if _, err := w.PlaceHold(t.Context(), h); bridge.CodeOf(err) != bridge.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.ReleaseHold(t.Context(), 7); bridge.CodeOf(err) != bridge.CodeInvalid {
		t.Error(err)
	}
}
