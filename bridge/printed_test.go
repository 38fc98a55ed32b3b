package bridge_test

import (
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const postalIBAN = "IT78N0760103200001012345678" // notices.md §1.5

// printing is a world whose EC may print notices and slips.
func printing(t *testing.T, change func(*bridge.CreditorInstitution)) *world {
	t.Helper()
	w := newWorld(t)
	ec := bridge.CreditorInstitution{
		Code: testkit.EC, Name: "Comune di Prova", CBILL: "CBI1Z", PostalAccount: "1012345678", PostalAuthorization: "AUT. PROVA", Print: bridge.PrintProfile{Language: "de"},
	}
	if change != nil {
		change(&ec)
	}
	r, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{
		testkit.Station: {ID: testkit.Station, ECs: map[bridge.ECCode]bridge.CreditorInstitution{testkit.EC: ec}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	w.SetRegistry(r)
	return w
}

// postal moves every payment of a position to the account at Poste.
func postal(p *bridge.Position) *bridge.Position {
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			p.Options[i].Instalments[j].Transfers[0].PostalIBAN = postalIBAN
		}
	}
	return p
}

func (w *world) print(t *testing.T, order bridge.PrintOrder) (*bridge.PaymentNotice, error) {
	t.Helper()
	order.EC = testkit.EC
	return w.NoticeToPrint(t.Context(), testkit.Principal(), order)
}

func (w *world) mustPrint(t *testing.T, order bridge.PrintOrder) *bridge.PaymentNotice {
	t.Helper()
	n, err := w.print(t, order)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func wantRefusal(t *testing.T, err error, word string) {
	t.Helper()
	if bridge.CodeOf(err) != bridge.CodeNotPrintable || !strings.Contains(err.Error(), word) {
		t.Errorf("%v, want a refusal that says %q", err, word)
	}
}

// TestNoticeToPrint_FollowsPayments: what is printed is what can be paid, before and
// after the first instalment.
func TestNoticeToPrint_FollowsPayments(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	w.create(t, testkit.Plan(1))
	for n := int64(1); n <= 3; n++ {
		got := w.mustPrint(t, bridge.PrintOrder{NAV: testkit.NAV(n)})
		if got.Full == nil || got.Full.NAV != testkit.NAV(1) || got.Full.Amount != 12000 || got.Full.Due != "2026-12-23" || len(got.Instalments) != 2 || got.Instalments[1].Number != 2 {
			t.Errorf("asked for %d: %+v", n, got)
		}
		if got.Language != "de" || got.EC.CBILL != "CBI1Z" || got.Sector != "Ufficio Tributi" || got.Debtor.FullName != "Mario Rossi" || got.Subject != "TARI 2026" {
			t.Errorf("%+v", got)
		}
	}
	if err := w.RecordReceipt(t.Context(), receipt(2, "r1")); err != nil {
		t.Fatal(err)
	}
	rest := w.mustPrint(t, bridge.PrintOrder{NAV: testkit.NAV(3)})
	if rest.Full == nil || rest.Full.NAV != testkit.NAV(3) || rest.Full.Number != 2 || len(rest.Instalments) != 0 {
		t.Errorf("what is left: %+v", rest)
	}
	_, err := w.print(t, bridge.PrintOrder{NAV: testkit.NAV(2)})
	wantRefusal(t, err, "is paid")
	_, err = w.print(t, bridge.PrintOrder{NAV: testkit.NAV(1)})
	wantRefusal(t, err, "has been begun")
	if err := w.RecordReceipt(t.Context(), receipt(3, "r2")); err != nil {
		t.Fatal(err)
	}
	_, err = w.print(t, bridge.PrintOrder{NAV: testkit.NAV(3)})
	wantRefusal(t, err, "PAID")
}

// TestNoticeToPrint_Refuses what cannot be paid, or lacks what every notice has.
func TestNoticeToPrint_Refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ec     func(*bridge.CreditorInstitution)
		change func(*world, *bridge.Position)
		draft  bool
		word   string
	}{
		"draft":     {draft: true, word: "DRAFT"},
		"expired":   {change: func(w *world, _ *bridge.Position) { w.clock.Set(testkit.Noon.Add(31 * 24 * time.Hour)) }, word: "EXPIRED"},
		"no cbill":  {ec: func(ec *bridge.CreditorInstitution) { ec.CBILL = "" }, word: "CBILL"},
		"elsewhere": {ec: func(ec *bridge.CreditorInstitution) { ec.SegregationCodes = []string{"03"} }, word: "no station"},
	} {
		w := printing(t, c.ec)
		p := testkit.Single(1)
		if err := w.CreatePosition(t.Context(), testkit.Principal(), p, !c.draft); err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			c.change(w, p)
		}
		_, err := w.print(t, bridge.PrintOrder{NAV: testkit.NAV(1)})
		t.Log(name)
		wantRefusal(t, err, c.word)
	}
	w := printing(t, nil)
	w.create(t, testkit.Single(1))
	if _, err := w.print(t, bridge.PrintOrder{NAV: testkit.NAV(9)}); bridge.CodeOf(err) != bridge.CodeOptionUnknown {
		t.Errorf("unknown: %v", err)
	}
	held := testkit.Principal()
	held.Segregations = []string{"48"}
	if _, err := w.NoticeToPrint(t.Context(), held, bridge.PrintOrder{EC: testkit.EC, NAV: testkit.NAV(1)}); bridge.CodeOf(err) != bridge.CodeSegregation {
		t.Errorf("outside of the key's codes: %v", err)
	}
	if _, err := w.NoticeToPrint(t.Context(), testkit.Principal(), bridge.PrintOrder{EC: "00000000000", NAV: testkit.NAV(1)}); bridge.CodeOf(err) != bridge.CodeKeyForbidden {
		t.Errorf("foreign EC: %v", err)
	}
}

