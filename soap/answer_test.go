package soap_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

const (
	verifyRes = "paVerifyPaymentNoticeRes"
	getV1Res  = "paGetPaymentRes"
	getV2Res  = "paGetPaymentV2Response"
	sendV2Res = "paSendRTV2Response"
)

// every state of a notice, through the three reads (soap-node.md §6 V4 to V9, G18).
func TestReads_StatesOfANotice(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	s.create(t, testkit.Single(1), false) // a draft
	later := testkit.Single(2)
	later.Options[0].ValidFrom = testkit.Noon.Add(time.Hour)
	s.create(t, later, true)
	s.create(t, testkit.Single(3), true)
	s.post(t, receiptOf(string(testkit.NAV(3)), "r3")).wantOK(t)
	expired := testkit.Single(4)
	expired.Options[0].Instalments[0].DueDate = testkit.Noon.Add(time.Minute)
	s.create(t, expired, true)
	stays := testkit.Single(5)
	stays.Options[0].Instalments[0].DueDate, stays.Options[0].SwitchToExpired = testkit.Noon.Add(time.Minute), false
	s.create(t, stays, true)
	s.create(t, testkit.Single(6), true)
	cancel(t, s, "POS-6")
	s.clock.Set(testkit.Noon.Add(2 * time.Minute))

	for _, c := range []struct {
		name string
		n    int64
		code string
	}{
		{"unknown", 99, "PAA_PAGAMENTO_SCONOSCIUTO"},
		{"draft", 1, "PAA_PAGAMENTO_SCONOSCIUTO"},
		{"not yet valid", 2, "PAA_PAGAMENTO_SCONOSCIUTO"},
		{"paid", 3, "PAA_PAGAMENTO_DUPLICATO"},
		{"expired", 4, "PAA_PAGAMENTO_SCADUTO"},
		{"cancelled", 6, "PAA_PAGAMENTO_ANNULLATO"},
		{"past due and payable", 5, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			nav := string(testkit.NAV(c.n))
			for root, request := range map[string]string{verifyRes: verifyOf(nav), getV1Res: getV1Of(nav), getV2Res: getV2Of(nav)} {
				a := s.post(t, request)
				if c.code == "" {
					a.wantOK(t)
					continue
				}
				a.wantKO(t, root, c.code, "77777777777")
			}
		})
	}
}

