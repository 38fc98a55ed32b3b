package service_test

import (
	"slices"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/service"
)

const ec bridge.ECCode = "77777777777"

const (
	station = "99999999999_01"
	iban    = "IT60X0542811101000000123456"
)

// samples is a valid document of each service, with the names of its elements'
// namespace as the PSPs write them.
var samples = map[string]string{
	"tassa_auto": `<?xml version="1.0" encoding="UTF-8"?><ta:tassaAuto xmlns:ta="http://PuntoAccessoPSP.spcoop.gov.it/TassaAuto"><ta:veicoloConTarga><ta:tipoVeicoloTarga>1</ta:tipoVeicoloTarga><ta:veicoloTarga>AB123CD</ta:veicoloTarga></ta:veicoloConTarga></ta:tassaAuto>`,
	"passaporto": `<pagamentoPratica xmlns="http://PuntoAccessoPSP.spcoop.gov.it/pagamentoPratica"><codicePratica>A001</codicePratica><pagatore><codiceFiscalePagatore>VRDGPP70A01F205X</codiceFiscalePagatore><denominazionePagatore>Giuseppe Verdi</denominazionePagatore></pagatore><intestatario><codiceFiscaleIntestatario>RSSMRA80A01H501U</codiceFiscaleIntestatario><denominazioneIntestatario>Mario Rossi</denominazioneIntestatario></intestatario></pagamentoPratica>`,
	"pesca":      `<praticaPagamentoCanoni xmlns="http://PuntoAccessoPSP.spcoop.gov.it/praticaPagamentoCanoni"><codicePratica>D847</codicePratica><pagatore><codiceFiscalePagatore>VRDGPP70A01F205X</codiceFiscalePagatore><denominazionePagatore>Giuseppe Verdi</denominazionePagatore></pagatore><intestatario><codiceFiscaleIntestatario>01199250158</codiceFiscaleIntestatario><denominazioneIntestatario>Cooperativa Pescatori</denominazioneIntestatario></intestatario><note><note>licenza 5</note></note></praticaPagamentoCanoni>`,
	"cie":        `<pagamentoCIE xmlns="http://PuntoAccessoPSP.spcoop.gov.it/pagamentoCIE"><codiceCausale>9</codiceCausale><codiceFiscaleComune>77777777777</codiceFiscaleComune><intestatario><codiceFiscaleIntestatario>RSSMRA80A01H501U</codiceFiscaleIntestatario><denominazioneIntestatario>Mario Rossi</denominazioneIntestatario></intestatario></pagamentoCIE>`,
	"cup":        `<cup:pagamentoCup xmlns:cup="http://PuntoAccessoPSP.spcoop.gov.it/Cup"><cup:catastaleCode>H501</cup:catastaleCode><cup:companyName>Comune di Prova</cup:companyName><cup:debtorFiscalCode>01199250158</cup:debtorFiscalCode><cup:debtorFullName>Insegne S.r.l.</cup:debtorFullName><cup:debtorEmail>info@example.org</cup:debtorEmail><cup:amount>48.30</cup:amount></cup:pagamentoCup>`,
}

