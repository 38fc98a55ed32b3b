package soap_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/beevik/etree"

	"nodobridge/bridge"
	"nodobridge/internal/judge"
	"nodobridge/internal/testkit"
	"nodobridge/nodesim"
	"nodobridge/soap"
	"nodobridge/store"
)

// station is a SOAP server over real HTTP and a real store.
type station struct {
	url     string
	service *bridge.Service
	db      bridge.Store
	clock   *testkit.Clock
	log     *lockedBuffer

	mu      sync.Mutex
	records []soap.Record
}

// lockedBuffer collects the log of concurrent calls.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func openStore(t *testing.T) *store.DB {
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
	return db
}

func newStation(t *testing.T, db bridge.Store, limits soap.Limits) *station {
	t.Helper()
	return newStationFor(t, db, limits, testkit.Registry())
}

// newStationFor is newStation with other parties than the usual.
func newStationFor(t *testing.T, db bridge.Store, limits soap.Limits, registry *bridge.Registry) *station {
	t.Helper()
	s := &station{db: db, clock: testkit.NewClock(), log: new(lockedBuffer)}
	s.service = bridge.NewService(db, s.clock, registry)
	server := soap.NewServer(soap.Config{
		Service: s.service, Path: "/paForNode", PublicURL: "https://pagamenti.example.org/paForNode", OptionsPath: "/odp", Limits: limits,
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), HashKey: []byte("test"),
		Observe: func(r soap.Record) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.records = append(s.records, r)
		},
	})
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = server.HTTP()
	listening.Start()
	t.Cleanup(listening.Close)
	s.url = listening.URL + "/paForNode"
	return s
}

func (s *station) create(t *testing.T, p *bridge.Position, publish bool) {
	t.Helper()
	if err := s.service.CreatePosition(t.Context(), testkit.Principal(), p, publish); err != nil {
		t.Fatal(err)
	}
}

func (s *station) node() *nodesim.Node {
	return &nodesim.Node{URL: s.url, Broker: testkit.Broker, Station: testkit.Station}
}

// answer is one HTTP answer, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// post sends a body as the node does; headers come as "Name: value".
func (s *station) post(t *testing.T, body string, headers ...string) answer {
	t.Helper()
	return s.send(t, http.MethodPost, s.url, body, append([]string{"Content-Type: text/xml;charset=UTF-8"}, headers...)...)
}

func (s *station) send(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, given := strings.Cut(h, ": ")
		if !given {
			continue
		}
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, res.StatusCode, text)
	return answer{res.StatusCode, res.Header, text}
}

// text is the text of the only element with a local name, "" when there is none.
func (a answer) text(t *testing.T, local string) string {
	t.Helper()
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(a.body); err != nil {
		t.Fatalf("the answer is no XML: %v\n%s", err, a.body)
	}
	found := tree.FindElements("//" + local)
	if len(found) != 1 {
		return ""
	}
	return found[0].Text()
}

// wantKO checks a refusal whole: HTTP 200, content type, root, outcome, the fault's
// three parts, and the contract.
func (a answer) wantKO(t *testing.T, root, code, id string) {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("HTTP %d %s", a.status, a.header.Get("Content-Type"))
	}
	if err := judge.Message(a.body); err != nil {
		t.Errorf("the answer breaks the contract: %v\n%s", err, a.body)
	}
	if !bytes.Contains(a.body, []byte("<paf:"+root+"><outcome>KO</outcome><fault><faultCode>"+code+"</faultCode><faultString>")) {
		t.Errorf("want %s with %s, got\n%s", root, code, a.body)
	}
	if got := a.text(t, "id"); got != id {
		t.Errorf("fault id is %q, want %q", got, id)
	}
	if a.text(t, "faultString") == "" {
		t.Errorf("no faultString in\n%s", a.body)
	}
}

