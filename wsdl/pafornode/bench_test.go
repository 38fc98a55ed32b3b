package pafornode_test

import (
	"testing"

	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		root  string
		value any
	}{
		{"paVerifyPaymentNoticeReq", verifyRequest()},
		{"paGetPaymentV2Request", getRequestV2()},
		{"paSendRTV2Request", receiptV2()},
	} {
		b.Run(c.root, func(b *testing.B) {
			doc := rootNamed(c.root).encode(c.value)
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				var rep pafornode.Report
				_, _, err := readEnvelope(doc, &rep)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeReused keeps reader, value and report, as a server may.
func BenchmarkDecodeReused(b *testing.B) {
	doc := rootNamed("paSendRTV2Request").encode(receiptV2())
	var r xmlpull.Reader
	var v pafornode.PaSendRTV2Request
	var rep pafornode.Report
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		rep.Reset()
		err := r.Reset(doc, xmlpull.Limits{})
		for range 3 {
			if err == nil {
				_, err = r.Next()
			}
		}
		if err == nil {
			err = pafornode.DecodePaSendRTV2Request(&r, &v, &rep)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct {
		root  string
		value any
	}{
		{"paVerifyPaymentNoticeRes", verifyResponse()},
		{"paGetPaymentV2Response", getResponseV2()},
		{"paSendRTV2Request", receiptV2()},
	} {
		b.Run(c.root, func(b *testing.B) {
			encode := rootNamed(c.root).encode
			b.ReportAllocs()
			for b.Loop() {
				encode(c.value)
			}
		})
	}
	b.Run("paGetPaymentV2Response into a buffer", func(b *testing.B) {
		v := getResponseV2()
		buffer := make([]byte, 0, 8<<10)
		b.ReportAllocs()
		for b.Loop() {
			buffer = append(buffer[:0], pafornode.EnvelopeOpen...)
			buffer = pafornode.AppendPaGetPaymentV2Response(buffer, v)
			buffer = append(buffer, pafornode.EnvelopeClose...)
		}
	})
}

// BenchmarkValidate is what every answer passes before it is sent.
func BenchmarkValidate(b *testing.B) {
	v := getResponseV2()
	var rep pafornode.Report
	b.ReportAllocs()
	for b.Loop() {
		rep.Reset()
		v.Validate(&rep)
		if len(rep.Violations) > 0 {
			b.Fatal(rep.Violations)
		}
	}
}
