package bridge_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// receipt is a clean one for notice n of 120.00 euro.
func receipt(n int64, id string) bridge.Delivery {
	nav := testkit.NAV(n)
	return bridge.Delivery{Addressee: testkit.Addressee(), Receipt: bridge.Receipt{
		ReceiptID: id, Version: bridge.ReceiptV2, Raw: []byte("<receipt " + id + "/>"), NAV: nav, PrimaryEC: testkit.EC, IUV: nav.IUV(),
		Outcome: bridge.OutcomeOK, Amount: 12000, Fee: 150, TransferTotal: 12000, DebtorFiscalCode: "RSSMRA80A01H501U",
		PSPCode: "ABI99999", PSPCompany: "Banca di Prova", PaymentMethod: "creditCard", PaymentDateTime: "2026-11-23T12:30:00",
	}}
}

// Whatever a receipt says, the money has moved: it is stored, and what is odd is
// noted (soap-node.md §2.5 steps 4 to 8, architecture.md §7).
func TestRecordReceipt_Anomalies(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		prepare func(*testing.T, *world)
		change  func(*bridge.Delivery)
		want    []bridge.AnomalyClass
		status  bridge.PositionStatus
	}{
		{name: "unknown notice", change: func(d *bridge.Delivery) { d.Receipt.NAV = testkit.NAV(999) }, want: []bridge.AnomalyClass{bridge.AnomalyUnknownNotice}, status: bridge.Valid},
		{name: "another EC's notice with our number", change: func(d *bridge.Delivery) { d.Receipt.PrimaryEC = "88888888888" }, want: []bridge.AnomalyClass{bridge.AnomalyOtherEC}, status: bridge.Valid},
		{name: "amount differs", change: func(d *bridge.Delivery) { d.Receipt.Amount, d.Receipt.TransferTotal = 100, 100 }, want: []bridge.AnomalyClass{bridge.AnomalyAmount}, status: bridge.Paid},
		{name: "transfers differ", change: func(d *bridge.Delivery) { d.Receipt.TransferTotal = 1 }, want: []bridge.AnomalyClass{bridge.AnomalyTransferTotal}, status: bridge.Paid},
		{name: "iuv differs", change: func(d *bridge.Delivery) { d.Receipt.IUV = "1" }, want: []bridge.AnomalyClass{bridge.AnomalyIUV}, status: bridge.Paid},
		{name: "debtor differs", change: func(d *bridge.Delivery) { d.Receipt.DebtorFiscalCode = "VRDLGI80A01H501U" }, want: []bridge.AnomalyClass{bridge.AnomalyDebtor}, status: bridge.Paid},
		{name: "outcome KO", change: func(d *bridge.Delivery) { d.Receipt.Outcome = bridge.OutcomeKO }, want: []bridge.AnomalyClass{bridge.AnomalyOutcome}, status: bridge.Valid},
		{name: "KO in another spelling", change: func(d *bridge.Delivery) { d.Receipt.Outcome = " ko\n" }, want: []bridge.AnomalyClass{bridge.AnomalyOutcome}, status: bridge.Valid},
		{name: "paid in the year 10000, says the PSP", change: func(d *bridge.Delivery) { d.Receipt.PaymentDateTime = "9999-12-31T23:59:59-05:00" }, want: []bridge.AnomalyClass{bridge.AnomalyDate}, status: bridge.Paid},
		{name: "schema", change: func(d *bridge.Delivery) { d.SchemaBroken = []string{"/x: length"} }, want: []bridge.AnomalyClass{bridge.AnomalySchema}, status: bridge.Paid},
		{name: "after the due date", prepare: func(_ *testing.T, w *world) { w.clock.Set(testkit.Noon.AddDate(0, 2, 0)) }, change: func(d *bridge.Delivery) { d.Receipt.PaymentDateTime = "2027-01-23T12:00:00Z" }, want: []bridge.AnomalyClass{bridge.AnomalyExpired}, status: bridge.Paid},
		{name: "late, but paid in time", prepare: func(_ *testing.T, w *world) { w.clock.Set(testkit.Noon.AddDate(0, 2, 0)) }, status: bridge.Paid},
		{name: "second receipt", prepare: func(t *testing.T, w *world) {
			if err := w.RecordReceipt(t.Context(), receipt(1, "first")); err != nil {
				t.Fatal(err)
			}
		}, want: []bridge.AnomalyClass{bridge.AnomalyDoublePayment}, status: bridge.Paid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.create(t, testkit.Single(1))
			if c.prepare != nil {
				c.prepare(t, w)
			}
			d := receipt(1, "r1")
			if c.change != nil {
				c.change(&d)
			}
			if err := w.RecordReceipt(t.Context(), d); err != nil {
				t.Fatalf("refused: %v", err)
			}
			if got := w.anomalies(t); !slices.Equal(got, c.want) {
				t.Errorf("anomalies are %v, want %v", got, c.want)
			}
			if got := w.status(t, "POS-1"); got != c.status {
				t.Errorf("position is %s, want %s", got, c.status)
			}
			kept, err := w.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, d.Receipt.NAV)
			if err != nil || !slices.ContainsFunc(kept, func(r bridge.Receipt) bool { return r.ReceiptID == "r1" }) {
				t.Errorf("the receipt is not stored: %v", err)
			}
		})
	}
}

