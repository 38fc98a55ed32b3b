package bridge_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/store"
)

// world is the use cases on a real store, with a clock that stands still.
type world struct {
	*bridge.Service
	db    *store.DB
	clock *testkit.Clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	if err := store.Init(dir); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	clock := testkit.NewClock()
	return &world{Service: bridge.NewService(db, clock, testkit.Registry()), db: db, clock: clock}
}

// create uploads and publishes a position.
func (w *world) create(t *testing.T, p *bridge.Position) *bridge.Position {
	t.Helper()
	if err := w.CreatePosition(t.Context(), testkit.Principal(), p, true); err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) status(t *testing.T, iupd bridge.IUPD) bridge.PositionStatus {
	t.Helper()
	p, err := w.Position(t.Context(), testkit.Principal(), testkit.EC, iupd)
	if err != nil {
		t.Fatal(err)
	}
	return p.Status
}

// anomalies lists the classes noted for our EC, sorted.
func (w *world) anomalies(t *testing.T) []bridge.AnomalyClass {
	t.Helper()
	var classes []bridge.AnomalyClass
	err := w.db.View(t.Context(), func(tx bridge.ReadTx) error {
		found, err := tx.Anomalies(t.Context(), testkit.EC)
		for _, a := range found {
			classes = append(classes, a.Class)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(classes)
	return classes
}

func query(nav bridge.NoticeNumber) bridge.NoticeQuery {
	return bridge.NoticeQuery{Addressee: testkit.Addressee(), QRFiscalCode: string(testkit.EC), NAV: string(nav)}
}

func TestWalk_UploadVerifyActivateReceipt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	v, err := w.VerifyNotice(t.Context(), query(testkit.NAV(1)))
	if err != nil {
		t.Fatal(err)
	}
	if v.Amount != 12000 || v.CompanyName != "Comune di Prova" || v.DueDate != "2026-12-23" || v.AllCCP {
		t.Fatalf("verified as %+v", v)
	}
	p, err := w.GetPayment(t.Context(), bridge.PaymentQuery{NoticeQuery: query(testkit.NAV(1)), V2: true})
	if err != nil {
		t.Fatal(err)
	}
	if p.Amount != 12000 || p.IUV != testkit.NAV(1).IUV() || len(p.Transfers) != 1 || !p.LastPayment || p.Debtor.FullName != "Mario Rossi" {
		t.Fatalf("activated as %+v", p)
	}
	if got := w.status(t, "POS-1"); got != bridge.Valid {
		t.Fatalf("reads moved the position to %s (V17)", got)
	}
	if err := w.RecordReceipt(t.Context(), receipt(1, "r1")); err != nil {
		t.Fatal(err)
	}
	paid, err := w.Position(t.Context(), testkit.Principal(), testkit.EC, "POS-1")
	if err != nil {
		t.Fatal(err)
	}
	in := paid.Options[0].Instalments[0]
	// A naive paymentDateTime is Italian: 12:30 is 11:30 UTC (soap-node.md §5 pitfall 7).
	at := time.Date(2026, 11, 23, 11, 30, 0, 0, time.UTC)
	if paid.Status != bridge.Paid || !paid.PaidAt.Equal(at) || in.Status != bridge.InstalmentPaid || in.ReceiptID != "r1" || in.Fee != 150 || !in.PaidAt.Equal(at) {
		t.Fatalf("after the receipt: %+v", paid)
	}
	if found := w.anomalies(t); len(found) != 0 {
		t.Fatalf("a clean receipt left anomalies %v", found)
	}
	kept, err := w.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, testkit.NAV(1))
	if err != nil || len(kept) != 1 || string(kept[0].Raw) != "<receipt r1/>" || kept[0].IUPD != "POS-1" {
		t.Fatalf("kept %+v, %v", kept, err)
	}
	_, err = w.VerifyNotice(t.Context(), query(testkit.NAV(1)))
	if bridge.CodeOf(err) != bridge.CodeNoticePaid {
		t.Fatalf("a paid notice was verified with %v", err)
	}
}

// soap-node.md §2.0 rows 3 to 5: when several are wrong the earlier one answers.
func TestVerifyNotice_AddresseePrecedence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	cases := []struct {
		name   string
		change func(*bridge.NoticeQuery)
		want   bridge.Code
	}{
		{"all wrong", func(q *bridge.NoticeQuery) { q.Broker, q.Station, q.EC = "1", "1", "1" }, bridge.CodeBrokerUnknown},
		{"station and EC wrong", func(q *bridge.NoticeQuery) { q.Station, q.EC = "1", "1" }, bridge.CodeStationUnknown},
		{"EC wrong", func(q *bridge.NoticeQuery) { q.EC = "11111111111" }, bridge.CodeECUnknown},
		{"qrCode of another EC", func(q *bridge.NoticeQuery) { q.QRFiscalCode = "11111111111" }, bridge.CodeECUnknown},
		{"notice unknown", func(q *bridge.NoticeQuery) { q.NAV = string(testkit.NAV(999)) }, bridge.CodeNoticeUnknown},
		{"nothing wrong", func(*bridge.NoticeQuery) {}, ""},
	}
	for _, c := range cases {
		q := query(testkit.NAV(1))
		c.change(&q)
		_, err := w.VerifyNotice(t.Context(), q)
		if got := bridge.CodeOf(err); got != c.want || (err != nil) != (c.want != "") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestCreatePosition_States(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := testkit.Single(1)
	if err := w.CreatePosition(t.Context(), testkit.Principal(), draft, false); err != nil {
		t.Fatal(err)
	}
	later := testkit.Single(2)
	later.Options[0].ValidFrom = testkit.Noon.Add(time.Hour)
	w.create(t, later)
	for iupd, want := range map[bridge.IUPD]bridge.PositionStatus{"POS-1": bridge.Draft, "POS-2": bridge.Published} {
		if got := w.status(t, iupd); got != want {
			t.Errorf("%s is %s, want %s", iupd, got, want)
		}
	}
	for _, nav := range []bridge.NoticeNumber{testkit.NAV(1), testkit.NAV(2)} {
		if _, err := w.VerifyNotice(t.Context(), query(nav)); bridge.CodeOf(err) != bridge.CodeNoticeUnknown {
			t.Errorf("%s was verified with %v (V5)", nav, err)
		}
	}
	p, err := w.PublishPosition(t.Context(), testkit.Principal(), testkit.EC, "POS-1")
	if err != nil || p.Status != bridge.Valid || p.PublishedAt.IsZero() {
		t.Fatalf("published as %+v, %v", p, err)
	}
	if _, err := w.PublishPosition(t.Context(), testkit.Principal(), testkit.EC, "POS-1"); bridge.CodeOf(err) != bridge.CodeNotPublishable {
		t.Fatalf("published twice: %v (C14)", err)
	}
	w.clock.Set(testkit.Noon.Add(time.Hour))
	if got := w.status(t, "POS-2"); got != bridge.Valid {
		t.Fatalf("POS-2 is %s when its validity begins", got)
	}
	if _, err := w.VerifyNotice(t.Context(), query(testkit.NAV(2))); err != nil {
		t.Fatalf("not payable when its validity begins: %v", err)
	}
}

func TestCreatePosition_Refuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	past := testkit.Noon.Add(-time.Hour)
	cases := []struct {
		name   string
		change func(*bridge.Position)
		want   bridge.Code
	}{
		{"same iupd", func(p *bridge.Position) { p.IUPD = "POS-1" }, bridge.CodePositionExists},
		{"same iuv", func(p *bridge.Position) {
			p.Options[0].Instalments[0].IUV, p.Options[0].Instalments[0].NAV = testkit.NAV(1).IUV(), "999"
		}, bridge.CodePositionExists},
		{"same nav", func(p *bridge.Position) { p.Options[0].Instalments[0].NAV = testkit.NAV(1) }, bridge.CodePositionExists},
		{"the probe's notice", func(p *bridge.Position) { p.Options[0].Instalments[0].NAV = bridge.ProbeNotice }, bridge.CodeSemantics},
		{"transfers do not add up", func(p *bridge.Position) { p.Options[0].Instalments[0].Amount++ }, bridge.CodeSemantics},
		{"overflowing transfers", func(p *bridge.Position) {
			in := &p.Options[0].Instalments[0]
			in.Transfers[0].Amount = 1<<63 - 1
		}, bridge.CodeSemantics},
		{"amount beyond the wire", func(p *bridge.Position) {
			in := &p.Options[0].Instalments[0]
			in.Amount, in.Transfers[0].Amount = bridge.MaxAmount+1, bridge.MaxAmount+1
		}, bridge.CodeSemantics},
		{"no transfer", func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers = nil }, bridge.CodeSemantics},
		{"same transfer id", func(p *bridge.Position) {
			in := &p.Options[0].Instalments[0]
			in.Amount, in.Transfers = 24000, append(in.Transfers, in.Transfers[0])
		}, bridge.CodeSemantics},
		{"transfer id 6", func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers[0].ID = 6 }, bridge.CodeSemantics},
		{"iban and stamp", func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers[0].Stamp = &bridge.Stamp{} }, bridge.CodeSemantics},
		{"neither iban nor stamp", func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers[0].IBAN = "" }, bridge.CodeSemantics},
		{"due in the past", func(p *bridge.Position) { p.Options[0].Instalments[0].DueDate = past }, bridge.CodeSemantics},
		{"validity in the past", func(p *bridge.Position) { p.Options[0].ValidFrom = past }, bridge.CodeSemantics},
		{"validity after due", func(p *bridge.Position) { p.Options[0].ValidFrom = testkit.Noon.AddDate(1, 0, 0) }, bridge.CodeSemantics},
		{"retention before due", func(p *bridge.Position) { p.Options[0].Instalments[0].RetentionDate = testkit.Noon }, bridge.CodeSemantics},
		{"reserved metadata", func(p *bridge.Position) {
			p.Options[0].Instalments[0].Metadata = []bridge.Metadata{{Key: bridge.NotificationFeeKey, Value: "1"}}
		}, bridge.CodeReservedMetadata},
		{"metadata key twice", func(p *bridge.Position) {
			p.Options[0].Instalments[0].Transfers[0].Metadata = []bridge.Metadata{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}}
		}, bridge.CodeSemantics},
		{"debtor of no type", func(p *bridge.Position) { p.Options[0].Debtor.Type = "X" }, bridge.CodeSemantics},
		{"another EC", func(p *bridge.Position) { p.EC = "88888888888" }, bridge.CodeKeyForbidden},
	}
	for i, c := range cases {
		p := testkit.Single(int64(100 + i))
		c.change(p)
		if err := w.CreatePosition(t.Context(), testkit.Principal(), p, true); bridge.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	page, err := w.Positions(t.Context(), testkit.Principal(), bridge.PositionQuery{EC: testkit.EC, OrderBy: bridge.ByInsertedDate, Limit: 50})
	if err != nil || page.Total != 1 {
		t.Fatalf("%d positions are stored after the refusals, %v; want the first one only", page.Total, err)
	}
}

func TestDeletePosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, testkit.Single(1))
	if err := w.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, "POS-1"); err != nil {
		t.Fatal(err)
	}
	if err := w.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, "POS-1"); bridge.CodeOf(err) != bridge.CodePositionUnknown {
		t.Fatalf("deleted twice: %v", err)
	}
	if _, err := w.VerifyNotice(t.Context(), query(testkit.NAV(1))); bridge.CodeOf(err) != bridge.CodeNoticeUnknown {
		t.Fatalf("a deleted notice was verified with %v", err)
	}
	w.create(t, testkit.Single(1))
	if err := w.RecordReceipt(t.Context(), receipt(1, "r1")); err != nil {
		t.Fatal(err)
	}
	if err := w.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, "POS-1"); bridge.CodeOf(err) != bridge.CodeNotDeletable {
		t.Fatalf("a paid position was deleted: %v", err)
	}
}

// brokenStore fails every call, as a store whose disk has gone does.
type brokenStore struct{ bridge.Store }

var errDisk = errors.New("disk I/O error on /var/lib/secret/path")

func (brokenStore) Notice(context.Context, bridge.ECCode, bridge.NoticeNumber) (*bridge.Notice, error) {
	return nil, errDisk
}
func (brokenStore) View(context.Context, func(bridge.ReadTx) error) error { return errDisk }
func (brokenStore) Update(context.Context, func(bridge.Tx) error) error   { return errDisk }

func TestStoreDown_IsUnavailableWithoutDetail(t *testing.T) {
	t.Parallel()
	s := bridge.NewService(brokenStore{}, testkit.NewClock(), testkit.Registry())
	_, verify := s.VerifyNotice(t.Context(), query(testkit.NAV(1)))
	_, read := s.Position(t.Context(), testkit.Principal(), testkit.EC, "x")
	for name, err := range map[string]error{
		"verify": verify, "read": read,
		"receipt": s.RecordReceipt(t.Context(), receipt(1, "r1")),
		"create":  s.CreatePosition(t.Context(), testkit.Principal(), testkit.Single(1), true),
		"delete":  s.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, "x"),
	} {
		var refusal *bridge.Error
		if !errors.As(err, &refusal) || refusal.Code != bridge.CodeStoreUnavailable || refusal.Detail != "" || !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
