package soap_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/nodesim"
	"nodobridge/service"
	"nodobridge/soap"
)

const (
	demandRoot = "paDemandPaymentNoticeResponse"
	bollo      = `<ta:tassaAuto xmlns:ta="http://PuntoAccessoPSP.spcoop.gov.it/TassaAuto"><ta:veicoloConTarga><ta:tipoVeicoloTarga>1</ta:tipoVeicoloTarga><ta:veicoloTarga>AB123CD</ta:veicoloTarga></ta:veicoloConTarga></ta:tassaAuto>`
	syntaxXSD  = "PAA_SINTASSI_XSD"
)

// tassaAuto is the EC's enrolment for the bollo at a fixed 258.11 euro.
func tassaAuto() service.Enrolment {
	return service.Enrolment{
		Station: testkit.Station, EC: testkit.EC, Service: "tassa_auto", IDServizio: "00005", Subject: "00033", Segregation: "02",
		IBAN: "IT60X0542811101000000123456", Category: "9/0201102TS/", OfficeName: "Ufficio Tributi", Amount: &service.AmountSpec{Fixed: 25811},
	}
}

// offering is a station whose EC offers services.
func offering(t *testing.T, enrolments ...service.Enrolment) *station {
	t.Helper()
	s := newStation(t, openStore(t), soap.Limits{})
	s.offer(t, enrolments...)
	return s
}

func (s *station) offer(t *testing.T, enrolments ...service.Enrolment) {
	t.Helper()
	catalog, err := service.LoadCatalog(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	desk, err := service.NewDesk(catalog, enrolments)
	if err != nil {
		t.Fatal(err)
	}
	s.service.UseDesk(desk)
}

// demandWith is a demand of the service with anything in the place of base64.
func demandWith(data string) string {
	return wrapped(`<pafn:paDemandPaymentNoticeRequest>` + addressed + `<idServizio>00005</idServizio><idSoggettoServizio>00033</idSoggettoServizio><datiSpecificiServizioRequest>` +
		data + `</datiSpecificiServizioRequest></pafn:paDemandPaymentNoticeRequest>`)
}

func demandOf(document string) string {
	return demandWith(base64.StdEncoding.EncodeToString([]byte(document)))
}

// demanded checks an OK and gives its notice number.
func (a answer) demanded(t *testing.T) bridge.NoticeNumber {
	t.Helper()
	a.wantOK(t)
	nav, err := bridge.ParseNoticeNumber(a.text(t, "noticeNumber"))
	if err != nil || !strings.HasPrefix(string(nav), "302") {
		t.Fatalf("notice number %q: %v\n%s", nav, err, a.body)
	}
	return nav
}

// positions counts what the EC has.
func (s *station) positions(t *testing.T) int {
	t.Helper()
	page, err := s.service.Positions(t.Context(), testkit.Principal(), bridge.PositionQuery{EC: testkit.EC, Limit: 50, OrderBy: bridge.ByInsertedDate})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// refuses checks a KO whole, and that nothing was created.
func (s *station) refuses(t *testing.T, request, code string) {
	t.Helper()
	s.post(t, request).wantKO(t, demandRoot, code, "77777777777")
	if n := s.positions(t); n != 0 {
		t.Errorf("%d positions were created", n)
	}
}

// TestAcceptanceDemand runs the cases D1 to D6 of soap-node.md §6.
func TestAcceptanceDemand(t *testing.T) {
	t.Parallel()
	for id, run := range map[string]func(t *testing.T){
		"D1": acceptD1, "D2": acceptD2, "D3": acceptD3, "D4": acceptD4, "D5": acceptD5, "D6": acceptD6,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			run(t)
		})
	}
}