func TestRecordReceipt_DraftIsPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.CreatePosition(t.Context(), testkit.Principal(), testkit.Single(1), false); err != nil {
		t.Fatal(err)
	}
	if err := w.RecordReceipt(t.Context(), receipt(1, "r1")); err != nil {
		t.Fatal(err)
	}
	if got, want := w.anomalies(t), []bridge.AnomalyClass{bridge.AnomalyNotPublished}; !slices.Equal(got, want) {
		t.Errorf("anomalies are %v, want %v", got, want)
	}
	if got := w.status(t, "POS-1"); got != bridge.Paid {
		t.Errorf("position is %s", got)
	}
}

// Instalments: the plan is paid one by one; the alternative whole amount is shut.
func TestRecordReceipt_Plan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Plan(1))
	half := func(n int64, id string) bridge.Delivery {
		d := receipt(n, id)
		d.Receipt.Amount, d.Receipt.TransferTotal = 6000, 6000
		return d
	}
	if err := w.RecordReceipt(t.Context(), half(2, "a")); err != nil {
		t.Fatal(err)
	}
	if got := w.status(t, "POS-1"); got != bridge.PartiallyPaid {
		t.Fatalf("after one instalment the position is %s", got)
	}
	for nav, want := range map[bridge.NoticeNumber]bridge.Code{testkit.NAV(1): bridge.CodeNoticeUnknown, testkit.NAV(2): bridge.CodeNoticePaid, testkit.NAV(3): ""} {
		if _, err := w.VerifyNotice(t.Context(), query(nav)); bridge.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", nav, err, want)
		}
	}
	if err := w.RecordReceipt(t.Context(), half(3, "b")); err != nil {
		t.Fatal(err)
	}
	if got := w.status(t, "POS-1"); got != bridge.Paid {
		t.Fatalf("after both instalments the position is %s", got)
	}
	// The whole amount is paid too: money moved twice, the position stays as it is.
	if err := w.RecordReceipt(t.Context(), receipt(1, "c")); err != nil {
		t.Fatal(err)
	}
	if got, want := w.anomalies(t), []bridge.AnomalyClass{bridge.AnomalyDoublePayment}; !slices.Equal(got, want) {
		t.Errorf("anomalies are %v, want %v", got, want)
	}
}

func TestRecordReceipt_WholeAmountAfterAnInstalment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Plan(1))
	first := receipt(2, "a")
	first.Receipt.Amount, first.Receipt.TransferTotal = 6000, 6000
	for _, d := range []bridge.Delivery{first, receipt(1, "b")} {
		if err := w.RecordReceipt(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := w.anomalies(t), []bridge.AnomalyClass{bridge.AnomalyExcludedOption}; !slices.Equal(got, want) {
		t.Errorf("anomalies are %v, want %v", got, want)
	}
	if got := w.status(t, "POS-1"); got != bridge.Paid {
		t.Errorf("position is %s", got)
	}
}

func TestRecordReceipt_Duplicates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	if err := w.RecordReceipt(t.Context(), receipt(1, "r1")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.RecordReceipt(t.Context(), receipt(1, "r1")); bridge.CodeOf(err) != bridge.CodeReceiptDuplicate {
			t.Fatalf("the same receipt again: %v", err)
		}
	}
	second := receipt(1, "r2")
	if err := w.RecordReceipt(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	variant := receipt(1, "r1")
	variant.Receipt.Raw, variant.Receipt.Amount = []byte("<other/>"), 1
	for range 2 {
		if err := w.RecordReceipt(t.Context(), variant); bridge.CodeOf(err) != bridge.CodeReceiptDuplicate {
			t.Fatalf("a variant: %v", err)
		}
	}
	if got, want := w.anomalies(t), []bridge.AnomalyClass{bridge.AnomalyDoublePayment, bridge.AnomalyVariant}; !slices.Equal(got, want) {
		t.Errorf("anomalies are %v, want %v: a variant is noted once", got, want)
	}
	kept, err := w.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, testkit.NAV(1))
	if err != nil || len(kept) != 2 || kept[0].Amount != 12000 || kept[0].IUPD != "POS-1" || kept[1].IUPD != "" {
		t.Errorf("kept %+v, %v: only the first has settled the position", kept, err)
	}
}

// soap-node.md §6 R20: fifty copies at once have one effect.
func TestRecordReceipt_FiftyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	results := make([]error, 50)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = w.RecordReceipt(t.Context(), receipt(1, "r1")) })
	}
	group.Wait()
	accepted := 0
	for _, err := range results {
		switch {
		case err == nil:
			accepted++
		case bridge.CodeOf(err) != bridge.CodeReceiptDuplicate:
			t.Errorf("unexpected: %v", err)
		}
	}
	if accepted != 1 {
		t.Fatalf("%d copies were accepted", accepted)
	}
}

func TestRecordReceipt_Misrouted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := receipt(1, "r1")
	d.EC = "11111111111"
	if err := w.RecordReceipt(t.Context(), d); bridge.CodeOf(err) != bridge.CodeECUnknown {
		t.Fatalf("misrouted: %v", err)
	}
	err := w.db.View(t.Context(), func(tx bridge.ReadTx) error {
		found, err := tx.Anomalies(t.Context(), "11111111111")
		if err == nil && (len(found) != 1 || found[0].Class != bridge.AnomalyConfiguration) {
			err = fmt.Errorf("anomalies are %+v", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