// wantFault checks a SOAP Fault: the node takes it as no answer.
func (a answer) wantFault(t *testing.T, code string) {
	t.Helper()
	if a.status != http.StatusInternalServerError || a.text(t, "faultcode") != "soapenv:"+code || a.text(t, "faultstring") == "" {
		t.Errorf("want a SOAP Fault %s, got HTTP %d\n%s", code, a.status, a.body)
	}
	if bytes.Contains(a.body, []byte("outcome")) {
		t.Errorf("a SOAP Fault has an outcome:\n%s", a.body)
	}
}

func (a answer) wantOK(t *testing.T) {
	t.Helper()
	if err := judge.Message(a.body); err != nil {
		t.Errorf("the answer breaks the contract: %v\n%s", err, a.body)
	}
	if a.status != http.StatusOK || a.text(t, "outcome") != "OK" {
		t.Errorf("want OK, got HTTP %d\n%s", a.status, a.body)
	}
}

const envelopeOf = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>`

// wrapped is a payload in an envelope.
func wrapped(payload string) string { return fmt.Sprintf(envelopeOf, payload) }

const addressed = `<idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation>`

func verifyOf(nav string) string {
	return wrapped(`<pafn:paVerifyPaymentNoticeReq>` + addressed + `<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>` + nav + `</noticeNumber></qrCode></pafn:paVerifyPaymentNoticeReq>`)
}

func getV2Of(nav string) string {
	return wrapped(`<pafn:paGetPaymentV2Request>` + addressed + `<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>` + nav + `</noticeNumber></qrCode></pafn:paGetPaymentV2Request>`)
}

func getV1Of(nav string) string {
	return strings.NewReplacer("paGetPaymentV2Request", "paGetPaymentReq").Replace(getV2Of(nav))
}

// receiptOf is a version 2 receipt for a notice of 120.00 euro.
func receiptOf(nav, id string) string {
	return wrapped(`<pafn:paSendRTV2Request>` + addressed + `<receipt><receiptId>` + id + `</receiptId><noticeNumber>` + nav + `</noticeNumber><fiscalCode>77777777777</fiscalCode>` +
		`<outcome>OK</outcome><creditorReferenceId>` + nav[1:] + `</creditorReferenceId><paymentAmount>120.00</paymentAmount><description>TARI 2026</description><companyName>Comune di Prova</companyName>` +
		`<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Mario Rossi</fullName></debtor>` +
		`<transferList><transfer><idTransfer>1</idTransfer><transferAmount>120.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA><IBAN>IT60X0542811101000000123456</IBAN><remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101108TS/</transferCategory></transfer></transferList>` +
		`<idPSP>ABI99999</idPSP><PSPCompanyName>Banca di Prova</PSPCompanyName><idChannel>88888888888_01</idChannel><channelDescription>app</channelDescription></receipt></pafn:paSendRTV2Request>`)
}

func (s *station) positionStatus(t *testing.T, iupd bridge.IUPD) bridge.PositionStatus {
	t.Helper()
	p, err := s.service.Position(t.Context(), testkit.Principal(), testkit.EC, iupd)
	if err != nil {
		t.Fatal(err)
	}
	return p.Status
}

// anomalies are the classes noted for an EC ("" for what could not be assigned).
func (s *station) anomalies(t *testing.T, ec bridge.ECCode) []bridge.AnomalyClass {
	t.Helper()
	var classes []bridge.AnomalyClass
	err := s.db.View(t.Context(), func(tx bridge.ReadTx) error {
		found, err := tx.Anomalies(t.Context(), ec)
		for _, a := range found {
			classes = append(classes, a.Class)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return classes
}

// keep writes the different answers of the contract to the folder that
// NODOBRIDGE_INTEROP_ANSWERS names, for interop/answers.
func keep(t *testing.T, status int, body []byte) {
	t.Helper()
	dir := os.Getenv("NODOBRIDGE_INTEROP_ANSWERS")
	if dir == "" || status != http.StatusOK || !bytes.Contains(body, []byte("<soapenv:Body><paf:")) {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%x.xml", sha256.Sum256(body))), body, 0o600); err != nil {
		t.Error(err)
	}
}
