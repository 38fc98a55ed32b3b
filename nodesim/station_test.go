package nodesim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"nodobridge/nodesim"
)

const (
	ec      = "77777777777"
	second  = "66666666666"
	broker  = "99999999999"
	station = "99999999999_01"
	nav     = "302000000000000012"
	iuv     = "02000000000000012"
	iban    = "IT60X0542811101000000123456"
)

// Good answers, one for each operation; the bad ones are made of them by one replacement each.
const (
	verifyOK = `<paf:paVerifyPaymentNoticeRes xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>OK</outcome>` +
		`<paymentList><paymentOptionDescription><amount>120.00</amount><options>EQ</options><dueDate>2026-12-31</dueDate>` +
		`<detailDescription>TARI, rata unica</detailDescription><allCCP>false</allCCP></paymentOptionDescription></paymentList>` +
		`<paymentDescription>TARI 2026</paymentDescription><fiscalCodePA>77777777777</fiscalCodePA>` +
		`<companyName>Comune di Prova</companyName><officeName>Tributi</officeName></paf:paVerifyPaymentNoticeRes>`

	verifyKO = `<paf:paVerifyPaymentNoticeRes xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>KO</outcome>` +
		`<fault><faultCode>PAA_PAGAMENTO_SCONOSCIUTO</faultCode><faultString>Pagamento in attesa risulta sconosciuto</faultString>` +
		`<id>77777777777</id><description>numero avviso ignoto</description></fault></paf:paVerifyPaymentNoticeRes>`

	debtor = `<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>` +
		`<entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue></uniqueIdentifier>` +
		`<fullName>Mario Rossi</fullName><streetName>via Roma</streetName><civicNumber>1</civicNumber>` +
		`<postalCode>00100</postalCode><city>Roma</city><stateProvinceRegion>RM</stateProvinceRegion><country>IT</country>` +
		`<e-mail>mario@example.com</e-mail></debtor>`

	paymentV1OK = `<paf:paGetPaymentRes xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>OK</outcome><data>` +
		`<creditorReferenceId>02000000000000012</creditorReferenceId><paymentAmount>120.00</paymentAmount>` +
		`<dueDate>2026-12-31</dueDate><description>TARI 2026</description>` + debtor +
		`<transferList><transfer><idTransfer>1</idTransfer><transferAmount>120.00</transferAmount>` +
		`<fiscalCodePA>77777777777</fiscalCodePA><IBAN>IT60X0542811101000000123456</IBAN>` +
		`<remittanceInformation>TARI</remittanceInformation><transferCategory>0101002IM</transferCategory></transfer></transferList>` +
		`</data></paf:paGetPaymentRes>`

	paymentV2OK = `<paf:paGetPaymentV2Response xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>OK</outcome><data>` +
		`<creditorReferenceId>02000000000000012</creditorReferenceId><paymentAmount>120.00</paymentAmount>` +
		`<dueDate>2026-12-31</dueDate><retentionDate>2026-12-31T23:59:59.5+01:00</retentionDate><lastPayment>true</lastPayment>` +
		`<description>TARI 2026</description><companyName>Comune di Prova</companyName><officeName>Tributi</officeName>` + debtor +
		`<transferList><transfer><idTransfer>1</idTransfer><transferAmount>104.00</transferAmount>` +
		`<fiscalCodePA>77777777777</fiscalCodePA><companyName>Comune di Prova</companyName><IBAN>IT60X0542811101000000123456</IBAN>` +
		`<remittanceInformation>TARI</remittanceInformation><transferCategory>0101002IM</transferCategory>` +
		`<metadata><mapEntry><key>IBANAPPOGGIO</key><value>IT57N0760114800000011050036</value></mapEntry></metadata></transfer>` +
		`<transfer><idTransfer>2</idTransfer><transferAmount>16.00</transferAmount><fiscalCodePA>66666666666</fiscalCodePA>` +
		`<richiestaMarcaDaBollo><hashDocumento>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</hashDocumento>` +
		`<tipoBollo>01</tipoBollo><provinciaResidenza>RM</provinciaResidenza></richiestaMarcaDaBollo>` +
		`<remittanceInformation>Bollo</remittanceInformation><transferCategory>0101002IM</transferCategory></transfer></transferList>` +
		`<metadata><mapEntry><key>anno</key><value>2026</value></mapEntry></metadata></data></paf:paGetPaymentV2Response>`

	demandOK = `<paf:paDemandPaymentNoticeResponse xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>OK</outcome>` +
		`<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>302000000000000012</noticeNumber></qrCode>` +
		`<paymentList><paymentOptionDescription><amount>120.00</amount><options>EQ</options><allCCP>0</allCCP>` +
		`</paymentOptionDescription></paymentList><paymentDescription>Bollo auto</paymentDescription>` +
		`<fiscalCodePA>77777777777</fiscalCodePA><companyName>Regione di Prova</companyName></paf:paDemandPaymentNoticeResponse>`

	receiptV1OK = `<paf:paSendRTRes xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>OK</outcome></paf:paSendRTRes>`
	receiptV2OK = `<paf:paSendRTV2Response xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>OK</outcome></paf:paSendRTV2Response>`
	receiptV2KO = `<paf:paSendRTV2Response xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><outcome>KO</outcome>` +
		`<fault><faultCode>PAA_RECEIPT_DUPLICATA</faultCode><faultString>Ricevuta duplicata</faultString><id>77777777777</id></fault>` +
		`</paf:paSendRTV2Response>`
)

