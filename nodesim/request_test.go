package nodesim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nodobridge/nodesim"
)

// styles is every way of writing a request that WireStyle offers.
var styles = map[string]nodesim.WireStyle{
	"as the node":                    {},
	"prefixes of the documentation":  {EnvelopePrefix: "SOAP-ENV", PayloadPrefix: "nod"},
	"default namespace on envelope":  {DefaultEnvelope: true},
	"prefix declared on the payload": {LocalPayload: true, EnvelopePrefix: "s", PayloadPrefix: "paf"},
	"both":                           {DefaultEnvelope: true, LocalPayload: true},
	"header and indent":              {Header: true, Indent: true, DefaultEnvelope: true},
	"bare action, application/xml":   {Action: nodesim.ActionBare, ContentType: "application/xml"},
	"no action":                      {Action: nodesim.ActionMissing},
	"empty action, text/plain":       {Action: nodesim.ActionEmpty, ContentType: "text/plain"},
}

func TestWireStyle_RequestToTheByte(t *testing.T) {
	t.Parallel()
	const head = `<?xml version="1.0" encoding="UTF-8"?>`
	const children = `<idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation>` +
		`<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>302000000000000012</noticeNumber></qrCode>`
	want := map[string]string{
		"as the node": head + `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">` +
			`<soapenv:Body><pafn:paVerifyPaymentNoticeReq>` + children + `</pafn:paVerifyPaymentNoticeReq></soapenv:Body></soapenv:Envelope>`,
		"both": head + `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>` +
			`<pafn:paVerifyPaymentNoticeReq xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" xmlns="">` + children +
			`</pafn:paVerifyPaymentNoticeReq></Body></Envelope>`,
		"header and indent": head + "\n" + `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">` + `
  <Header/>
  <Body>
    <pafn:paVerifyPaymentNoticeReq xmlns="">
      <idPA>77777777777</idPA>
      <idBrokerPA>99999999999</idBrokerPA>
      <idStation>99999999999_01</idStation>
      <qrCode>
        <fiscalCode>77777777777</fiscalCode>
        <noticeNumber>302000000000000012</noticeNumber>
      </qrCode>
    </pafn:paVerifyPaymentNoticeReq>
  </Body>
</Envelope>
`,
	}
	for name, body := range want {
		node, asked := saying(t, verifyOK)
		node.Style = styles[name]
		_, err := node.Verify(t.Context(), ec, nav)
		if err != nil {
			t.Fatal(err)
		}
		got := asked.requests()[0].body
		if got != body {
			t.Errorf("%s:\n got %s\nwant %s", name, got, body)
		}
	}
}

func TestWireStyle_Headers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		style       string
		action      []string
		contentType string
	}{
		{"as the node", []string{`"paVerifyPaymentNotice"`}, "text/xml;charset=UTF-8"},
		{"bare action, application/xml", []string{"paVerifyPaymentNotice"}, "application/xml"},
		{"no action", nil, "text/xml;charset=UTF-8"},
		{"empty action, text/plain", []string{`""`}, "text/plain"},
	}
	for _, c := range cases {
		t.Run(c.style, func(t *testing.T) {
			t.Parallel()
			node, asked := saying(t, verifyOK)
			node.Style = styles[c.style]
			_, err := node.Verify(t.Context(), ec, nav)
			if err != nil {
				t.Fatal(err)
			}
			header := asked.requests()[0].header
			if !slices.Equal(header.Values("SOAPAction"), c.action) || header.Get("Content-Type") != c.contentType {
				t.Errorf("SOAPAction %q, Content-Type %q; want %q, %q", header.Values("SOAPAction"), header.Get("Content-Type"), c.action, c.contentType)
			}
			if header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id, which the forwarder always sends")
			}
		})
	}
}

// Every operation, in every style, with all optional elements and with none, is valid for both judges.
func TestRequests_ValidAgainstOfficialXSD(t *testing.T) {
	t.Parallel()
	for judge, validate := range judges(t, wholeSchema(t)) {
		for style, s := range styles {
			for name, body := range everyRequest(t, s) {
				err := validate(body)
				if err != nil {
					t.Errorf("%s refuses %s, style %s: %v\n%s", judge, name, style, err, body)
				}
			}
		}
	}
}