// cancel invalidates a position in the store: the API's own call comes with its
// issue, the state can be stored and must be answered.
func cancel(t *testing.T, s *station, iupd bridge.IUPD) {
	t.Helper()
	err := s.db.Update(t.Context(), func(tx bridge.Tx) error {
		p, err := tx.Position(t.Context(), testkit.EC, iupd)
		if err != nil {
			return err
		}
		p.Status = bridge.Invalid
		return tx.UpdatePositionState(t.Context(), p)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReads_Refusals(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	s.create(t, testkit.Single(1), true)
	nav := string(testkit.NAV(1))
	good := verifyOf(nav)
	action := `SOAPAction: "paVerifyPaymentNotice"`
	replace := strings.Replace
	for _, c := range []struct {
		name, body, code, id string
		headers              []string
	}{
		{name: "17 digits (V13)", body: verifyOf(nav[:17]), code: "PAA_SINTASSI_EXTRAXSD", id: "77777777777"},
		{name: "Arabic digits", body: verifyOf("٣٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"), code: "PAA_SINTASSI_EXTRAXSD", id: "77777777777"},
		{name: "idPA of 36 characters (V13)", body: replace(good, "<idPA>77777777777", "<idPA>"+strings.Repeat("7", 36), 1), code: "PAA_SINTASSI_EXTRAXSD", id: "99999999999"},
		{name: "no qrCode (V13)", body: wrapped("<pafn:paVerifyPaymentNoticeReq>" + addressed + "</pafn:paVerifyPaymentNoticeReq>"), code: "PAA_SINTASSI_EXTRAXSD", id: "77777777777"},
		{name: "wrong order", body: replace(good, addressed, "<idBrokerPA>99999999999</idBrokerPA><idPA>77777777777</idPA><idStation>99999999999_01</idStation>", 1), code: "PAA_SINTASSI_EXTRAXSD", id: "77777777777"},
		{name: "repeated idPA", body: replace(good, addressed, "<idPA>77777777777</idPA>"+addressed, 1), code: "PAA_SINTASSI_EXTRAXSD", id: "77777777777", headers: []string{action}},
		{name: "qualified children", body: replace(good, "<idPA>77777777777</idPA>", "<pafn:idPA>77777777777</pafn:idPA>", 1), code: "PAA_SINTASSI_EXTRAXSD", id: "99999999999", headers: []string{action}},
		{name: "wrong broker, station and EC (V11)", body: replace(good, addressed, "<idPA>1</idPA><idBrokerPA>2</idBrokerPA><idStation>3</idStation>", 1), code: "PAA_ID_INTERMEDIARIO_ERRATO", id: "99999999999"},
		{name: "wrong station and EC (V11)", body: replace(good, addressed, "<idPA>1</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>3</idStation>", 1), code: "PAA_STAZIONE_INT_ERRATA", id: "99999999999"},
		{name: "wrong EC (V11)", body: replace(good, "<idPA>77777777777", "<idPA>11111111111", 1), code: "PAA_ID_DOMINIO_ERRATO", id: "11111111111"},
		{name: "qrCode of another EC (V12)", body: replace(good, "<fiscalCode>77777777777", "<fiscalCode>11111111111", 1), code: "PAA_ID_DOMINIO_ERRATO", id: "77777777777"},
		{name: "truncated with SOAPAction (T9)", body: good[:len(good)-40], code: "PAA_SINTASSI_EXTRAXSD", id: "77777777777", headers: []string{action}},
		{name: "DOCTYPE with an entity (T12)", body: `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + good[len(`<?xml version="1.0" encoding="UTF-8"?>`):], code: "PAA_SINTASSI_EXTRAXSD", id: "99999999999", headers: []string{action}},
		{name: "no XML at all, with SOAPAction", body: "hello", code: "PAA_SINTASSI_EXTRAXSD", id: "99999999999", headers: []string{action}},
		{name: "UTF-16", body: "\xff\xfe<\x00", code: "PAA_SINTASSI_EXTRAXSD", id: "99999999999", headers: []string{action}},
		{name: "the probe (V2)", body: verifyOf(string(bridge.ProbeNotice)), code: "PAA_PAGAMENTO_SCONOSCIUTO", id: "77777777777"},
		{name: "the probe, nothing configured (V3)", body: replace(verifyOf(string(bridge.ProbeNotice)), addressed, "<idPA>1</idPA><idBrokerPA>2</idBrokerPA><idStation>3</idStation>", 1), code: "PAA_PAGAMENTO_SCONOSCIUTO", id: "99999999999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s.post(t, c.body, c.headers...).wantKO(t, verifyRes, c.code, c.id)
		})
	}
}

func TestOtherOperations_Refusals(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	nav := string(testkit.NAV(1))
	transfer := strings.Replace(getV2Of(nav), "</qrCode>", "</qrCode><transferType>FOO</transferType>", 1)
	s.post(t, transfer).wantKO(t, getV2Res, "PAA_SINTASSI_EXTRAXSD", "77777777777") // G9
	demand := wrapped(`<pafn:paDemandPaymentNoticeRequest>` + addressed + `<idServizio>00001</idServizio><idSoggettoServizio>00001</idSoggettoServizio><datiSpecificiServizioRequest>PGEvPg==</datiSpecificiServizioRequest></pafn:paDemandPaymentNoticeRequest>`)
	a := s.post(t, demand)
	a.wantKO(t, "paDemandPaymentNoticeResponse", "PAA_SYSTEM_ERROR", "77777777777")
	if got := a.text(t, "description"); !strings.Contains(got, "not enabled") {
		t.Errorf("described as %q", got)
	}
	s.post(t, strings.Replace(demand, "<idServizio>00001", "<idServizio>0001", 1)).wantKO(t, "paDemandPaymentNoticeResponse", "PAA_SINTASSI_XSD", "77777777777") // D4
	s.post(t, strings.Replace(demand, "<idBrokerPA>9", "<idBrokerPA>1", 1)).wantKO(t, "paDemandPaymentNoticeResponse", "PAA_ID_INTERMEDIARIO_ERRATO", "77777777777")
}

// What is XML but no single call, or no call of ours, gets a SOAP Fault.
func TestSOAPFaults(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	good := verifyOf(string(testkit.NAV(1)))
	payload := good[strings.Index(good, "<pafn:"):strings.Index(good, "</soapenv:Body>")]
	action := "SOAPAction: paVerifyPaymentNotice"
	for _, c := range []struct{ name, body, code, action string }{
		{"truncated without SOAPAction (T10)", good[:len(good)-40], "Client", ""},
		{"unknown operation (T11)", strings.ReplaceAll(good, "paVerifyPaymentNoticeReq", "paFoo"), "Client", action},
		{"foreign namespace", strings.Replace(good, "pagopa-api.pagopa.gov.it/pa", "evil.example", 1), "Client", action},
		{"unqualified payload", strings.ReplaceAll(good, "pafn:paV", "paV"), "Client", action},
		{"two payloads", wrapped(payload + payload), "Client", action},
		{"empty Body", wrapped(""), "Client", action},
		{"two Bodies", strings.Replace(good, "</soapenv:Body>", "</soapenv:Body><soapenv:Body/>", 1), "Client", action},
		{"trailing bytes", good + "x", "Client", action},
		{"second envelope", good + good[len(`<?xml version="1.0" encoding="UTF-8"?>`):], "Client", action},
		{"no envelope", payload2(payload), "Client", action},
		{"SOAP 1.2", strings.Replace(good, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1), "VersionMismatch", action},
		{"header that must be understood", strings.Replace(good, "<soapenv:Body>", `<soapenv:Header><x soapenv:mustUnderstand="1"/></soapenv:Header><soapenv:Body>`, 1), "MustUnderstand", action},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s.post(t, c.body, c.action).wantFault(t, c.code)
		})
	}
}

// payload2 declares the payload's prefix on itself, so that only the envelope is
// missing.
func payload2(payload string) string {
	return strings.Replace(payload, "<pafn:paVerifyPaymentNoticeReq", `<pafn:paVerifyPaymentNoticeReq xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"`, 1)
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{BodyBytes: 8 << 10})
	s.create(t, testkit.Single(1), true)
	good := verifyOf(string(testkit.NAV(1)))
	xml := "Content-Type: text/xml"
	for _, c := range []struct {
		name, method, suffix, body string
		headers                    []string
		status                     int
		allow                      string
	}{
		{name: "GET without ?wsdl", method: "GET", status: 405, allow: "POST"},
		{name: "PUT", method: "PUT", body: good, status: 405, allow: "POST"},
		{name: "other path", method: "POST", suffix: "/x", body: good, status: 404},
		{name: "POST to ?wsdl (T14)", method: "POST", suffix: "?wsdl", body: good, headers: []string{xml}, status: 200},
		{name: "POST to %3Fwsdl (T14)", method: "POST", suffix: "%3Fwsdl", body: good, headers: []string{xml}, status: 200},
		{name: "no content type", method: "POST", body: good, headers: []string{"Content-Type: "}, status: 200},
		{name: "JSON", method: "POST", body: "{}", headers: []string{"Content-Type: application/json"}, status: 415},
		{name: "multipart", method: "POST", body: good, headers: []string{"Content-Type: multipart/related"}, status: 415},
		{name: "SOAP 1.2's type", method: "POST", body: good, headers: []string{"Content-Type: application/soap+xml"}, status: 415},
		{name: "gzip", method: "POST", body: good, headers: []string{xml, "Content-Encoding: gzip"}, status: 415},
		{name: "too large", method: "POST", body: good + strings.Repeat(" ", 9<<10), headers: []string{xml}, status: 413},
		{name: "no such schema", method: "GET", suffix: "?xsd=../../go.mod", status: 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := s.send(t, c.method, s.url+c.suffix, c.body, c.headers...)
			if a.status != c.status || a.header.Get("Allow") != c.allow {
				t.Fatalf("HTTP %d, Allow %q; want %d, %q\n%s", a.status, a.header.Get("Allow"), c.status, c.allow, a.body)
			}
			if c.status == http.StatusOK {
				a.wantOK(t)
			}
		})
	}
}
