package pafornode_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nodobridge/wsdl/pafornode"
)

var update = flag.Bool("update", false, "rewrite the golden files; review the difference")

// golden is one exchange.
type golden struct {
	name              string
	request, response any
}

func goldens() []golden {
	paid := verifyResponse()
	paid.Response = refusal("PAA_PAGAMENTO_DUPLICATO", "Pagamento in attesa risulta concluso all'Ente Creditore")
	paid.PaymentList, paid.PaymentDescription = nil, pafornode.Opt[string]{}
	paid.FiscalCodePA, paid.CompanyName, paid.OfficeName = paid.PaymentDescription, paid.PaymentDescription, paid.PaymentDescription
	getV1 := &pafornode.PaGetPaymentReq{IdPA: "77777777777", IdBrokerPA: "77777777777", IdStation: "77777777777_01", QrCode: qrCode()}
	gotV1 := &pafornode.PaGetPaymentRes{
		Response: pafornode.Response{Outcome: pafornode.OutcomeOK},
		Data: &pafornode.PaymentPA{
			CreditorReferenceId: "02000100000009424", PaymentAmount: 12010, DueDate: "2026-12-31",
			Description: "TARI 2026", Debtor: subject(), TransferList: transferV1(),
		},
	}
	unknown := &pafornode.PaGetPaymentV2Response{Response: refusal("PAA_PAGAMENTO_SCONOSCIUTO", "Pagamento in attesa risulta sconosciuto all'Ente Creditore")}
	receiptDone := &pafornode.PaSendRTV2Response{Response: pafornode.Response{Outcome: pafornode.OutcomeOK}}
	repeated := &pafornode.PaSendRTV2Response{Response: refusal("PAA_RECEIPT_DUPLICATA", "Ricevuta già acquisita")}
	noDemand := &pafornode.PaDemandPaymentNoticeResponse{Response: refusal("PAA_SINTASSI_XSD", "Errore di sintassi XSD")}
	return []golden{
		{"verify-ok", verifyRequest(), verifyResponse()},
		{"verify-paid", verifyRequest(), paid},
		{"get-v1", getV1, gotV1},
		{"get-v2-iban-and-stamp", getRequestV2(), getResponseV2()},
		{"get-v2-unknown", getRequestV2(), unknown},
		{"receipt-v1", receiptV1(), &pafornode.PaSendRTRes{Response: pafornode.Response{Outcome: pafornode.OutcomeOK}}},
		{"receipt-v2", receiptV2(), receiptDone},
		{"receipt-v2-repeated", receiptV2(), repeated},
		{"demand", demandRequest(), demandResponse()},
		{"demand-refused", demandRequest(), noDemand},
	}
}

const (
	requestMark  = "== request\n"
	responseMark = "== response\n"
)

// TestGolden_MessagesStayAsTheyAre: the exact bytes of both messages of an
// exchange, shown one tag a line. A change of any byte is a change of the wire.
func TestGolden_MessagesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, g := range goldens() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			request, response := rootOf(t, g.request).encode(g.request), rootOf(t, g.response).encode(g.response)
			got := fmt.Sprintf("%s%s\n%s%s\n", requestMark, lines(request), responseMark, lines(response))
			file := filepath.Join("testdata", "golden", g.name+".txt")
			if *update {
				err := os.WriteFile(file, []byte(got), 0o600)
				if err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := difference(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGolden_MessagesAreValidAndReadBack judges the bytes in the files.
func TestGolden_MessagesAreValidAndReadBack(t *testing.T) {
	t.Parallel()
	docs := map[string][]byte{}
	for _, g := range goldens() {
		text, err := os.ReadFile(filepath.Join("testdata", "golden", g.name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		request, response, ok := strings.Cut(strings.TrimPrefix(string(text), requestMark), responseMark)
		if !ok {
			t.Fatalf("%s has no response", g.name)
		}
		for _, m := range []struct {
			name, text string
			want       any
		}{{g.name + " request", request, g.request}, {g.name + " response", response, g.response}} {
			doc := []byte(strings.ReplaceAll(strings.TrimSuffix(m.text, "\n"), ">\n<", "><"))
			docs[m.name] = doc
			err = judge(t, doc)
			if err != nil {
				t.Errorf("%s: jacoelho/xsd: %v", m.name, err)
			}
			var rep pafornode.Report
			_, v, err := readEnvelope(doc, &rep)
			if err != nil || !rep.Valid() || !reflect.DeepEqual(v, m.want) {
				t.Errorf("%s: read %+v, %v, %v; want %+v", m.name, v, err, rep.Violations, m.want)
			}
		}
	}
	valid := xmllint(t, docs)
	for name := range docs {
		if valid != nil && !valid[name] {
			t.Errorf("%s: invalid for xmllint", name)
		}
	}
}

// lines shows a message one tag a line. No text holds a bare `>`, so that
// `><` stands between tags only.
func lines(doc []byte) []byte { return bytes.ReplaceAll(doc, []byte("><"), []byte(">\n<")) }

// difference shows the lines that differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i := range max(len(w), len(g)) {
		a, c := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			c = g[i]
		}
		if a != c {
			fmt.Fprintf(&b, "line %d\n-%s\n+%s\n", i+1, a, c)
		}
	}
	return b.String()
}
