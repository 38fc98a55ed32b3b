package xmlpull_test

import (
	"testing"

	"nodobridge/wsdl/xmlpull"
)

// BenchmarkRead is the gate alone: a verification is read to its end and nothing is made
// of it.
func BenchmarkRead(b *testing.B) {
	doc := []byte(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body><pafn:paVerifyPaymentNoticeReq><idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation><qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>302000000000000184</noticeNumber></qrCode></pafn:paVerifyPaymentNoticeReq></soapenv:Body></soapenv:Envelope>`)
	var r xmlpull.Reader
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		err := r.Reset(doc, xmlpull.Limits{})
		for kind := xmlpull.None; err == nil && kind != xmlpull.EOF; {
			kind, err = r.Next()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
