package bridge_test

import (
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// What GetPayment makes of a stored position, one rule a case (soap-node.md §2.3).
func TestGetPayment_Rules(t *testing.T) {
	t.Parallel()
	const bank, postal = "IT60X0542811101000000123456", "IT60X0760111101000000123456"
	first := func(p *bridge.Position) *bridge.Transfer { return &p.Options[0].Instalments[0].Transfers[0] }
	cases := []struct {
		name   string
		change func(*bridge.Position)
		ask    bridge.PaymentQuery
		check  func(*bridge.Payment) bool
		code   bridge.Code
	}{
		{name: "G6 postal account where there is one", change: func(p *bridge.Position) { first(p).PostalIBAN = postal }, ask: bridge.PaymentQuery{TransferType: bridge.TransferPostal},
			check: func(p *bridge.Payment) bool { return p.Transfers[0].IBAN == postal && p.Transfers[0].Metadata == nil }},
		{name: "G7 bank account where there is no postal one", ask: bridge.PaymentQuery{TransferType: bridge.TransferPostal},
			check: func(p *bridge.Payment) bool { return p.Transfers[0].IBAN == bank }},
		{name: "G8 no transfer type", change: func(p *bridge.Position) { first(p).PostalIBAN = postal },
			check: func(p *bridge.Payment) bool { return p.Transfers[0].IBAN == bank && p.Transfers[0].Metadata == nil }},
		{name: "G5 pagoPA's touchpoints get both", change: func(p *bridge.Position) { first(p).PostalIBAN = postal }, ask: bridge.PaymentQuery{TransferType: bridge.TransferPagoPA},
			check: func(p *bridge.Payment) bool {
				return p.Transfers[0].IBAN == bank && len(p.Transfers[0].Metadata) == 1 && p.Transfers[0].Metadata[0] == bridge.Metadata{Key: "IBANAPPOGGIO", Value: postal}
			}},
		{name: "G14 nobody is ANONIMO", change: func(p *bridge.Position) {
			p.Options[0].Debtor = bridge.Debtor{Type: bridge.NaturalPerson}
		}, check: func(p *bridge.Payment) bool {
			return p.Debtor.FiscalCode == "ANONIMO" && p.Debtor.FullName == "ANONIMO"
		}},
		{name: "G15 a person with an 11-digit code stays a person", change: func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "12345678901" },
			check: func(p *bridge.Payment) bool { return p.Debtor.Type == bridge.NaturalPerson }},
		{name: "G13 what the wire cannot carry is left out", change: func(p *bridge.Position) {
			d := &p.Options[0].Debtor
			d.Email, d.Country, d.PostalCode, d.Province = "o'neil@example.org", "it", "  ", strings.Repeat("x", 40)
		}, check: func(p *bridge.Payment) bool {
			return p.Debtor.Email == "" && p.Debtor.Country == "IT" && p.Debtor.PostalCode == "" && len(p.Debtor.Province) == 35
		}},
		{name: "G16 a far due date where there is none", change: func(p *bridge.Position) { p.Options[0].Instalments[0].DueDate = time.Time{} },
			check: func(p *bridge.Payment) bool { return p.DueDate == "2099-12-31" }},
		{name: "the due date is an Italian day", change: func(p *bridge.Position) {
			p.Options[0].Instalments[0].DueDate = time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
		}, check: func(p *bridge.Payment) bool { return p.DueDate == "2027-01-01" }},
		{name: "G12 no stamp through version 1", change: stamped, code: bridge.CodeNotExpressible},
		{name: "G11 a stamp through version 2", change: stamped, ask: bridge.PaymentQuery{V2: true},
			check: func(p *bridge.Payment) bool { return p.Transfers[0].Stamp != nil && p.Transfers[0].IBAN == "" }},
		{name: "a beneficiary without a code", change: func(p *bridge.Position) { first(p).EC = "x" }, code: bridge.CodeNotExpressible},
		{name: "a debtor's code that is too long", change: func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = strings.Repeat("A", 17) }, code: bridge.CodeNotExpressible},
		{name: "one line, cut between code points as Java counts", change: func(p *bridge.Position) {
			p.CompanyName = " Comune\n di  Prova\t" + strings.Repeat("😀", 200)
		}, check: func(p *bridge.Payment) bool {
			return strings.HasPrefix(p.CompanyName, "Comune di Prova 😀") && len([]rune(p.CompanyName)) == 16+62
		}},
		{name: "the EC's name where the position has none", change: func(p *bridge.Position) { p.CompanyName = "\n" },
			check: func(p *bridge.Payment) bool { return p.CompanyName == "Comune di Prova" }},
	}
	w := newWorld(t)
	for i, c := range cases {
		n := int64(i + 1)
		p := testkit.Single(n)
		if c.change != nil {
			c.change(p)
		}
		w.create(t, p)
		c.ask.NoticeQuery = query(testkit.NAV(n))
		got, err := w.GetPayment(t.Context(), c.ask)
		if bridge.CodeOf(err) != c.code || (err != nil) != (c.code != "") {
			t.Errorf("%s: %v, want %q", c.name, err, c.code)
			continue
		}
		if c.check != nil && !c.check(got) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func stamped(p *bridge.Position) {
	t := &p.Options[0].Instalments[0].Transfers[0]
	t.IBAN, t.Stamp = "", &bridge.Stamp{HashDocument: "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=", Type: "01", ProvincialResidence: "RM"}
}

// soap-node.md §6 G19: the support account is kept and fifteen entries remain.
func TestGetPayment_MetadataCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := testkit.Single(1)
	transfer := &p.Options[0].Instalments[0].Transfers[0]
	transfer.PostalIBAN = "IT60X0760111101000000123456"
	for _, key := range strings.Split("abcdefghijklmnopq", "") {
		transfer.Metadata = append(transfer.Metadata, bridge.Metadata{Key: key, Value: key})
	}
	w.create(t, p)
	got, err := w.GetPayment(t.Context(), bridge.PaymentQuery{NoticeQuery: query(testkit.NAV(1)), V2: true, TransferType: bridge.TransferPagoPA})
	if err != nil {
		t.Fatal(err)
	}
	if m := got.Transfers[0].Metadata; len(m) != 15 || m[0].Key != "IBANAPPOGGIO" {
		t.Errorf("metadata are %v", m)
	}
}
