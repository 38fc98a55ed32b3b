package pafornode_test

import (
	"errors"
	"testing"

	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// payload moves a reader over a whole envelope to the payload's start tag.
func payload(t testing.TB, doc string) *xmlpull.Reader {
	t.Helper()
	r, err := xmlpull.NewReader([]byte(doc), xmlpull.DefaultLimits())
	if err != nil {
		t.Fatalf("NewReader: %v", err)
	}
	for range 3 { // Envelope, Body, payload
		err = toStart(r)
		if err != nil {
			t.Fatalf("no payload: %v", err)
		}
	}
	return r
}

// toStart reads on to the next start tag.
func toStart(r *xmlpull.Reader) error {
	for {
		kind, err := r.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmlpull.StartElement:
			return nil
		case xmlpull.EOF:
			return errors.New("end of document")
		}
	}
}

func envelope(body string) string {
	return pafornode.EnvelopeOpen + body + pafornode.EnvelopeClose
}

const getRequest = `<paf:paGetPaymentV2Request><idPA>77777777777</idPA><idBrokerPA>77777777777</idBrokerPA>` +
	`<idStation>77777777777_01</idStation><qrCode><fiscalCode>77777777777</fiscalCode>` +
	`<noticeNumber>302000100000009424</noticeNumber></qrCode><amount>120.10</amount></paf:paGetPaymentV2Request>`

func TestDecode_ReadsAValidRequest(t *testing.T) {
	t.Parallel()
	var v pafornode.PaGetPaymentV2Request
	var rep pafornode.Report
	err := pafornode.DecodePaGetPaymentV2Request(payload(t, envelope(getRequest)), &v, &rep)
	if err != nil || !rep.Valid() {
		t.Fatalf("err %v, violations %v, unknown %v", err, rep.Violations, rep.Unknown)
	}
	if v.QrCode.NoticeNumber != "302000100000009424" || v.Amount != pafornode.Some[int64](12010) {
		t.Errorf("decoded %+v", v)
	}
	got := string(pafornode.AppendPaGetPaymentV2Request(nil, &v))
	if got != getRequest {
		t.Errorf("encoded\n%s\nwant\n%s", got, getRequest)
	}
}
