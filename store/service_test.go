package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"nodobridge/bridge"
)

// clock stands still unless it is moved.
type clock struct{ now atomic.Pointer[time.Time] }

func (c *clock) Now() time.Time { return *c.now.Load() }

// TestService_ALifeOnRealTables runs the use cases on SQLite: whatever the rules
// make of a position, the schema must take it.
func TestService_ALifeOnRealTables(t *testing.T) {
	t.Parallel()
	db, ctx, time0 := openNew(t), context.Background(), &clock{}
	time0.now.Store(&noon)
	registry, err := bridge.NewRegistry([]bridge.Broker{{Code: "99999999999", Stations: map[string]bridge.Station{
		"99999999999_01": {ID: "99999999999_01", ECs: map[bridge.ECCode]bridge.CreditorInstitution{ec: {Code: ec, Name: "Comune"}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	service := bridge.NewService(db, time0, registry)
	by := bridge.Principal{KeyID: "k", ECs: []bridge.ECCode{ec}}
	to := bridge.Addressee{EC: string(ec), Broker: "99999999999", Station: "99999999999_01"}
	verify := func(n int) error {
		_, err := service.VerifyNotice(ctx, bridge.NoticeQuery{Addressee: to, QRFiscalCode: string(ec), NAV: string(navOf(n))})
		return err
	}
	pay := func(n int) error {
		return service.RecordReceipt(ctx, bridge.Delivery{Addressee: to, Receipt: *receipt(n)})
	}
	must := func(name string, err error, want bridge.Code) {
		t.Helper()
		if got := bridge.CodeOf(err); got != want || (err != nil) != (want != "") {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}

	p := position(1)
	p.Options[0].ValidFrom = time.Time{}
	p.Options = append(p.Options, option(instalment(2), instalment(3)))
	p.Options[1].ValidFrom = noon.Add(time.Hour)
	must("create", service.CreatePosition(ctx, by, p, false), "")
	must("create again", service.CreatePosition(ctx, by, p, false), bridge.CodePositionExists)
	must("verify a draft", verify(1), bridge.CodeNoticeUnknown)
	_, err = service.PublishPosition(ctx, by, ec, p.IUPD)
	must("publish", err, "")
	must("verify", verify(1), "")
	must("verify before validity", verify(2), bridge.CodeNoticeUnknown)
	later := noon.Add(2 * time.Hour)
	time0.now.Store(&later)
	must("verify after validity", verify(2), "")
	must("pay a part", pay(2), "")
	must("pay a part again", pay(2), bridge.CodeReceiptDuplicate)
	must("verify the excluded option", verify(1), bridge.CodeNoticeUnknown)
	must("delete", service.DeletePosition(ctx, by, ec, p.IUPD), bridge.CodeNotDeletable)
	must("pay the rest", pay(3), "")
	must("verify the paid", verify(3), bridge.CodeNoticePaid)
	must("pay what is closed", pay(1), "")
	draft := position(7)
	draft.Options[0].ValidFrom = time.Time{}
	must("create a draft", service.CreatePosition(ctx, by, draft, false), "")
	must("pay a draft", pay(7), "")

	got, err := service.Position(ctx, by, ec, p.IUPD)
	if err != nil || got.Status != bridge.Paid || got.PaidAt.IsZero() {
		t.Errorf("position %+v, %v", got, err)
	}
	sameNotices(t, db, got)
	view(t, db, func(tx bridge.ReadTx) error {
		anomalies, err := tx.Anomalies(ctx, ec)
		classes := map[bridge.AnomalyClass]int{}
		for _, a := range anomalies {
			classes[a.Class]++
		}
		if classes[bridge.AnomalyDoublePayment] != 1 || classes[bridge.AnomalyNotPublished] != 1 {
			t.Errorf("anomalies %v", classes)
		}
		return err
	})
}
