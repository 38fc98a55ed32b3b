package soap_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/judge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// acceptance is one black-box case of soap-node.md §6 on a station of its own.
type acceptance struct {
	id   string // e.g. "V2": the name of the subtest
	rule string
	run  func(t *testing.T, s *station)
}

// TestAcceptance runs the cases of soap-node.md §6 by their ids; where
// architecture.md §7 decides otherwise, the case says so. Elsewhere: T15 to T17
// are in TestAcceptanceTLS, R18 in TestAcceptanceCrash, D* in TestAcceptanceDemand
// and O* in TestAcceptance_PaymentOptions.
func TestAcceptance(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			t.Log(c.rule)
			c.run(t, newStation(t, openStore(t), soap.Limits{}))
		})
	}
}

func allCases() []acceptance {
	return slices.Concat(transportCases, verifyCases, getPaymentCases, receiptCases, oddReceiptCases)
}

// TestAcceptanceIsComplete holds the list to the numbers of soap-node.md §6.
func TestAcceptanceIsComplete(t *testing.T) {
	t.Parallel()
	var want, got []string
	for letter, last := range map[string]int{"T": 14, "V": 19, "G": 19, "R": 21} {
		for n := 1; n <= last; n++ {
			if id := fmt.Sprintf("%s%d", letter, n); id != "R18" {
				want = append(want, id)
			}
		}
	}
	for _, c := range allCases() {
		got = append(got, c.id)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the cases are %v, want %v", got, want)
	}
}

const (
	sendV1Res = "paSendRTRes"
	demandRes = "paDemandPaymentNoticeResponse"
)

// officialTexts are the faultStrings of SANP's table (soap-node.md §2.0), written
// down a second time on purpose.
var officialTexts = map[string]string{
	"PAA_ID_DOMINIO_ERRATO":       "La PAA non corrisponde al Dominio indicato",
	"PAA_ID_INTERMEDIARIO_ERRATO": "Identificativo intermediario non corrispondente",
	"PAA_STAZIONE_INT_ERRATA":     "Stazione intermediario non corrispondente",
	"PAA_PAGAMENTO_SCONOSCIUTO":   "Pagamento in attesa risulta sconosciuto all'Ente Creditore",
	"PAA_PAGAMENTO_ANNULLATO":     "Pagamento in attesa risulta annullato all'Ente Creditore",
	"PAA_PAGAMENTO_DUPLICATO":     "Pagamento in attesa risulta concluso all'Ente Creditore",
	"PAA_PAGAMENTO_SCADUTO":       "Pagamento in attesa risulta scaduto all'Ente Creditore",
	"PAA_SEMANTICA":               "Errore semantico",
	"PAA_SINTASSI_XSD":            "Errore di sintassi XSD",
	"PAA_SINTASSI_EXTRAXSD":       "Errore di sintassi extra XSD",
	"PAA_SYSTEM_ERROR":            "Errore generico",
	"PAA_RECEIPT_DUPLICATA":       "Ricevuta già acquisita",
}

const (
	answerOpen  = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body>`
	answerClose = `</soapenv:Body></soapenv:Envelope>`
)

// is checks the whole answer: HTTP 200, content type, length, the contract, and
// every byte of the body.
func (a answer) is(t *testing.T, payload string) {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/xml; charset=utf-8" || a.header.Get("Content-Length") != fmt.Sprint(len(a.body)) {
		t.Errorf("HTTP %d %s, length %s", a.status, a.header.Get("Content-Type"), a.header.Get("Content-Length"))
	}
	if err := judge.Message(a.body); err != nil {
		t.Errorf("the answer breaks the contract: %v", err)
	}
	if want := answerOpen + payload + answerClose; string(a.body) != want {
		t.Errorf("answered\n%s\nwant\n%s", a.body, want)
	}
}

// isKO checks a whole refusal; description "" means that there is none.
func (a answer) isKO(t *testing.T, root, code, id, description string) {
	t.Helper()
	a.is(t, ko(root, code, id, description))
}

func ko(root, code, id, description string) string {
	if description != "" {
		description = "<description>" + description + "</description>"
	}
	return "<paf:" + root + "><outcome>KO</outcome><fault><faultCode>" + code + "</faultCode><faultString>" + officialTexts[code] + "</faultString><id>" + id + "</id>" + description + "</fault></paf:" + root + ">"
}

// isFault checks a whole SOAP Fault, which the node takes for no answer.
func (a answer) isFault(t *testing.T, code, text string) {
	t.Helper()
	want := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault><faultcode>soapenv:` + code + `</faultcode><faultstring>` + text + `</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`
	if a.status != http.StatusInternalServerError || a.header.Get("Content-Type") != "text/xml; charset=utf-8" || string(a.body) != want {
		t.Errorf("HTTP %d %s\n%s\nwant HTTP 500\n%s", a.status, a.header.Get("Content-Type"), a.body, want)
	}
}