// TestNoticeToPrint_IsJournalled: a notice names its debtor, so the journal says who has
// printed it, without the debtor.
func TestNoticeToPrint_IsJournalled(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	w.create(t, testkit.Single(1))
	w.mustPrint(t, bridge.PrintOrder{NAV: testkit.NAV(1)})
	records, err := w.TouchedBy(t.Context(), testkit.Principal().KeyID, testkit.Noon, testkit.Noon)
	if err != nil || len(records) != 2 || records[1].Action != "notice.print" || records[1].Object != "POS-1" {
		t.Errorf("%+v, %v", records, err)
	}
}

// TestNoticeToPrint_Slip is notices.md §9 row 5: slips only where the account that is
// printed is the one that the node is told.
func TestNoticeToPrint_Slip(t *testing.T) {
	t.Parallel()
	order := bridge.PrintOrder{NAV: testkit.NAV(1)}
	always := bridge.PrintOrder{NAV: testkit.NAV(1), Slip: bridge.SlipAlways}
	w := printing(t, nil)
	w.create(t, postal(testkit.Plan(1)))
	if n := w.mustPrint(t, always); !n.Slip || n.NoSlip != "" || n.SlipAccount != "001012345678" {
		t.Errorf("%+v", n)
	}
	if n := w.mustPrint(t, bridge.PrintOrder{NAV: testkit.NAV(1), Slip: bridge.SlipNever}); n.Slip || n.NoSlip != "" {
		t.Errorf("%+v", n)
	}
	paid, err := w.GetPayment(t.Context(), bridge.PaymentQuery{NoticeQuery: query(testkit.NAV(1)), V2: true, TransferType: bridge.TransferPostal})
	if err != nil || paid.Transfers[0].IBAN != postalIBAN {
		t.Errorf("the node is told %+v, %v", paid, err)
	}
	for name, c := range map[string]struct {
		ec     func(*bridge.CreditorInstitution)
		change func(*bridge.Position)
		word   string
		silent bool // the EC prints no slips at all: nothing to explain
	}{
		"no account":    {ec: func(ec *bridge.CreditorInstitution) { ec.PostalAccount = "" }, word: "no account at Poste in the configuration", silent: true},
		"no permission": {ec: func(ec *bridge.CreditorInstitution) { ec.PostalAuthorization = "" }, word: "no authorisation"},
		"other account": {ec: func(ec *bridge.CreditorInstitution) { ec.PostalAccount = "12345679" }, word: "not the configured one"},
		"bank only":     {change: func(p *bridge.Position) { p.Options[1].Instalments[0].Transfers[0].PostalIBAN = "" }, word: "no account at Poste"},
		"stamp": {change: func(p *bridge.Position) {
			in := &p.Options[0].Instalments[0]
			in.Transfers[0].Amount -= 1600
			in.Transfers = append(in.Transfers, bridge.Transfer{ID: 2, EC: testkit.EC, Amount: 1600, RemittanceInformation: "bollo", Category: "9/0101108TS/", Stamp: &bridge.Stamp{HashDocument: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Type: "01", ProvincialResidence: "RM"}})
		}, word: "revenue stamp"},
		"amount": {change: func(p *bridge.Position) {
			in := &p.Options[0].Instalments[0]
			in.Amount, in.Transfers[0].Amount = 10_000_000_000, 10_000_000_000
		}, word: "exceeds"},
	} {
		w := printing(t, c.ec)
		p := postal(testkit.Plan(1))
		if c.change != nil {
			c.change(p)
		}
		w.create(t, p)
		_, err := w.print(t, always)
		t.Log(name)
		wantRefusal(t, err, c.word)
		if n := w.mustPrint(t, order); n.Slip || (n.NoSlip == "") != c.silent || !c.silent && !strings.Contains(n.NoSlip, c.word) {
			t.Errorf("%s: slip %v, %q", name, n.Slip, n.NoSlip)
		}
	}
}