func catalog(t *testing.T, dir string) *service.Catalog {
	t.Helper()
	c, err := service.LoadCatalog(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func enrolment(name string, amount *service.AmountSpec) service.Enrolment {
	return service.Enrolment{
		Station: station, EC: ec, Service: name, IDServizio: "00005", Subject: "00033", Segregation: "02",
		IBAN: iban, Category: "9/0201102TS/", Amount: amount,
	}
}

// offer enrols one service and finds it.
func offer(t *testing.T, c *service.Catalog, e service.Enrolment) bridge.SpontaneousService {
	t.Helper()
	desk, err := service.NewDesk(c, []service.Enrolment{e})
	if err != nil {
		t.Fatal(err)
	}
	s, found := desk.Find(demand())
	if !found {
		t.Fatal("the service is not found")
	}
	return s
}

func demand() bridge.Demand {
	return bridge.Demand{Addressee: bridge.Addressee{EC: string(ec), Broker: "99999999999", Station: station}, Service: "00005", Subject: "00033"}
}

func read(t *testing.T, s bridge.SpontaneousService, document string) bridge.ServiceForm {
	t.Helper()
	form, err := s.Read([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return form
}

func fixed(cents int64) *service.AmountSpec { return &service.AmountSpec{Fixed: service.Cents(cents)} }

func TestCatalog_FiveServicesComeWithTheProgram(t *testing.T) {
	t.Parallel()
	if got := catalog(t, "").Names(); !slices.Equal(got, []string{"cie", "cup", "passaporto", "pesca", "tassa_auto"}) {
		t.Errorf("services are %v", got)
	}
}

func TestServices_ClaimOfAValidDocument(t *testing.T) {
	t.Parallel()
	c := catalog(t, "")
	person := bridge.Debtor{Type: bridge.NaturalPerson, FiscalCode: "RSSMRA80A01H501U", FullName: "Mario Rossi"}
	for name, want := range map[string]bridge.Claim{
		"tassa_auto": {Amount: 1000, Description: "Tassa automobilistica, targa AB123CD", Debtor: bridge.Debtor{Type: bridge.NaturalPerson}},
		"passaporto": {Amount: 1000, Description: "Contributo per il rilascio del passaporto elettronico", Debtor: person},
		"pesca":      {Amount: 1000, Description: "Canone per la pratica di pesca D847", Debtor: bridge.Debtor{Type: bridge.LegalPerson, FiscalCode: "01199250158", FullName: "Cooperativa Pescatori"}},
		"cie":        {Amount: 1000, Description: "Carta d'identità elettronica", Debtor: person},
		"cup":        {Amount: 4830, Description: "Canone unico patrimoniale", Debtor: bridge.Debtor{Type: bridge.LegalPerson, FiscalCode: "01199250158", FullName: "Insegne S.r.l.", Email: "info@example.org"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			amount := fixed(1000)
			if name == "cup" {
				amount = nil // the definition's own
			}
			s := offer(t, c, enrolment(name, amount))
			claim, err := s.Claim(t.Context(), read(t, s, samples[name]))
			if err != nil || claim != want {
				t.Errorf("%+v, %v\nwant %+v", claim, err, want)
			}
		})
	}
}

// What each XSD says, and that nothing else passes.
func TestServices_RefusedDocuments(t *testing.T) {
	t.Parallel()
	c := catalog(t, "")
	for _, v := range []struct{ name, service, from, to string }{
		{"there is no vehicle type 3", "tassa_auto", ">1<", ">3<"},
		{"plate of 6", "tassa_auto", "AB123CD", "AB123C"},
		{"plate of 9", "tassa_auto", "AB123CD", "AB123CDEF"},
		{"unqualified children", "tassa_auto", "ta:veicoloConTarga", "veicoloConTarga"},
		{"no plate", "tassa_auto", "<ta:veicoloTarga>AB123CD</ta:veicoloTarga>", ""},
		{"a second vehicle", "tassa_auto", "</ta:tassaAuto>", "<ta:veicoloConTarga><ta:tipoVeicoloTarga>1</ta:tipoVeicoloTarga><ta:veicoloTarga>AB123CD</ta:veicoloTarga></ta:veicoloConTarga></ta:tassaAuto>"},
		{"unknown element", "tassa_auto", "</ta:tassaAuto>", "<ta:altro/></ta:tassaAuto>"},
		{"plate of blanks", "tassa_auto", "AB123CD", "       "},
		{"other practice code", "passaporto", "A001", "A002"},
		{"name of 51", "passaporto", "Mario Rossi", strings.Repeat("è", 51)},
		{"holder before payer", "passaporto", "pagatore>", "altro>"},
		{"code of blanks", "passaporto", "RSSMRA80A01H501U", "   "},
		{"passport's code for fishing", "pesca", "D847", "A001"},
		{"note of 41", "pesca", "licenza 5", strings.Repeat("n", 41)},
		{"text in the outer note", "pesca", "<note><note>licenza 5</note></note>", "<note>licenza 5</note>"},
		{"reason 3", "cie", ">9<", ">3<"},
		{"reason with a blank", "cie", ">9<", "> 9<"},
		{"municipality of 10 digits", "cie", "77777777777", "7777777777"},
		{"fiscal code in small letters", "cie", "RSSMRA80A01H501U", "rssmra80a01h501u"},
		{"fiscal code of a company", "cie", "RSSMRA80A01H501U", "01199250158"},
		{"two codes of the municipality", "cup", "<cup:catastaleCode>", "<cup:istatCode>058091</cup:istatCode><cup:catastaleCode>"},
		{"ISTAT code of 7", "cup", "catastaleCode>H501</cup:catastaleCode", "istatCode>0580911</cup:istatCode"},
		{"amount with a comma", "cup", "48.30", "48,30"},
		{"amount with one decimal", "cup", "48.30", "48.3"},
		{"amount beyond the wire", "cup", "48.30", "1000000000.00"},
		{"malformed address", "cup", "info@example.org", "info@@example.org"},
		{"other root", "tassa_auto", samples["tassa_auto"], samples["cie"]},
		{"other namespace", "tassa_auto", "/TassaAuto", "/TassaMoto"},
		{"empty", "tassa_auto", samples["tassa_auto"], ""},
		{"no XML", "tassa_auto", samples["tassa_auto"], "targa=AB123CD"},
		{"truncated", "tassa_auto", "</ta:tassaAuto>", ""},
		{"bytes after the root", "tassa_auto", "</ta:tassaAuto>", "</ta:tassaAuto>x"},
		{"external entity", "tassa_auto", `<ta:tassaAuto`, `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ta:tassaAuto`},
		{"entity bomb", "tassa_auto", `<ta:tassaAuto`, `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><ta:tassaAuto`},
		{"unknown entity", "tassa_auto", "AB123CD", "AB123C&d;"},
		{"comment inside a value", "tassa_auto", "AB123CD", "AB1<!-- -->23CD"},
		{"child inside a value", "tassa_auto", "AB123CD", "AB1<ta:b/>23CD"},
		{"text beside children", "tassa_auto", "<ta:veicoloConTarga>", "x<ta:veicoloConTarga>"},
		{"another type by xsi", "tassa_auto", "<ta:veicoloConTarga>", `<ta:veicoloConTarga xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="ta:veicolo">`},
		{"instruction", "tassa_auto", "<ta:veicoloConTarga>", "<?php?><ta:veicoloConTarga>"},
		{"UTF-16 declared", "tassa_auto", "UTF-8", "UTF-16"},
		{"too deep", "tassa_auto", "<ta:veicoloConTarga>", strings.Repeat("<ta:x>", 40) + "<ta:veicoloConTarga>"},
		{"attribute", "tassa_auto", "<ta:veicoloConTarga>", `<ta:veicoloConTarga id="1">`},
	} {
		t.Run(v.service+" "+v.name, func(t *testing.T) {
			t.Parallel()
			amount := fixed(1000)
			s := offer(t, c, enrolment(v.service, amount))
			document := strings.ReplaceAll(samples[v.service], v.from, v.to)
			if document == samples[v.service] {
				t.Fatal("the case changes nothing")
			}
			_, err := s.Read([]byte(document))
			if bridge.CodeOf(err) != bridge.CodePayloadInvalid {
				t.Errorf("got %v", err)
			}
			for _, value := range []string{"AB1", "RSSMRA", "Rossi", "passwd"} {
				if err != nil && strings.Contains(err.Error(), value) {
					t.Errorf("the refusal repeats the document: %v", err)
				}
			}
		})
	}
}

// Ways of writing the same data have one canonical form; other data another.
func TestRead_CanonicalForm(t *testing.T) {
	t.Parallel()
	s := offer(t, catalog(t, ""), enrolment("tassa_auto", fixed(1000)))
	base := samples["tassa_auto"]
	want := string(read(t, s, base).Canonical)
	for name, document := range map[string]string{
		"other prefix":      strings.ReplaceAll(strings.ReplaceAll(base, "ta:", "x:"), "xmlns:ta", "xmlns:x"),
		"default namespace": strings.ReplaceAll(strings.ReplaceAll(base, "ta:", ""), "xmlns:ta", "xmlns"),
		"indented":          strings.ReplaceAll(base, "><", ">\r\n\t<"),
		"comments":          strings.ReplaceAll(base, "<ta:veicoloTarga>", "<!-- targa --><ta:veicoloTarga>"),
		"CDATA":             strings.ReplaceAll(base, "AB123CD", "<![CDATA[AB123CD]]>"),
		"reference":         strings.ReplaceAll(base, "AB123CD", "&#65;B123CD"),
		"byte order mark":   "\uFEFF" + base,
		"schema hint":       strings.Replace(base, "<ta:tassaAuto", `<ta:tassaAuto xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://PuntoAccessoPSP.spcoop.gov.it/TassaAuto http://127.0.0.1:1/t.xsd"`, 1),
	} {
		if got := string(read(t, s, document).Canonical); got != want {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
	if other := string(read(t, s, strings.ReplaceAll(base, "AB123CD", "AB123CE")).Canonical); other == want {
		t.Error("two plates have one canonical form")
	}
}

func TestRead_Latin1(t *testing.T) {
	t.Parallel()
	s := offer(t, catalog(t, ""), enrolment("passaporto", fixed(1000)))
	document := `<?xml version="1.0" encoding="ISO-8859-1"?>` + strings.ReplaceAll(samples["passaporto"], "Mario Rossi", "Nicol\xF2 Rossi")
	if got := read(t, s, document).Fields["denominazione"]; got != "Nicolò Rossi" {
		t.Errorf("read %q", got)
	}
}

func TestAmount_Table(t *testing.T) {
	t.Parallel()
	s := offer(t, catalog(t, ""), enrolment("cie", &service.AmountSpec{Table: []service.TableRow{
		{When: map[string]string{"causale": "9"}, Cents: 2221},
		{When: map[string]string{"causale": "1", "comune": "77777777777"}, Cents: 2737},
		{When: map[string]string{"causale": "1"}, Cents: 3000},
	}}))
	for causale, want := range map[string]bridge.Cents{"9": 2221, "1": 2737} {
		claim, err := s.Claim(t.Context(), read(t, s, strings.ReplaceAll(samples["cie"], ">9<", ">"+causale+"<")))
		if err != nil || claim.Amount != want {
			t.Errorf("reason %s: %d, %v", causale, claim.Amount, err)
		}
	}
	_, err := s.Claim(t.Context(), read(t, s, strings.ReplaceAll(samples["cie"], ">9<", ">11<")))
	if bridge.CodeOf(err) != bridge.CodeNoticeUnknown {
		t.Errorf("a reason without tariff: %v", err)
	}
}

func TestAmount_NothingInThePayload(t *testing.T) {
	t.Parallel()
	s := offer(t, catalog(t, ""), enrolment("cup", nil))
	_, err := s.Claim(t.Context(), read(t, s, strings.ReplaceAll(samples["cup"], "48.30", "0.00")))
	if bridge.CodeOf(err) != bridge.CodeNoticeUnknown {
		t.Errorf("an amount of zero: %v", err)
	}
}

func TestNewDesk_RefusedEnrolments(t *testing.T) {
	t.Parallel()
	c := catalog(t, "")
	good := enrolment("passaporto", fixed(100))
	for _, v := range []struct {
		name   string
		change func(*service.Enrolment)
		says   string
	}{
		{"unknown service", func(e *service.Enrolment) { e.Service = "multa" }, "service:"},
		{"no identifier", func(e *service.Enrolment) { e.IDServizio = "" }, "id_servizio:"},
		{"subject of four", func(e *service.Enrolment) { e.Subject = "0033" }, "subject:"},
		{"no amount", func(e *service.Enrolment) { e.Amount = nil }, "amount:"},
		{"wrong IBAN", func(e *service.Enrolment) { e.IBAN = "IT61X0542811101000000123456" }, "iban:"},
		{"wrong postal IBAN", func(e *service.Enrolment) { e.PostalIBAN = "IT60" }, "postal_iban:"},
		{"no segregation code", func(e *service.Enrolment) { e.Segregation = "" }, "segregation_code:"},
		{"no category", func(e *service.Enrolment) { e.Category = "" }, "category:"},
		{"a thousand days", func(e *service.Enrolment) { e.ValidDays = 1000 }, "valid_days:"},
		{"long name", func(e *service.Enrolment) { e.CompanyName = strings.Repeat("n", 141) }, "company_name"},
		{"token that is not there", func(e *service.Enrolment) {
			e.Amount = &service.AmountSpec{Callback: &service.CallbackSpec{URL: "https://example.org/", TokenFile: "/absent"}}
		}, "token_file"},
		{"authority that is not there", func(e *service.Enrolment) {
			e.Amount = &service.AmountSpec{Callback: &service.CallbackSpec{URL: "https://example.org/", CAFile: "/absent"}}
		}, "ca_file"},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			e := good
			v.change(&e)
			_, err := service.NewDesk(c, []service.Enrolment{e})
			if err == nil || !strings.Contains(err.Error(), v.says) {
				t.Errorf("got %v, want %q", err, v.says)
			}
		})
	}
	if _, err := service.NewDesk(c, []service.Enrolment{good, good}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("listed twice: %v", err)
	}
}

func TestDesk_FindsOnlyWhatIsEnabledThere(t *testing.T) {
	t.Parallel()
	c := catalog(t, "")
	off := enrolment("passaporto", fixed(100))
	off.Disabled = true
	closed, err := service.NewDesk(c, []service.Enrolment{off})
	if err != nil || closed.Open() {
		t.Errorf("a desk with nothing enabled is open: %v", err)
	}
	desk, err := service.NewDesk(c, []service.Enrolment{enrolment("passaporto", fixed(100))})
	if err != nil || !desk.Open() {
		t.Fatalf("closed: %v", err)
	}
	for name, change := range map[string]func(*bridge.Demand){
		"other service": func(d *bridge.Demand) { d.Service = "00006" },
		"other subject": func(d *bridge.Demand) { d.Subject = "00034" },
		"other EC":      func(d *bridge.Demand) { d.EC = "88888888888" },
		"other station": func(d *bridge.Demand) { d.Station = "99999999999_02" },
	} {
		q := demand()
		change(&q)
		if _, found := desk.Find(q); found {
			t.Errorf("%s: found", name)
		}
	}
}