// envelop wraps a payload as a careful station does.
func envelop(payload string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">` +
		`<soapenv:Body>` + payload + `</soapenv:Body></soapenv:Envelope>`
}

// scripted is a station that gives the answers it is told to give, one after the other, and the last one for ever.
type scripted struct {
	mu      sync.Mutex
	answers []answer
	seen    []seen
}

type answer struct {
	status int // 200 when zero
	body   string
}

type seen struct {
	header http.Header
	body   string
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cannot read request", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.seen = append(s.seen, seen{header: r.Header, body: string(body)})
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	if next.status != 0 {
		w.WriteHeader(next.status)
	}
	_, _ = io.WriteString(w, next.body) // the caller may have gone, which is its own matter
}

// requests gives what the station has been asked so far.
func (s *scripted) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// script starts a station and a node that calls it.
func script(t *testing.T, answers ...answer) (*nodesim.Node, *scripted) {
	t.Helper()
	s := &scripted{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &nodesim.Node{URL: server.URL, Broker: broker, Station: station}, s
}

// saying is script with payloads that go out with HTTP 200.
func saying(t *testing.T, payloads ...string) (*nodesim.Node, *scripted) {
	t.Helper()
	var answers []answer
	for _, p := range payloads {
		answers = append(answers, answer{body: envelop(p)})
	}
	return script(t, answers...)
}

// calls is every operation as one kind of function, for the rules that hold for all of them.
var calls = map[string]struct {
	good string
	call func(context.Context, *nodesim.Node) (*nodesim.Fault, error)
}{
	"verify": {verifyOK, func(ctx context.Context, n *nodesim.Node) (*nodesim.Fault, error) {
		r, err := n.Verify(ctx, ec, nav)
		return r.Fault, err
	}},
	"paymentV1": {paymentV1OK, func(ctx context.Context, n *nodesim.Node) (*nodesim.Fault, error) {
		r, err := n.GetPayment(ctx, nodesim.ActivateRequest{EC: ec, NoticeNumber: nav})
		return r.Fault, err
	}},
	"paymentV2": {paymentV2OK, func(ctx context.Context, n *nodesim.Node) (*nodesim.Fault, error) {
		r, err := n.GetPaymentV2(ctx, nodesim.ActivateRequest{EC: ec, NoticeNumber: nav})
		return r.Fault, err
	}},
	"demand": {demandOK, func(ctx context.Context, n *nodesim.Node) (*nodesim.Fault, error) {
		r, err := n.Demand(ctx, nodesim.DemandRequest{EC: ec, Service: "00001", Subject: "00002", Data: []byte("<a/>")})
		return r.Fault, err
	}},
	"receiptV1": {receiptV1OK, func(ctx context.Context, n *nodesim.Node) (*nodesim.Fault, error) {
		r, err := n.SendRT(ctx, nodesim.Receipt{Recipient: ec})
		return r.Fault, err
	}},
	"receiptV2": {receiptV2OK, func(ctx context.Context, n *nodesim.Node) (*nodesim.Fault, error) {
		r, err := n.SendRTV2(ctx, nodesim.Receipt{Recipient: ec})
		return r.Fault, err
	}},
}
