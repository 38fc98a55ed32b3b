package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"nodobridge/bridge"
)

// TestReceipts_FewAndMany holds every page against a list made here, whether SQLite sorts
// the few that match or walks the many, and every total against a count.
func TestReceipts_FewAndMany(t *testing.T) {
	t.Parallel()
	db, random, ctx := openNew(t), rand.New(rand.NewPCG(3, 4)), context.Background()
	var all []*bridge.Receipt
	outcomes := []bridge.Outcome{"OK", "OK", "OK", "OK", "KO", " ko ", "kO", "KO\t", ""}
	for n := range 90 {
		r := receipt(n)
		r.Outcome = outcomes[random.IntN(len(outcomes))]
		r.DebtorFiscalCode = fmt.Sprintf("DEBTOR%d", random.IntN(20))
		r.PaymentDateTime = noon.AddDate(0, 0, -random.IntN(60)).Format("2006-01-02T15:04:05")
		all = append(all, r)
		foreign := receipt(1000 + n)
		foreign.EC = other
		update(t, db, func(tx bridge.Tx) error {
			if err := tx.InsertReceipt(ctx, r); err != nil {
				return err
			}
			return tx.InsertReceipt(ctx, foreign)
		})
	}
	slices.SortFunc(all, func(a, b *bridge.Receipt) int { return strings.Compare(string(a.IUV), string(b.IUV)) })
	for name, q := range map[string]bridge.ReceiptQuery{
		"all": {}, "a week": {From: noon.AddDate(0, 0, -7), To: noon}, "two months": {From: noon.AddDate(0, 0, -60), To: noon},
		"a debtor": {Debtor: "DEBTOR3"}, "a person": {DebtorOrIUV: "DEBTOR1"}, "one letter": {DebtorOrIUV: "D"}, "an IUV": {DebtorOrIUV: string(iuvOf(7))[:14]}, "service": {Service: "01"}, "no service": {Service: "99"},
		"codes": {Segregations: []string{"01", "02"}}, "debtor and week": {Debtor: "DEBTOR4", From: noon.AddDate(0, 0, -30), To: noon},
	} {
		q.EC, q.Limit = ec, 7
		var want, got []string
		for _, r := range all {
			if listed(r, q) {
				want = append(want, r.ReceiptID)
			}
		}
		for q.Page = 0; ; q.Page++ {
			var page bridge.ReceiptPage
			view(t, db, func(tx bridge.ReadTx) (err error) {
				page, err = tx.Receipts(ctx, q)
				return err
			})
			if page.Total != len(want) {
				t.Errorf("%s: a total of %d, want %d", name, page.Total, len(want))
			}
			if len(page.Receipts) == 0 {
				break
			}
			for _, r := range page.Receipts {
				got = append(got, r.ReceiptID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// listed judges as the list's filters should.
func listed(r *bridge.Receipt, q bridge.ReceiptQuery) bool {
	at := r.PaidAt()
	within := q.From.IsZero() && q.To.IsZero() || !at.Before(q.From) && !at.After(q.To)
	starts := func(text bridge.IUV, with string) bool { return strings.HasPrefix(string(text), with) }
	return strings.ToUpper(strings.Trim(string(r.Outcome), " ")) != "KO" && within &&
		(q.Debtor == "" || r.DebtorFiscalCode == q.Debtor) && starts(r.IUV, q.Service) &&
		(starts(r.IUV, q.DebtorOrIUV) || strings.HasPrefix(r.DebtorFiscalCode, q.DebtorOrIUV)) &&
		(len(q.Segregations) == 0 || slices.Contains(q.Segregations, string(r.IUV)[:2]))
}
