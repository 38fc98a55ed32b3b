package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
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

// receipt is a clean one for notice n of 120.00 euro.
func receipt(n int64, id string) bridge.Delivery {
	nav := testkit.NAV(n)
	return bridge.Delivery{Addressee: testkit.Addressee(), Receipt: bridge.Receipt{
		ReceiptID: id, Version: bridge.ReceiptV2, Raw: []byte("<receipt " + id + "/>"), NAV: nav, PrimaryEC: testkit.EC, IUV: nav.IUV(),
		Outcome: bridge.OutcomeOK, Amount: 12000, Fee: 150, TransferTotal: 12000, DebtorFiscalCode: "RSSMRA80A01H501U",
		PSPCode: "ABI99999", PSPCompany: "Banca di Prova", PaymentMethod: "creditCard", PaymentDateTime: "2026-11-23T12:30:00",
	}}
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
	variant := receipt(1, "r1")
	variant.Receipt.Raw, variant.Receipt.Amount = []byte("<other/>"), 1
	for range 2 {
		if err := w.RecordReceipt(t.Context(), variant); bridge.CodeOf(err) != bridge.CodeReceiptDuplicate {
			t.Fatalf("a variant: %v", err)
		}
	}
	if got, want := w.anomalies(t), []bridge.AnomalyClass{bridge.AnomalyVariant}; !slices.Equal(got, want) {
		t.Errorf("anomalies are %v, want %v: a variant is noted once", got, want)
	}
	kept, err := w.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, testkit.NAV(1))
	if err != nil || len(kept) != 1 || kept[0].Amount != 12000 {
		t.Errorf("kept %d receipts, %v", len(kept), err)
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