// isPlain checks a whole answer that is no SOAP.
func (a answer) isPlain(t *testing.T, status int, text string) {
	t.Helper()
	if a.status != status || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || string(a.body) != text+"\n" {
		t.Errorf("HTTP %d %s %q, want HTTP %d %q", a.status, a.header.Get("Content-Type"), a.body, status, text)
	}
}

const (
	acceptedV1 = "<paf:paSendRTRes><outcome>OK</outcome></paf:paSendRTRes>"
	acceptedV2 = "<paf:paSendRTV2Response><outcome>OK</outcome></paf:paSendRTV2Response>"
)

// verified is the whole answer about testkit.Single; old and new texts alternate.
func verified(replace ...string) string {
	const single = `<paf:paVerifyPaymentNoticeRes><outcome>OK</outcome><paymentList><paymentOptionDescription><amount>120.00</amount><options>EQ</options>` +
		`<dueDate>2026-12-23</dueDate><detailDescription>TARI 2026</detailDescription><allCCP>false</allCCP></paymentOptionDescription></paymentList>` +
		`<paymentDescription>TARI 2026</paymentDescription><fiscalCodePA>77777777777</fiscalCodePA><companyName>Comune di Prova</companyName><officeName>Ufficio Tributi</officeName></paf:paVerifyPaymentNoticeRes>`
	return strings.NewReplacer(replace...).Replace(single)
}

// bankIBAN and postalIBAN are the accounts of the fixtures.
const (
	bankIBAN   = "IT60X0542811101000000123456"
	postalIBAN = "IT60X0760111101000000123456"
)

// transferOf is the answer's transfer of testkit.Single.
const transferOf = `<transfer><idTransfer>1</idTransfer><transferAmount>120.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA><IBAN>` + bankIBAN + `</IBAN>` +
	`<remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101108TS/</transferCategory></transfer>`

const debtorOf = `<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue></uniqueIdentifier>` +
	`<fullName>Mario Rossi</fullName><country>IT</country><e-mail>mario.rossi@example.org</e-mail></debtor>`

// activated is the whole answer to paGetPayment(V2) about testkit.Single(1).
func activated(root string, replace ...string) string {
	single := `<paf:` + root + `><outcome>OK</outcome><data><creditorReferenceId>` + string(testkit.NAV(1).IUV()) + `</creditorReferenceId><paymentAmount>120.00</paymentAmount>` +
		`<dueDate>2026-12-23</dueDate><lastPayment>true</lastPayment><description>TARI 2026</description><companyName>Comune di Prova</companyName><officeName>Ufficio Tributi</officeName>` +
		debtorOf + `<transferList>` + transferOf + `</transferList></data></paf:` + root + `>`
	return strings.NewReplacer(replace...).Replace(single)
}

// nav1 is the notice number of testkit.Single(1).
var nav1 = string(testkit.NAV(1))

// single publishes testkit.Single(1), changed.
func (s *station) single(t *testing.T, change func(*bridge.Position)) {
	t.Helper()
	p := testkit.Single(1)
	if change != nil {
		change(p)
	}
	s.create(t, p, true)
}

// first is the instalment of a position of one option.
func first(p *bridge.Position) *bridge.Instalment { return &p.Options[0].Instalments[0] }
