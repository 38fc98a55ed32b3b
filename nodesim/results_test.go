package nodesim_test

import (
	"reflect"
	"strings"
	"testing"

	"nodobridge/nodesim"
)

func TestVerify_Result(t *testing.T) {
	t.Parallel()
	node, _ := saying(t, verifyOK)
	got, err := node.Verify(t.Context(), ec, nav)
	if err != nil {
		t.Fatal(err)
	}
	want := nodesim.VerifyResult{NoticeDescription: nodesim.NoticeDescription{
		Option:             nodesim.Option{Amount: 12000, DueDate: "2026-12-31", DetailDescription: "TARI, rata unica"},
		PaymentDescription: "TARI 2026", FiscalCodePA: ec, CompanyName: "Comune di Prova", OfficeName: "Tributi",
	}}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDemand_Result(t *testing.T) {
	t.Parallel()
	node, asked := saying(t, strings.Replace(demandOK, ">0<", ">1<", 1))
	got, err := node.Demand(t.Context(), nodesim.DemandRequest{EC: ec, Service: "00001", Subject: "00002", Data: []byte("<tassaAuto/>")})
	if err != nil {
		t.Fatal(err)
	}
	want := nodesim.DemandResult{FiscalCode: ec, NoticeNumber: nav, NoticeDescription: nodesim.NoticeDescription{
		Option:             nodesim.Option{Amount: 12000, AllCCP: true},
		PaymentDescription: "Bollo auto", FiscalCodePA: ec, CompanyName: "Regione di Prova",
	}}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !strings.Contains(asked.requests()[0].body, "<datiSpecificiServizioRequest>PHRhc3NhQXV0by8+</") {
		t.Errorf("the service's XML is not in base64: %s", asked.requests()[0].body)
	}
}

func TestGetPaymentV2_Result(t *testing.T) {
	t.Parallel()
	got := activated(t)
	want := nodesim.PaymentData{
		Version: nodesim.V2, Request: nodesim.ActivateRequest{EC: ec, NoticeNumber: nav, PaymentNote: "cart-1"},
		CreditorReferenceID: iuv, PaymentAmount: 12000, DueDate: "2026-12-31", RetentionDate: "2026-12-31T23:59:59.5+01:00",
		LastPayment: new(true), Description: "TARI 2026", CompanyName: "Comune di Prova", OfficeName: "Tributi",
		Debtor: nodesim.Subject{
			Type: "F", Code: "RSSMRA80A01H501U", FullName: "Mario Rossi", StreetName: "via Roma", CivicNumber: "1",
			PostalCode: "00100", City: "Roma", StateProvinceRegion: "RM", Country: "IT", Email: "mario@example.com",
		},
		Transfers: []nodesim.Transfer{
			{ID: 1, Amount: 10400, FiscalCodePA: ec, CompanyName: "Comune di Prova", IBAN: iban, RemittanceInformation: "TARI",
				TransferCategory: "0101002IM", Metadata: []nodesim.MapEntry{{Key: "IBANAPPOGGIO", Value: "IT57N0760114800000011050036"}}},
			{ID: 2, Amount: 1600, FiscalCodePA: second, RemittanceInformation: "Bollo", TransferCategory: "0101002IM",
				Stamp: &nodesim.Stamp{DocumentHash: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Type: "01", Province: "RM"}},
		},
		Metadata: []nodesim.MapEntry{{Key: "anno", Value: "2026"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestProbe_AnyAnswerThatSaysUnknownIsAlive(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		answer answer
		want   string // empty: alive
	}{
		{"the fault asked for", answer{body: envelop(verifyKO)}, ""},
		{"the word alone", answer{status: 202, body: "SCONOSCIUTO"}, ""},
		{"unknown domain", answer{body: envelop(strings.ReplaceAll(verifyKO, "PAA_PAGAMENTO_SCONOSCIUTO", "PAA_ID_DOMINIO_ERRATO"))}, "does not say SCONOSCIUTO"},
		{"right word, wrong status", answer{status: 404, body: envelop(verifyKO)}, "HTTP status is 404"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			node, asked := script(t, c.answer)
			err := node.Probe(t.Context(), ec)
			if c.want != "" {
				wantVerdict(t, err, nodesim.BadResponse, c.want)
			} else if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(asked.requests()[0].body, "<noticeNumber>000000000000000000</noticeNumber>") {
				t.Errorf("not a probe: %s", asked.requests()[0].body)
			}
			if !strings.Contains(asked.requests()[0].body, "<paf:paVerifyPaymentNoticeReq>") {
				t.Errorf("not as the prober writes: %s", asked.requests()[0].body)
			}
		})
	}
}

func TestParseCents(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		want nodesim.Cents
		ok   bool
	}{
		{"0.00", 0, true},
		{"0.01", 1, true},
		{"010.00", 1000, true},
		{"999999999.99", 99999999999, true},
		{"1000000000.00", 0, false},
		{"99999999999999999999999.00", 0, false},
		{"10", 0, false},
		{"10.0", 0, false},
		{"10.000", 0, false},
		{"10,00", 0, false},
		{"-1.00", 0, false},
		{"1e2.00", 0, false},
		{".10", 0, false},
		{"١.٠٠", 0, false},
		{"1.00\n", 0, false},
		{"", 0, false},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			got, err := nodesim.ParseCents(c.text)
			if got != c.want || (err == nil) != c.ok {
				t.Errorf("%d, %v; want %d, ok %v", got, err, c.want, c.ok)
			}
		})
	}
}

func TestCents_String(t *testing.T) {
	t.Parallel()
	for c, want := range map[nodesim.Cents]string{0: "0.00", 5: "0.05", 150: "1.50", 99999999999: "999999999.99", -5: "-0.05"} {
		if c.String() != want {
			t.Errorf("%d is %s, want %s", int64(c), c, want)
		}
	}
}

func TestFault_Error(t *testing.T) {
	t.Parallel()
	short := nodesim.Fault{Code: "PAA_SEMANTICA", String: "Errore semantico", ID: ec}
	long := short
	long.Description = "manca l'IBAN"
	if short.Error() != "PAA_SEMANTICA (Errore semantico)" || long.Error() != "PAA_SEMANTICA (Errore semantico): manca l'IBAN" {
		t.Errorf("%q, %q", short.Error(), long.Error())
	}
}