// TestNoticeToPrint_Fine takes the smaller of two amounts as the discounted one.
func TestNoticeToPrint_Fine(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	p := testkit.Single(1)
	p.Options = append(p.Options, testkit.Single(2).Options...)
	discounted := &p.Options[1].Instalments[0]
	discounted.Amount, discounted.Transfers[0].Amount = 8400, 8400
	w.create(t, p)
	n := w.mustPrint(t, bridge.PrintOrder{NAV: testkit.NAV(1), Fine: true})
	if n.Full != nil || n.Discounted.NAV != testkit.NAV(2) || n.Reduced.NAV != testkit.NAV(1) || len(n.Payments()) != 2 {
		t.Errorf("%+v", n)
	}
	if n := w.mustPrint(t, bridge.PrintOrder{NAV: testkit.NAV(2)}); n.Full.NAV != testkit.NAV(2) || len(n.Payments()) != 1 {
		t.Errorf("not asked for as a fine: %+v", n)
	}
	plain := printing(t, nil)
	plain.create(t, testkit.Single(1))
	_, err := plain.print(t, bridge.PrintOrder{NAV: testkit.NAV(1), Fine: true})
	wantRefusal(t, err, "two payment options")
}

// TestRegistry_PrintProfile: what is printed is checked when the configuration is read.
func TestRegistry_PrintProfile(t *testing.T) {
	t.Parallel()
	for key, profile := range map[string]bridge.PrintProfile{
		"notice_info": {Info: strings.Repeat("x", 101)}, "notice_places": {Places: "a\nb"}, "postal_holder": {PostalHolder: strings.Repeat("x", 51)}, "notice_language": {Language: "it"},
	} {
		_, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{testkit.Station: {ID: testkit.Station, ECs: map[bridge.ECCode]bridge.CreditorInstitution{
			testkit.EC: {Code: testkit.EC, Name: "Comune di Prova", Print: profile},
		}}}}})
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
