package notice_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"nodobridge/bridge"
	"nodobridge/notice"
)

var samplesDir = flag.String("samples", "", "folder for PNG renderings of every sample (make notice-samples)")

// Invented parties: no real institution, no real person.
const (
	sampleEC      = bridge.ECCode("99999000013")
	sampleAccount = "1012345678"
)

func sampleNotice() *bridge.PaymentNotice {
	return &bridge.PaymentNotice{
		EC: bridge.CreditorInstitution{
			Code: sampleEC, Name: "Comune di Prova", CBILL: "CBI1Z", PostalAccount: sampleAccount, PostalAuthorization: "AUT. DB/0000/PROVA 00000 DEL 01/01/2026",
			Print: bridge.PrintProfile{Info: "www.comune.prova.example.it - tel. 06 0000000 - tributi@comune.prova.example.it", Website: true},
		},
		Sector: "Ufficio Tributi", Subject: "Tassa sui rifiuti 2026",
		Debtor: bridge.Debtor{Type: bridge.NaturalPerson, FiscalCode: "RSSMRA80A01H501U", FullName: "Mario Rossi", StreetName: "Via della Prova", CivicNumber: "12", PostalCode: "00100", City: "Roma", Province: "RM"},
		Full:   payment(1, 15000, 0),
	}
}

// payment is the n-th number of segregation code 01.
func payment(n int64, amount bridge.Cents, part int) *bridge.PrintedPayment {
	nav, err := bridge.NewNoticeNumber("01", 42+n)
	if err != nil {
		panic(err)
	}
	return &bridge.PrintedPayment{NAV: nav, Amount: amount, Due: bridge.Day(fmt.Sprintf("2026-%02d-28", 1+(n-1)%12)), Number: part}
}

func withPlan(n int) func(*bridge.PaymentNotice) {
	return func(a *bridge.PaymentNotice) {
		for i := range n {
			a.Instalments = append(a.Instalments, *payment(int64(i)+2, 1234+bridge.Cents(i), i+1))
		}
	}
}

func withSlip(a *bridge.PaymentNotice) { a.Slip = true }

func withFine(a *bridge.PaymentNotice) {
	a.Full, a.Subject = nil, "Verbale n. 1234/2026 del 3 ottobre 2026 - violazione del codice della strada"
	a.Discounted, a.Reduced = payment(1, 2940, 0), payment(2, 4200, 0)
	a.Discounted.Due, a.Reduced.Due = "", ""
}

func withLongest(a *bridge.PaymentNotice) {
	a.EC.Name = "Unione dei Comuni Montani e delle Comunità Collinari dell'Alta Valle del Torrente Lungo e Bassa Piana"
	a.Sector = "Settore Entrate, Tributi, Patrimonio e Contenzioso"
	a.EC.Print.Info = "www.unionecomunialtavalle.example.it - protocollo@pec.unionecomunialtavalle.example.it - 0000 000000"
	a.Debtor.FullName = "Maria Ludovica Alessandra Francesca Giuseppina Dell'Acqua-Montecuccoli"
	a.Debtor.StreetName, a.Debtor.CivicNumber, a.Debtor.City = "Strada Provinciale della Lunghissima Valle dei Mulini e delle Antiche Ferriere Napoleoniche", "1234/bis interno 567", "San Bartolomeo in Bosco di Sopra"
	a.Subject = "Canone patrimoniale di concessione, autorizzazione o esposizione pubblicitaria anno duemila"
	a.Full.Amount = 99999999999
}

// sample is one page, or set of pages, that the documentation shows.
type sample struct {
	name   string
	change []func(*bridge.PaymentNotice)
}

func noDue(a *bridge.PaymentNotice)     { a.Full.Due = "" }
func noFull(a *bridge.PaymentNotice)    { a.Full = nil }
func noSector(a *bridge.PaymentNotice)  { a.Sector, a.EC.Print.Info = "", "" }
func german(a *bridge.PaymentNotice)    { a.Language = "de" }
func slovenian(a *bridge.PaymentNotice) { a.Language = "sl" }

var samples = []sample{
	{"single", nil},
	{"single-no-due", []func(*bridge.PaymentNotice){noDue, noSector}},
	{"single-longest", []func(*bridge.PaymentNotice){withLongest}},
	{"single-german", []func(*bridge.PaymentNotice){german}},
	{"single-slip", []func(*bridge.PaymentNotice){withSlip}},
	{"single-slip-longest", []func(*bridge.PaymentNotice){withLongest, func(a *bridge.PaymentNotice) { a.Full.Amount = 9999999999 }, withSlip}},
	{"plan-2", []func(*bridge.PaymentNotice){withPlan(2)}},
	{"plan-3", []func(*bridge.PaymentNotice){withPlan(3)}},
	{"plan-5", []func(*bridge.PaymentNotice){withPlan(5)}},
	{"plan-6-no-full", []func(*bridge.PaymentNotice){withPlan(6), noFull}},
	{"plan-12", []func(*bridge.PaymentNotice){withPlan(12)}},
	{"plan-2-slovenian", []func(*bridge.PaymentNotice){withPlan(2), slovenian}},
	{"plan-2-slip", []func(*bridge.PaymentNotice){withPlan(2), withSlip}},
	{"plan-3-slip", []func(*bridge.PaymentNotice){withPlan(3), withSlip}},
	{"fine", []func(*bridge.PaymentNotice){withFine}},
	{"fine-slip", []func(*bridge.PaymentNotice){withFine, withSlip}},
}

func (s sample) notice() *bridge.PaymentNotice {
	n := sampleNotice()
	for _, change := range s.change {
		change(n)
	}
	return n
}

func printer(t testing.TB) *notice.Printer {
	t.Helper()
	p, err := notice.New(notice.Config{AllowMissingBrand: true, Producer: "nodobridge"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSamples: every layout is made, twice the same, and small (notices.md §9 rows 13, 14).
func TestSamples(t *testing.T) {
	t.Parallel()
	p := printer(t)
	for _, s := range samples {
		out, err := p.Notice(s.notice())
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		again, err := printer(t).Notice(s.notice())
		if err != nil || !bytes.Equal(out, again) {
			t.Errorf("%s: made twice it differs, %v", s.name, err)
		}
		if pages := bytes.Count(out, []byte("/Type /Page ")); len(out) > 60_000*pages {
			t.Errorf("%s: %d bytes for %d pages", s.name, len(out), pages)
		}
		if *samplesDir != "" {
			illustrate(t, s.name, out)
		}
	}
}

// illustrate renders a file for the documentation.
func illustrate(t *testing.T, name string, file []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "60", "-gray", "-png", path, filepath.Join(*samplesDir, name)).CombinedOutput()
	if err != nil {
		t.Fatalf("pdftoppm: %v %s", err, out)
	}
}
