package soap_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"nodobridge/internal/testkit"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

const (
	prolog   = `<?xml version="1.0" encoding="UTF-8"?>`
	actionOf = `SOAPAction: "paVerifyPaymentNotice"`
)

var transportCases = []acceptance{
	{"T1", "any valid request: 200, text/xml, SOAP 1.1, root qualified, children not", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, verifyOf(nav1)).is(t, verified())
		s.post(t, getV1Of(nav1)).is(t, activated(getV1Res))
		s.post(t, getV2Of(nav1)).is(t, activated(getV2Res))
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.post(t, receiptV1Of(nav1, "r2")).is(t, acceptedV1)
	}},
	{"T2", "every way of writing prefixes gets the same answer", func(t *testing.T, s *station) {
		s.single(t, nil)
		rename := func(envelope, payload string) string {
			return strings.NewReplacer("soapenv", envelope, "pafn", payload).Replace(verifyOf(nav1))
		}
		const declared = ` xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"`
		onPayload := strings.Replace(verifyOf(nav1), declared, "", 1)
		onPayload = strings.Replace(onPayload, "<pafn:paVerifyPaymentNoticeReq", "<pafn:paVerifyPaymentNoticeReq"+declared, 1)
		// A default namespace would take the unqualified children along.
		onEnvelope := strings.NewReplacer("soapenv:", "", ":soapenv", "", "<pafn:paVerifyPaymentNoticeReq", `<pafn:paVerifyPaymentNoticeReq xmlns=""`).Replace(verifyOf(nav1))
		for name, body := range map[string]string{
			"soapenv and pafn": verifyOf(nav1), "s and nod": rename("s", "nod"), "SOAP-ENV and paf": rename("SOAP-ENV", "paf"),
			"default on the envelope": onEnvelope, "declared on the payload": onPayload,
		} {
			t.Log(name)
			s.post(t, body).is(t, verified())
		}
	}},
	{"T3", "SOAPAction bare, quoted, missing or empty: the body decides", func(t *testing.T, s *station) {
		s.single(t, nil)
		for _, action := range []string{"SOAPAction: paVerifyPaymentNotice", actionOf, "", `SOAPAction: ""`} {
			s.post(t, verifyOf(nav1), action).is(t, verified())
			if r := s.lastRecord(); r.ActionMismatch {
				t.Errorf("%s is logged as a mismatch", action)
			}
		}
	}},
	{"T4", "a SOAPAction that disagrees is logged and not obeyed", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, verifyOf(nav1), "SOAPAction: paSendRTV2").is(t, verified())
		if r := s.lastRecord(); !r.ActionMismatch || r.Operation != "paVerifyPaymentNotice" {
			t.Errorf("recorded as %+v", r)
		}
		if !strings.Contains(s.log.String(), `"soap_action_differs":true`) {
			t.Errorf("not in the log:\n%s", s.log)
		}
	}},
	{"T5", "application/xml, text/xml with and without charset", func(t *testing.T, s *station) {
		s.single(t, nil)
		for _, media := range []string{"application/xml", "text/xml", "text/xml;charset=UTF-8", "text/xml; charset=\"utf-8\""} {
			s.send(t, http.MethodPost, s.url, verifyOf(nav1), "Content-Type: "+media).is(t, verified())
		}
	}},
	{"T6", "a byte order mark before the prolog", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, "\ufeff"+verifyOf(nav1)).is(t, verified())
	}},
	{"T7", "an ISO-8859-1 receipt: accepted, its texts are read as what they say", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := strings.NewReplacer("UTF-8", "ISO-8859-1", "Mario Rossi", "Nicol\xe8 Rossi", "Banca di Prova", "Banca di Forl\xec").Replace(receiptOf(nav1, "r1"))
		s.post(t, body).is(t, acceptedV2)
		kept := s.receipts(t, nav1)
		if len(kept) != 1 || string(kept[0].Raw) != body || kept[0].PSPCompany != "Banca di Forlì" {
			t.Fatalf("kept %+v", kept)
		}
		// The debtor's name stands in the kept document only.
		if got := debtorName(t, kept[0].Raw); got != "Nicolè Rossi" {
			t.Errorf("the debtor is %q", got)
		}
	}},
	{"T8", "a SOAP Header that need not be understood is ignored", func(t *testing.T, s *station) {
		s.single(t, nil)
		for _, header := range []string{
			"<soapenv:Header/>", "<soapenv:Header></soapenv:Header>", "<soapenv:Header><x:y xmlns:x=\"urn:x\"><z>1</z></x:y></soapenv:Header>",
			`<soapenv:Header><x soapenv:mustUnderstand="0"/></soapenv:Header>`,
		} {
			s.post(t, strings.Replace(verifyOf(nav1), "<soapenv:Body>", header+"<soapenv:Body>", 1)).is(t, verified())
		}
	}},
	{"T9", "truncated XML with SOAPAction: that operation's KO", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, truncated(verifyOf(nav1)), actionOf).isKO(t, verifyRes, "PAA_SINTASSI_EXTRAXSD", "77777777777", xmlpull.RuleTruncated)
	}},
	{"T10", "truncated XML without SOAPAction: SOAP Fault", func(t *testing.T, s *station) {
		s.post(t, truncated(verifyOf(nav1))).isFault(t, "Client", xmlpull.RuleTruncated)
	}},
	{"T11", "an unknown root: SOAP Fault, never a paSendRTRes", func(t *testing.T, s *station) {
		s.post(t, strings.ReplaceAll(verifyOf(nav1), "paVerifyPaymentNoticeReq", "paFoo"), actionOf).isFault(t, "Client", "unknown operation")
	}},
	{"T12", "a DOCTYPE with entities is refused and nothing is fetched", func(t *testing.T, s *station) {
		var fetched atomic.Int64
		bait := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched.Add(1) }))
		defer bait.Close()
		doctype := `<!DOCTYPE x SYSTEM "` + bait.URL + `/x.dtd" [<!ENTITY % p SYSTEM "` + bait.URL + `/p">%p;<!ENTITY e SYSTEM "` + bait.URL + `/e">]>`
		body := prolog + doctype + strings.Replace(strings.TrimPrefix(verifyOf(nav1), prolog), "77777777777", "&e;", 1)
		s.post(t, body, actionOf).isKO(t, verifyRes, "PAA_SINTASSI_EXTRAXSD", testkit.Broker, xmlpull.RuleDoctype)
		if n := fetched.Load(); n != 0 {
			t.Errorf("%d documents were fetched", n)
		}
	}},
	{"T13", "GET ?wsdl and the schemas it imports", func(t *testing.T, s *station) {
		// TestContract_IsServedWhole compares what is served with the contract.
		a := s.send(t, http.MethodGet, s.url+"?wsdl", "")
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/xml; charset=utf-8" || !bytes.Contains(a.body, []byte(`location="https://pagamenti.example.org/paForNode"`)) {
			t.Errorf("HTTP %d\n%s", a.status, a.body)
		}
		for _, name := range []string{"paForNode.xsd", "commonTypes.xsd"} {
			if a := s.send(t, http.MethodGet, s.url+"?xsd="+name, ""); a.status != http.StatusOK || !bytes.Contains(a.body, []byte("schema")) {
				t.Errorf("%s: HTTP %d", name, a.status)
			}
		}
	}},
	{"T14", "POST to ?wsdl and to a literal %3Fwsdl is handled as the path", func(t *testing.T, s *station) {
		s.single(t, nil)
		for _, suffix := range []string{"?wsdl", "%3Fwsdl", "%3fWSDL"} {
			s.send(t, http.MethodPost, s.url+suffix, verifyOf(nav1), "Content-Type: text/xml").is(t, verified())
		}
	}},
}

// truncated ends a request behind its payload.
func truncated(request string) string {
	head, _, _ := strings.Cut(request, "</soapenv:Body>")
	return head
}

// receiptV1Of is receiptOf as a version 1 station gets it.
func receiptV1Of(nav, id string) string {
	return strings.ReplaceAll(receiptOf(nav, id), "paSendRTV2Request", "paSendRTReq")
}

// debtorName reads the debtor out of a kept receipt.
func debtorName(t *testing.T, raw []byte) string {
	t.Helper()
	r, err := xmlpull.NewReader(raw, xmlpull.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // Envelope, Body, payload
		for kind := xmlpull.None; kind != xmlpull.StartElement; {
			if kind, err = r.Next(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var req pafornode.PaSendRTV2Request
	if err := pafornode.DecodePaSendRTV2Request(r, &req, new(pafornode.Report)); err != nil {
		t.Fatal(err)
	}
	return req.Receipt.Debtor.FullName
}
