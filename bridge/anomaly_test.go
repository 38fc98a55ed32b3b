package bridge_test

import (
	"slices"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// What reliability-security.md §5 wants an operator to see of a receipt that is
// applied all the same.
func TestRecordReceipt_OddReceiptsAreFlagged(t *testing.T) {
	t.Parallel()
	paidAt := func(at time.Time) func(*bridge.Delivery) {
		return func(d *bridge.Delivery) { d.Receipt.PaymentDateTime = at.Format(time.RFC3339) }
	}
	amount := func(cents bridge.Cents) func(*bridge.Delivery) {
		return func(d *bridge.Delivery) { d.Receipt.Amount, d.Receipt.TransferTotal = cents, cents }
	}
	date, differs := []bridge.AnomalyClass{bridge.AnomalyDate}, bridge.AnomalyAmount
	for _, c := range []struct {
		name   string
		change func(*bridge.Delivery)
		want   []bridge.AnomalyClass
	}{
		{"stand-in", func(d *bridge.Delivery) { d.Receipt.StandIn = true }, []bridge.AnomalyClass{bridge.AnomalyStandIn}},
		{"a day ahead", paidAt(testkit.Noon.Add(24 * time.Hour)), nil},
		{"over a day ahead", paidAt(testkit.Noon.Add(24*time.Hour + time.Second)), date},
		{"a day before the position", paidAt(testkit.Noon.Add(-24 * time.Hour)), nil},
		{"over a day before the position", paidAt(testkit.Noon.Add(-24*time.Hour - time.Second)), date},
		{"no date", func(d *bridge.Delivery) { d.Receipt.PaymentDateTime = "" }, nil},
		{"a hundred times the amount, less a cent", amount(1199999), []bridge.AnomalyClass{differs}},
		{"a hundred times the amount", amount(1200000), []bridge.AnomalyClass{differs, bridge.AnomalySuspicious}},
		{"the largest amount", amount(bridge.MaxAmount), []bridge.AnomalyClass{differs, bridge.AnomalySuspicious}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.create(t, testkit.Single(1))
			d := receipt(1, "r1")
			c.change(&d)
			if err := w.RecordReceipt(t.Context(), d); err != nil {
				t.Fatalf("refused: %v", err)
			}
			if got := w.anomalies(t); !slices.Equal(got, c.want) {
				t.Errorf("anomalies are %v, want %v", got, c.want)
			}
			if got := w.status(t, "POS-1"); got != bridge.Paid {
				t.Errorf("position is %s", got)
			}
		})
	}
}

func TestAnomalies_AreListedForTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := receipt(9, "r1")
	d.Receipt.Amount = 1
	if err := w.RecordReceipt(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	got, err := w.Anomalies(t.Context(), bridge.AnomalyQuery{EC: string(testkit.EC), Class: bridge.AnomalyTransferTotal, Limit: 10})
	want := []bridge.Anomaly{{
		ID: 1, Class: bridge.AnomalyTransferTotal, EC: string(testkit.EC), ReceiptID: "r1", NAV: testkit.NAV(9), Detail: "paymentAmount 0.01, transfers 120.00", At: testkit.Noon,
	}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("listed %+v, %v", got, err)
	}
	for name, q := range map[string]bridge.AnomalyQuery{
		"no limit": {}, "limit too large": {Limit: bridge.MaxAnomalies + 1}, "no such class": {Class: "x", Limit: 1},
	} {
		if _, err := w.Anomalies(t.Context(), q); bridge.CodeOf(err) != bridge.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
