package bridge_test

import (
	"errors"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// What GPD accepts and the strict profile refuses; the same uploads pass in the
// compatible one.
func TestCreatePosition_StrictProfile(t *testing.T) {
	t.Parallel()
	strict := bridge.CreditorInstitution{Profile: bridge.Strict, AuxDigit: "3", SegregationCodes: []string{"02"}, IBANs: []bridge.IBAN{"IT60X0542811101000000123456", "IT78N0760103200001012345678"}}
	old := bridge.CreditorInstitution{Profile: bridge.Strict, AuxDigit: "0", ApplicationCode: "01", IBANs: strict.IBANs}
	in := func(p *bridge.Position) *bridge.Instalment { return &p.Options[0].Instalments[0] }
	first := func(p *bridge.Position) *bridge.Transfer { return &in(p).Transfers[0] }
	for _, c := range []struct {
		name   string
		change func(*bridge.Position)
		says   string // "" when it is accepted
	}{
		{"as it should be", func(*bridge.Position) {}, ""},
		{"RF reference", func(p *bridge.Position) { in(p).IUV = "RF18539007547034" }, ""},
		{"company", func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "00488410010" }, ""},
		{"nobody", func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "ANONIMO" }, ""},
		{"bare taxonomy code", func(p *bridge.Position) { first(p).Category = "0101002IM" }, ""},
		{"postal account", func(p *bridge.Position) { first(p).PostalIBAN = "IT78N0760103200001012345678" }, ""},
		{"another EC's account is not ours to know", func(p *bridge.Position) { first(p).EC, first(p).IBAN = "00488410010", "DE89370400440532013000" }, ""},
		{"application code of the other station", func(p *bridge.Position) { in(p).NAV, in(p).IUV = "001000000000000141", "000000000000141" }, ""},

		{"no option", func(p *bridge.Position) { p.Options = nil }, "no payment option"},
		{"no instalment", func(p *bridge.Position) { p.Options[0].Instalments = nil }, "no payment option"},
		{"wrong check digits of the NAV", func(p *bridge.Position) { in(p).NAV, in(p).IUV = "302000000000000199", "02000000000000199" }, "check digits"},
		{"NAV of aux digit 4", func(p *bridge.Position) { in(p).NAV, in(p).IUV = "470000008800999051", "70000008800999051" }, "aux digit"},
		{"IUV of 15 digits", func(p *bridge.Position) { in(p).NAV, in(p).IUV = "", "000000000000141" }, "18 digits"},
		{"IUV of another NAV", func(p *bridge.Position) { in(p).IUV = testkit.NAV(2).IUV() }, "iuv is not that of its nav"},
		{"wrong RF reference", func(p *bridge.Position) { in(p).IUV = "RF19539007547034" }, "iuv is not that of its nav"},
		{"segregation code of nobody", func(p *bridge.Position) { in(p).NAV, in(p).IUV = "301000000000004285", "01000000000004285" }, "no station serves"},
		{"application code of nobody", func(p *bridge.Position) { in(p).NAV, in(p).IUV = "012123456789012381", "123456789012381" }, "no station serves"},
		{"debtor's control letter", func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "RSSMRA80A01H501X" }, "control letter"},
		{"debtor's control digit", func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "12345678901" }, "control digit"},
		{"debtor unknown", func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "" }, "fiscalCode"},
		{"IBAN's check digits", func(p *bridge.Position) { first(p).IBAN = "IT61X0542811101000000123456" }, "iban: the check digits"},
		{"IBAN that is not registered", func(p *bridge.Position) { first(p).IBAN = "DE89370400440532013000" }, "iban: is not among"},
		{"another EC's wrong IBAN", func(p *bridge.Position) { first(p).EC, first(p).IBAN = "00488410010", "DE00370400440532013000" }, "iban: the check digits"},
		{"postal account at a bank", func(p *bridge.Position) { first(p).PostalIBAN = "IT60X0542811101000000123456" }, "postalIban: must be an account at Poste"},
		{"category in words", func(p *bridge.Position) { first(p).Category = "TARI" }, "category"},
		{"category with a letter short", func(p *bridge.Position) { first(p).Category = "9/0101108T/" }, "category"},
		{"beneficiary without 11 digits", func(p *bridge.Position) { first(p).EC = "123" }, "organizationFiscalCode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := testkit.Single(1)
			c.change(p)
			if len(p.Options) > 0 { // the store keeps no position without one
				if err := newWorld(t).CreatePosition(t.Context(), testkit.Principal(), p, false); err != nil {
					t.Fatalf("the compatible profile refuses: %v", err)
				}
			}
			w := newWorld(t)
			w.SetRegistry(registryOf(t, on(testkit.Station, strict), on("99999999999_02", old)))
			p = testkit.Single(1)
			c.change(p)
			err := w.CreatePosition(t.Context(), testkit.Principal(), p, false)
			var refusal *bridge.Error
			switch {
			case c.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.says != "" && (!errors.As(err, &refusal) || refusal.Code != bridge.CodeSemantics || !strings.Contains(refusal.Detail, c.says)):
				t.Errorf("refused with %v, want %q", err, c.says)
			case c.says != "" && strings.Contains(refusal.Detail, "\n"):
				t.Errorf("more than one line: %q", refusal.Detail)
			}
		})
	}
}

// Stations of primitive version 1 cannot carry a stamp; one of version 2 can.
func TestCreatePosition_StrictProfile_Stamp(t *testing.T) {
	t.Parallel()
	for version, want := range map[bridge.PrimitiveVersion]bridge.Code{bridge.Primitive1: bridge.CodeSemantics, bridge.Primitive2: "", 0: ""} {
		w := newWorld(t)
		s := on(testkit.Station, bridge.CreditorInstitution{Profile: bridge.Strict})
		s.PrimitiveVersion = version
		w.SetRegistry(registryOf(t, s))
		p := testkit.Single(1)
		transfer := &p.Options[0].Instalments[0].Transfers[0]
		transfer.IBAN, transfer.Stamp = "", &bridge.Stamp{HashDocument: "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=", Type: "01", ProvincialResidence: "RM"}
		if err := w.CreatePosition(t.Context(), testkit.Principal(), p, false); bridge.CodeOf(err) != want {
			t.Errorf("version %d: %v, want %q", version, err, want)
		}
	}
}