// D1: a notice that can be verified, activated and paid at once.
func acceptD1(t *testing.T) {
	s := offering(t, tassaAuto())
	a := s.post(t, demandOf(bollo))
	nav := a.demanded(t)
	want := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body>` +
		`<paf:paDemandPaymentNoticeResponse><outcome>OK</outcome><qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>` + string(nav) + `</noticeNumber></qrCode>` +
		`<paymentList><paymentOptionDescription><amount>258.11</amount><options>EQ</options><dueDate>2026-11-24</dueDate><detailDescription>Tassa automobilistica, targa AB123CD</detailDescription><allCCP>false</allCCP></paymentOptionDescription></paymentList>` +
		`<paymentDescription>Tassa automobilistica, targa AB123CD</paymentDescription><fiscalCodePA>77777777777</fiscalCodePA><companyName>Comune di Prova</companyName><officeName>Ufficio Tributi</officeName></paf:paDemandPaymentNoticeResponse></soapenv:Body></soapenv:Envelope>`
	if string(a.body) != want || a.header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("got\n%s\nwant\n%s", a.body, want)
	}
	story, err := s.node().Pay(t.Context(), nodesim.PayRequest{EC: "77777777777", NoticeNumber: string(nav), Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
	if err != nil || story.Refusal() != nil || !story.Paid || story.Payment.PaymentAmount != 25811 {
		t.Fatalf("%+v: %v", story, err)
	}
	if got := s.positionStatus(t, bridge.IUPD("SP-"+nav)); got != bridge.Paid {
		t.Errorf("the position is %s", got)
	}
	p, err := s.service.Position(t.Context(), testkit.Principal(), testkit.EC, bridge.IUPD("SP-"+nav))
	if err != nil || p.PayStandIn || p.Options[0].Debtor.FiscalCode != "ANONIMO" || p.Options[0].Debtor.FullName != "ANONIMO" {
		t.Errorf("%+v, %v", p, err)
	}
	if got, want := p.Options[0].Instalments[0].Transfers[0].RemittanceInformation, "/RFB/"+string(nav[1:])+"/258.11/TXT/Tassa automobilistica, targa AB123CD"; got != want {
		t.Errorf("remittance information %q, want %q", got, want)
	}
}

// D2: bad base64, no XML, a document that its XSD refuses, and hostile ones
// (reliability-security.md §9 row 41).
func acceptD2(t *testing.T) {
	s := offering(t, tassaAuto())
	for name, request := range map[string]string{
		"a letter that is not base64": demandWith("PHRh*"),
		"no padding":                  demandWith("PGE"),
		"empty":                       demandWith(""),
		"no XML":                      demandOf("targa AB123CD"),
		"vehicle type 3":              demandOf(strings.Replace(bollo, ">1<", ">3<", 1)),
		"another service's document":  demandOf(`<a/>`),
		"external entity":             demandOf(`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + strings.Replace(bollo, "AB123CD", "&e;", 1)),
		"entity bomb":                 demandOf(`<!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + bollo),
		"unused DOCTYPE":              demandOf(`<!DOCTYPE a>` + bollo),
		"forty levels":                demandOf(strings.Repeat("<a>", 40)),
	} {
		t.Run(name, func(t *testing.T) { s.refuses(t, request, syntaxXSD) })
	}
	// Too much is found out in the middle of the call: what it is, its SOAPAction
	// says (architecture.md §8).
	a := s.post(t, demandOf(bollo+strings.Repeat(" ", 512<<10-len(bollo)+1)), "SOAPAction: paDemandPaymentNotice")
	a.wantKO(t, demandRoot, syntaxXSD, "77777777777")
	if n := s.positions(t); n != 0 {
		t.Errorf("%d positions were created", n)
	}
	// The decoded data has its own bound, whatever the server's limits are.
	_, err := s.service.DemandNotice(t.Context(), bridge.Demand{
		Addressee: testkit.Addressee(), Service: "00005", Subject: "00033",
		Payload: base64.StdEncoding.EncodeToString([]byte(bollo + strings.Repeat(" ", 512<<10-len(bollo)+1))),
	})
	if bridge.CodeOf(err) != bridge.CodePayloadInvalid {
		t.Errorf("512 KiB and 1, decoded: %v", err)
	}
}

// D3: a service or subject that nobody has enrolled.
func acceptD3(t *testing.T) {
	s := offering(t, tassaAuto())
	s.refuses(t, strings.Replace(demandOf(bollo), ">00005<", ">00006<", 1), "PAA_SEMANTICA")
	s.refuses(t, strings.Replace(demandOf(bollo), ">00033<", ">00034<", 1), "PAA_SEMANTICA")
	// The addressee goes before the service.
	s.refuses(t, strings.NewReplacer("<idBrokerPA>9", "<idBrokerPA>1", ">00005<", ">00006<").Replace(demandOf(bollo)), "PAA_ID_INTERMEDIARIO_ERRATO")
	s.refuses(t, strings.NewReplacer("99999999999_01", "99999999999_09", ">00005<", ">00006<").Replace(demandOf(bollo)), "PAA_STAZIONE_INT_ERRATA")
	// The service goes before its payload.
	s.refuses(t, strings.Replace(demandOf("x"), ">00005<", ">00006<", 1), "PAA_SEMANTICA")
	a := s.post(t, strings.Replace(demandOf(bollo), "<idPA>7", "<idPA>1", 1))
	a.wantKO(t, demandRoot, "PAA_ID_DOMINIO_ERRATO", "17777777777")
}

// D4: identifiers that are not of five characters.
func acceptD4(t *testing.T) {
	s := offering(t, tassaAuto())
	s.refuses(t, strings.Replace(demandOf(bollo), ">00005<", ">0005<", 1), syntaxXSD)
	s.refuses(t, strings.Replace(demandOf(bollo), ">00033<", ">000033<", 1), syntaxXSD)
}

// D5: a service that the EC has switched off, beside one that is on; and a station
// without any.
func acceptD5(t *testing.T) {
	off, on := tassaAuto(), tassaAuto()
	off.Disabled, on.IDServizio = true, "00006"
	offering(t, off, on).refuses(t, demandOf(bollo), "PAA_SEMANTICA")
	offering(t, off).refuses(t, demandOf(bollo), "PAA_SYSTEM_ERROR")
	newStation(t, openStore(t), soap.Limits{}).refuses(t, demandOf(bollo), "PAA_SYSTEM_ERROR")
}

// D6: the same demand within the window gets the same notice, however it is
// written.
func acceptD6(t *testing.T) {
	s := offering(t, tassaAuto())
	first := s.post(t, demandOf(bollo))
	nav := first.demanded(t)
	s.clock.Set(testkit.Noon.Add(30*time.Minute - time.Second))
	for _, document := range []string{bollo, strings.ReplaceAll(bollo, "><", ">\n  <"), strings.NewReplacer("xmlns:ta=", "xmlns:b=", "ta:", "b:").Replace(bollo)} {
		if again := s.post(t, demandOf(document)); string(again.body) != string(first.body) {
			t.Errorf("got\n%s\nwant\n%s", again.body, first.body)
		}
	}
	if other := s.post(t, demandOf(strings.Replace(bollo, "AB123CD", "AB123CE", 1))).demanded(t); other == nav {
		t.Error("another car has the same notice")
	}
	if n := s.positions(t); n != 2 {
		t.Errorf("%d positions, want 2", n)
	}
}

func TestDemand_AfterWindowIsNew(t *testing.T) {
	t.Parallel()
	s := offering(t, tassaAuto())
	nav := s.post(t, demandOf(bollo)).demanded(t)
	s.clock.Set(testkit.Noon.Add(30 * time.Minute))
	if again := s.post(t, demandOf(bollo)).demanded(t); again == nav {
		t.Error("after the window the demand has the same notice")
	}
	s.post(t, verifyOf(string(nav))).wantOK(t) // the first one is still payable
}

// What cannot be paid any more is not given again, though the window is open.
func TestDemand_AfterPaymentCancellationOrDeletionIsNew(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, s *station, nav bridge.NoticeNumber){
		"paid": func(t *testing.T, s *station, nav bridge.NoticeNumber) {
			s.post(t, strings.ReplaceAll(receiptOf(string(nav), "r1"), "120.00", "258.11")).wantOK(t)
		},
		"cancelled": func(t *testing.T, s *station, nav bridge.NoticeNumber) { cancel(t, s, bridge.IUPD("SP-"+nav)) },
		"deleted": func(t *testing.T, s *station, nav bridge.NoticeNumber) {
			if err := s.service.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, bridge.IUPD("SP-"+nav)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := offering(t, tassaAuto())
			nav := s.post(t, demandOf(bollo)).demanded(t)
			end(t, s, nav)
			again := s.post(t, demandOf(bollo)).demanded(t)
			if again == nav {
				t.Error("the notice is given again")
			}
			if third := s.post(t, demandOf(bollo)).demanded(t); third != again {
				t.Error("the new notice is not remembered")
			}
		})
	}
}

func TestDemand_ParallelMakesOnePosition(t *testing.T) {
	t.Parallel()
	s := offering(t, tassaAuto())
	navs := make([]bridge.NoticeNumber, 20)
	var all sync.WaitGroup
	for i := range navs {
		all.Go(func() { navs[i] = bridge.NoticeNumber(s.post(t, demandOf(bollo)).text(t, "noticeNumber")) })
	}
	all.Wait()
	for _, nav := range navs {
		if nav != navs[0] || nav == "" {
			t.Fatalf("notices %v", navs)
		}
	}
	if n := s.positions(t); n != 1 {
		t.Errorf("%d positions, want 1", n)
	}
}

// An unpaid notice ends with the Italian day, in winter at 23:00 UTC.
func TestDemand_ExpiresUnpaid(t *testing.T) {
	t.Parallel()
	e := tassaAuto()
	e.ValidDays = 2
	s := offering(t, e)
	nav := s.post(t, demandOf(bollo)).demanded(t)
	s.clock.Set(time.Date(2026, 11, 25, 22, 59, 59, 0, time.UTC))
	s.post(t, verifyOf(string(nav))).wantOK(t)
	s.clock.Set(time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC))
	s.post(t, verifyOf(string(nav))).wantKO(t, verifyRes, "PAA_PAGAMENTO_SCADUTO", "77777777777")
	if got := s.positionStatus(t, bridge.IUPD("SP-"+nav)); got != bridge.Expired {
		t.Errorf("the position is %s", got)
	}
}

// The five services, each paid to its end, and each with a document that its XSD
// refuses.
func TestDemand_FiveServices(t *testing.T) {
	t.Parallel()
	const person = `<codiceFiscaleIntestatario>RSSMRA80A01H501U</codiceFiscaleIntestatario><denominazioneIntestatario>Mario Rossi</denominazioneIntestatario></intestatario>`
	const payer = `<pagatore><codiceFiscalePagatore>VRDGPP70A01F205X</codiceFiscalePagatore><denominazionePagatore>Giuseppe Verdi</denominazionePagatore></pagatore><intestatario>`
	for i, v := range []struct{ name, document, from, to string }{
		{"tassa_auto", bollo, "AB123CD", "AB"},
		{"passaporto", `<pagamentoPratica xmlns="http://PuntoAccessoPSP.spcoop.gov.it/pagamentoPratica"><codicePratica>A001</codicePratica>` + payer + person + `</pagamentoPratica>`, "A001", "D847"},
		{"pesca", `<praticaPagamentoCanoni xmlns="http://PuntoAccessoPSP.spcoop.gov.it/praticaPagamentoCanoni"><codicePratica>D847</codicePratica>` + payer + person + `</praticaPagamentoCanoni>`, "D847", "A001"},
		{"cie", `<pagamentoCIE xmlns="http://PuntoAccessoPSP.spcoop.gov.it/pagamentoCIE"><codiceCausale>9</codiceCausale><codiceFiscaleComune>77777777777</codiceFiscaleComune><intestatario>` + person + `</pagamentoCIE>`, ">9<", ">5<"},
		{"cup", `<pagamentoCup xmlns="http://PuntoAccessoPSP.spcoop.gov.it/Cup"><istatCode>058091</istatCode><companyName>Comune di Prova</companyName><debtorFiscalCode>RSSMRA80A01H501U</debtorFiscalCode><debtorFullName>Mario Rossi</debtorFullName><amount>258.11</amount></pagamentoCup>`, "258.11", "258,11"},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			e := tassaAuto()
			e.Service, e.IDServizio = v.name, fmt.Sprintf("1000%d", i)
			if v.name == "cup" {
				e.Amount = nil
			}
			s := offering(t, e)
			request := nodesim.DemandRequest{EC: "77777777777", Service: e.IDServizio, Subject: e.Subject, Data: []byte(strings.Replace(v.document, v.from, v.to, 1))}
			bad, err := s.node().Demand(t.Context(), request)
			if err != nil || bad.Fault == nil || bad.Fault.Code != syntaxXSD {
				t.Fatalf("%+v, %v", bad, err)
			}
			request.Data = []byte(v.document)
			good, err := s.node().Demand(t.Context(), request)
			if err != nil || good.Fault != nil || good.Option.Amount != 25811 {
				t.Fatalf("%+v, %v", good, err)
			}
			story, err := s.node().Pay(t.Context(), nodesim.PayRequest{EC: "77777777777", NoticeNumber: good.NoticeNumber, Version: nodesim.V1, Retry: nodesim.Retry{Attempts: 1}})
			if err != nil || story.Refusal() != nil || !story.Paid {
				t.Fatalf("%+v: %v", story, err)
			}
			if v.name != "tassa_auto" && story.Payment.Debtor.FullName != "Mario Rossi" {
				t.Errorf("the debtor is %+v", story.Payment.Debtor)
			}
		})
	}
}

// A person whom the wire cannot name is refused before anything is created: the
// PSP could not go on with the notice.
func TestDemand_UnsayableDebtorCreatesNothing(t *testing.T) {
	t.Parallel()
	e := tassaAuto()
	e.Service, e.Amount = "cup", nil
	s := offering(t, e)
	s.refuses(t, demandOf(`<pagamentoCup xmlns="http://PuntoAccessoPSP.spcoop.gov.it/Cup"><istatCode>1</istatCode><companyName>C</companyName><debtorFiscalCode>12345678901234567</debtorFiscalCode><debtorFullName>N</debtorFullName><amount>1.00</amount></pagamentoCup>`), "PAA_SEMANTICA")
	s.refuses(t, demandOf(`<pagamentoCup xmlns="http://PuntoAccessoPSP.spcoop.gov.it/Cup"><istatCode>1</istatCode><companyName>C</companyName><debtorFiscalCode>RSSMRA80A01H501U</debtorFiscalCode><debtorFullName>N</debtorFullName><amount>0.00</amount></pagamentoCup>`), "PAA_PAGAMENTO_SCONOSCIUTO")
}