// everyRequest lets a node make every kind of request and gives what went over the wire.
func everyRequest(t *testing.T, style nodesim.WireStyle) map[string]string {
	t.Helper()
	bodies := map[string]string{}
	node, _ := saying(t, verifyOK)
	node.Style = style
	node.Trace = func(x nodesim.Exchange) {
		bodies[fmt.Sprintf("%s %d", x.Operation, len(bodies))] = string(x.RequestBody)
	}
	full := nodesim.ActivateRequest{
		EC: ec, NoticeNumber: nav, Amount: new(nodesim.Cents(0)), PaymentNote: strings.Repeat("à", 210),
		TransferType: "POSTAL", DueDate: "2025-05-13+02:00",
	}
	payment := activated(t)
	receipt := nodesim.ReceiptFor(payment, nodesim.SamplePSP(), nodesim.ReceiptOptions{StandIn: true})
	receipt.PrimaryCIIncurredFee, receipt.IDBundle, receipt.IDCIBundle = new(nodesim.Cents(20)), "bundle", "cibundle"
	receiptV1 := receipt
	receiptV1.Transfers = receipt.Transfers[:1]
	bare := receipt
	bare.PSP = nodesim.PSP{ID: "PSP", CompanyName: "Banca", Channel: "CH", ChannelDescription: "WISP"}
	bare.Payer, bare.Fee, bare.PrimaryCIIncurredFee, bare.Metadata, bare.StandIn = nil, nil, nil, nil, false
	bare.OfficeName, bare.PaymentNote, bare.IDBundle, bare.IDCIBundle = "", "", "", ""
	bare.PaymentDateTime, bare.ApplicationDate, bare.TransferDate = "", "", ""

	ctx := t.Context()
	_, verify := node.Verify(ctx, ec, nav)
	_, getV1 := node.GetPayment(ctx, nodesim.ActivateRequest{EC: ec, NoticeNumber: nav})
	_, getV1Full := node.GetPayment(ctx, full)
	_, getV2 := node.GetPaymentV2(ctx, nodesim.ActivateRequest{EC: ec, NoticeNumber: nav})
	_, getV2Full := node.GetPaymentV2(ctx, full)
	_, demand := node.Demand(ctx, nodesim.DemandRequest{EC: ec, Service: "00001", Subject: "00002", Data: []byte("<tassaAuto/>")})
	_, sendV1 := node.SendRT(ctx, receiptV1)
	_, sendV2 := node.SendRTV2(ctx, receipt)
	_, sendBare := node.SendRTV2(ctx, bare)
	probe := node.Probe(ctx, ec)
	// The scripted station answers all with a verify: only that call is content, and only the requests matter here.
	if verify != nil || slices.Contains([]error{getV1, getV1Full, getV2, getV2Full, demand, sendV1, sendV2, sendBare, probe}, nil) {
		t.Fatalf("verify: %v; one of the others found its answer good", verify)
	}
	if len(bodies) != 10 {
		t.Fatalf("%d requests traced, want 10", len(bodies))
	}
	return bodies
}

// activated is the data of a good activation of version 2, as the node read it.
func activated(t *testing.T) nodesim.PaymentData {
	t.Helper()
	node, _ := saying(t, paymentV2OK)
	payment, err := node.GetPaymentV2(t.Context(), nodesim.ActivateRequest{EC: ec, NoticeNumber: nav, PaymentNote: "cart-1"})
	if err != nil {
		t.Fatal(err)
	}
	return payment
}

func TestReceipt_VersionOneLeavesOutWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	receipt := nodesim.ReceiptFor(activated(t), nodesim.SamplePSP(), nodesim.ReceiptOptions{StandIn: true})
	receipt.PrimaryCIIncurredFee, receipt.IDBundle, receipt.IDCIBundle = new(nodesim.Cents(20)), "bundle", "cibundle"
	node, asked := saying(t, receiptV1OK, receiptV2OK)
	_, first := node.SendRT(t.Context(), receipt)
	_, second := node.SendRTV2(t.Context(), receipt)
	if first != nil || second != nil {
		t.Fatal(first, second)
	}
	v1, v2 := asked.requests()[0].body, asked.requests()[1].body
	for _, element := range []string{
		"<paymentNote>cart-1<", "<primaryCiIncurredFee>0.20<", "<idBundle>bundle<", "<idCiBundle>cibundle<", "<MBDAttachment>",
		"<fiscalCodePA>" + ec + "</fiscalCodePA><companyName>Comune di Prova<",
	} {
		if strings.Contains(v1, element) || !strings.Contains(v2, element) {
			t.Errorf("%s: in version 1 %v, in version 2 %v; want only version 2", element, strings.Contains(v1, element), strings.Contains(v2, element))
		}
	}
	for _, element := range []string{
		"<payer><uniqueIdentifier>", "<paymentMethod>creditCard<", "<fee>1.50<", "<pspPartitaIVA>88888888888<",
		"<metadata><mapEntry><key>anno</key><value>2026</value></mapEntry></metadata>", "<standIn>true<",
	} {
		if !strings.Contains(v1, element) || !strings.Contains(v2, element) {
			t.Errorf("%s: in version 1 %v, in version 2 %v; want both", element, strings.Contains(v1, element), strings.Contains(v2, element))
		}
	}
}
