package notice_test

import (
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

func sampleReceipt() (*bridge.Receipt, *bridge.ReceiptDetail) {
	nav := payment(1, 0, 0).NAV
	r := &bridge.Receipt{
		EC: sampleEC, ReceiptID: "c110729d258c4ab1b765fe902aae41d6", Version: bridge.ReceiptV2, Raw: []byte("<receipt/>"), NAV: nav, PrimaryEC: sampleEC, IUV: nav.IUV(), Outcome: bridge.OutcomeOK,
		Amount: 15000, Fee: 150, DebtorFiscalCode: "RSSMRA80A01H501U", PSPCode: "ABI99999", PSPFiscalCode: "01199250158", PSPCompany: "Banca di Prova", PaymentMethod: "creditCard",
		PaymentDateTime: "2026-11-23T12:34:56", ApplicationDate: "2026-11-23", ReceivedAt: testkit.Noon,
	}
	d := &bridge.ReceiptDetail{
		Description: "Tassa sui rifiuti 2026", CompanyName: "Comune di Prova", OfficeName: "Ufficio Tributi", PSPVATCode: "01199250158", Channel: "app",
		Debtor: bridge.ReceiptPerson{Code: "RSSMRA80A01H501U", Name: "Mario Rossi"}, Payer: bridge.ReceiptPerson{Code: "VRDLGU80A01H501X", Name: "Luigi Verdi"},
		Transfers: []bridge.ReceiptTransfer{
			{ID: 1, EC: sampleEC, CompanyName: "Comune di Prova", Amount: 12000, IBAN: "IT60X0542811101000000123456", RemittanceInformation: "Tassa sui rifiuti 2026", Category: "9/0101108TS/"},
			{ID: 2, EC: "88888888888", CompanyName: "Provincia di Prova", Amount: 1400, IBAN: "IT60X0542811101000000123456", RemittanceInformation: "Tributo provinciale 2026", Category: "9/0101109TS/"},
			{ID: 3, EC: sampleEC, Amount: 1600, RemittanceInformation: "Bollo", Category: "9/0101100TS/"},
		},
	}
	return r, d
}

func madeReceipt(t *testing.T, r *bridge.Receipt, d *bridge.ReceiptDetail) []byte {
	t.Helper()
	ec := sampleNotice().EC
	out, err := printer(t).Receipt(&ec, r, d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReceipt_MinimumContent is notices.md §7 and §9 row 18: everything that the law wants
// of the copy can be read on it.
func TestReceipt_MinimumContent(t *testing.T) {
	t.Parallel()
	r, d := sampleReceipt()
	file := madeReceipt(t, r, d)
	if *samplesDir != "" {
		illustrate(t, "receipt", file)
	}
	path := stored(t, file)
	text := plainText(t, path)
	for _, want := range []string{
		"Data e ora dell'operazione 23/11/2026, 12:34:56", "Data applicativa 23/11/2026", "Cod. Fiscale 99999000013", "Comune di Prova", "Ufficio Tributi", "IUV " + string(r.IUV), r.NAV.Printed(),
		"c110729d258c4ab1b765fe902aae41d6", "Banca di Prova (ABI99999)", "01199250158", "Importo pagato 150,00 Euro", "Commissione 1,50 Euro", "Totale 151,50 Euro", "Tassa sui rifiuti 2026",
		"Mario Rossi", "RSSMRA80A01H501U", "Luigi Verdi", "creditCard", "Provincia di Prova - 88888888888", "IT60X0542811101000000123456", "Marca da bollo digitale", "9/0101109TS/",
		"018d8f26060938177fda4d4e7ab4d99c8318187462fd455fd1065204bb09173e",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q cannot be read in %s", want, text)
		}
	}
	tree := foreign(t, "pdfinfo", "-struct-text", path)
	for _, role := range []string{"H1", "H2", "Table", "TR", "TH", "TD"} {
		if !strings.Contains(tree, " "+role) {
			t.Errorf("no %s in the tree:\n%s", role, tree)
		}
	}
}

// TestReceipt_Bare: what a receipt does not say leaves no label without a value, a missing
// time is said to be missing, and five shares fit whatever they are called.
func TestReceipt_Bare(t *testing.T) {
	t.Parallel()
	r, d := sampleReceipt()
	r.Fee, r.PaymentDateTime, r.ApplicationDate, r.PSPFiscalCode, r.PaymentMethod, r.Version = 0, "", "", "", "", bridge.ReceiptV1
	*d = bridge.ReceiptDetail{Description: "x", CompanyName: "Comune di Prova", Debtor: bridge.ReceiptPerson{Code: "ANONIMO", Name: "ANONIMO"}, Transfers: d.Transfers[:1]}
	text := plainText(t, stored(t, madeReceipt(t, r, d)))
	for _, label := range []string{"Commissione", "Totale", "Data applicativa", "Metodo", "Canale", "partita IVA", "Versante", "Debitore", "ANONIMO"} {
		if strings.Contains(text, label) {
			t.Errorf("%q in %s", label, text)
		}
	}
	if !strings.Contains(text, "Data e ora dell'operazione n.d.") || !strings.Contains(text, "Ricevuta arrivata all'ente il 23/11/2026, 13:00:00") {
		t.Errorf("the missing time: %s", text)
	}
	r, d = sampleReceipt()
	for len(d.Transfers) < 5 {
		d.Transfers = append(d.Transfers, d.Transfers[1])
	}
	for i := range d.Transfers {
		d.Transfers[i].CompanyName, d.Transfers[i].RemittanceInformation = strings.Repeat("Ente lungo ", 12), strings.Repeat("Causale lunga ", 10)
	}
	for i, page := range contents(t, madeReceipt(t, r, d)) {
		for _, p := range texts(t, page) {
			if p.x < 9.9 || p.x > 200 || p.y < 10 || p.y > 287 {
				t.Errorf("page %d has a text at %.1f, %.1f", i+1, p.x, p.y)
			}
		}
	}
	r.Outcome = bridge.OutcomeKO
	ec := sampleNotice().EC
	if _, err := printer(t).Receipt(&ec, r, d); bridge.CodeOf(err) != bridge.CodeNotPrintable {
		t.Errorf("a payment that was not made: %v", err)
	}
}
