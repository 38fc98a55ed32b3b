package nodesim_test

import (
	"errors"
	"strings"
	"testing"

	"nodobridge/nodesim"
)

func TestCalls_GoodAnswersAreAccepted(t *testing.T) {
	t.Parallel()
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node, _ := saying(t, c.good)
			fault, err := c.call(t.Context(), node)
			if err != nil || fault != nil {
				t.Fatalf("fault %v, error %v; want neither", fault, err)
			}
		})
	}
}

// spoilt is a good answer with one thing wrong, and what the node has to say about it.
type spoilt struct {
	name string
	call string // key of calls
	old  string // what to replace in the good answer, wherever it stands first
	new  string
	want string // part of the reason
	xsd  bool   // the official XSD refuses it as well; else the rule is the node's own
}

var spoiltAnswers = []spoilt{
	{"outcome in lower case", "verify", "OK<", "ok<", `outcome is "ok"`, true},
	{"outcome of another world", "receiptV2", "OK<", "KKL<", `outcome is "KKL"`, true},
	{"no outcome", "receiptV2", "<outcome>OK</outcome>", "", "outcome is missing", true},
	{"outcome twice", "receiptV1", "<outcome>OK</outcome>", "<outcome>OK</outcome><outcome>OK</outcome>", "too often", true},
	{"an element nobody knows", "receiptV1", "</outcome>", "</outcome><novelty/>", "novelty is not in the contract", true},
	{"OK with fault", "verify", "</outcome>", "</outcome><fault><faultCode>A</faultCode><faultString>B</faultString><id>C</id></fault>", "OK and there is a fault", false},
	{"KO without fault", "receiptV2", "OK<", "KO<", "KO and there is no fault", false},
	{"qualified children", "verify", "<outcome>OK</outcome>", "<paf:outcome>OK</paf:outcome>", "qualified with a namespace", true},
	{"default namespace on a child", "verify", "<outcome>", `<outcome xmlns="urn:x">`, "qualified with a namespace", true},
	{"loose text", "verify", "<outcome>", "oops<outcome>", "loose text", true},
	{"a foreign attribute", "verify", "<outcome>", `<outcome lang="it">`, "attribute lang", true},
	{"xsi:nil", "verify", "<outcome>", `<outcome xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true">`, "attribute i:nil", true},
	{"elements inside a leaf", "verify", "Tributi", "<b>Tributi</b>", "officeName holds elements", true},
	{"order of the answer", "verify", "<fiscalCodePA>77777777777</fiscalCodePA><companyName>Comune di Prova</companyName>",
		"<companyName>Comune di Prova</companyName><fiscalCodePA>77777777777</fiscalCodePA>", "out of order", true},

	{"verify without paymentDescription", "verify", "<paymentDescription>TARI 2026</paymentDescription>", "", "paymentDescription is missing", false},
	{"verify without fiscalCodePA", "verify", "<fiscalCodePA>77777777777</fiscalCodePA>", "", "fiscalCodePA is missing", false},
	{"verify without companyName", "verify", "<companyName>Comune di Prova</companyName>", "", "companyName is missing", false},
	{"verify without paymentList", "verify", verifyOK[strings.Index(verifyOK, "<paymentList>"):strings.Index(verifyOK, "<paymentDescription>")], "", "paymentList is missing", false},
	{"verify with two options", "verify", "<paymentOptionDescription>", "<paymentOptionDescription><amount>1.00</amount><options>EQ</options><allCCP>1</allCCP></paymentOptionDescription><paymentOptionDescription>", "too often", true},
	{"verify with a suspended option", "verify", ">EQ<", ">ANY<", `options is "ANY"`, false},
	{"verify with an unknown option", "verify", ">EQ<", ">XX<", `options is "XX"`, true},
	{"verify without allCCP", "verify", "<allCCP>false</allCCP>", "", "allCCP is missing", true},
	{"verify with allCCP neither true nor false", "verify", ">false<", ">3<", `allCCP is "3"`, true},
	{"verify of nothing to pay", "verify", ">120.00<", ">0.00<", "amount is zero", true},
	{"amount without decimals", "verify", ">120.00<", ">120<", "amount cannot read amount", true},
	{"amount with a comma", "verify", ">120.00<", ">120,00<", "amount cannot read amount", true},
	{"amount with a sign", "verify", ">120.00<", ">+120.00<", "amount cannot read amount", true},
	{"amount above the maximum", "verify", ">120.00<", ">1000000000.00<", "it is above 999999999.99", true},
	{"due date in the Italian way", "verify", ">2026-12-31<", ">31/12/2026<", "dueDate is", true},
	{"due date that is a moment", "verify", ">2026-12-31<", ">2026-12-31T00:00:00<", "dueDate is", true},
	{"due date not in the calendar", "verify", ">2026-12-31<", ">2026-02-30<", "not in the calendar", true},
	{"due date with an offset that does not exist", "verify", ">2026-12-31<", ">2026-12-31+14:01<", "offset does not exist", true},
	{"empty text", "verify", ">Tributi<", "><", "officeName has 0 characters", true},
	{"text of 141 characters", "verify", ">Tributi<", ">" + strings.Repeat("è", 141) + "<", "officeName has 141 characters", true},
	{"fiscal code of ten digits", "verify", ">77777777777<", ">7777777777<", "fiscalCodePA is", true},

	{"activation without data", "paymentV1", paymentV1OK[strings.Index(paymentV1OK, "<data>"):strings.Index(paymentV1OK, "</paf:")], "", "data is missing", false},
	{"sum of the transfers below the amount", "paymentV1", "<transferAmount>120.00", "<transferAmount>119.99", "sum to 119.99", false},
	{"V2 without companyName", "paymentV2", "<companyName>Comune di Prova</companyName>", "", "companyName is missing", true},
	{"activation without dueDate", "paymentV2", "<dueDate>2026-12-31</dueDate>", "", "dueDate is missing", true},
	{"no transfer", "paymentV1", paymentV1OK[strings.Index(paymentV1OK, "<transfer>"):strings.Index(paymentV1OK, "</transferList>")], "", "transfer is missing", true},
	{"six transfers", "paymentV1", "</transferList>", strings.Repeat(oneTransfer("2"), 5) + "</transferList>", "transfer is repeated too often", true},
	{"two transfers with one number", "paymentV1", "</transferList>", oneTransfer("1") + "</transferList>", "two transfers have idTransfer 1", false},
	{"transfer number 6", "paymentV1", "<idTransfer>1<", "<idTransfer>6<", "want 1 to 5", true},
	{"transfer of nothing", "paymentV1", "<transferAmount>120.00", "<transferAmount>0.00", "transferAmount is zero", true},
	{"V1 transfer with company name", "paymentV1", "<IBAN>", "<companyName>A</companyName><IBAN>", "IBAN is missing", true},
	{"V1 transfer without IBAN", "paymentV1", "<IBAN>" + iban + "</IBAN>", "", "IBAN is missing", true},
	{"V2 transfer with neither IBAN nor stamp", "paymentV2", "<IBAN>" + iban + "</IBAN>", "", "IBAN or richiestaMarcaDaBollo", true},
	{"V2 transfer with IBAN and stamp", "paymentV2", "<richiestaMarcaDaBollo>", "<IBAN>" + iban + "</IBAN><richiestaMarcaDaBollo>", "IBAN or richiestaMarcaDaBollo", true},
	{"stamp of another type", "paymentV2", "<tipoBollo>01", "<tipoBollo>02", "tipoBollo is", true},
	{"stamp hash that is not base64", "paymentV2", "47DEQpj8", "47DEQpj*", "not base64", true},
	{"stamp hash of 76 characters", "paymentV2", "47DEQpj8", strings.Repeat("AAAA", 10), "has 76 characters", true},
	{"province in lower case", "paymentV2", "<provinciaResidenza>RM", "<provinciaResidenza>rm", "provinciaResidenza is", true},
	{"metadata without entries", "paymentV2", "<mapEntry><key>anno</key><value>2026</value></mapEntry>", "", "mapEntry is missing", true},
	{"sixteen map entries", "paymentV2", "<mapEntry><key>anno</key><value>2026</value></mapEntry>", strings.Repeat("<mapEntry><key>k</key><value>v</value></mapEntry>", 16), "mapEntry is repeated too often", true},
	{"map entry without value", "paymentV2", "<value>2026</value>", "<value></value>", "value has 0 characters", true},
	{"debtor of a third kind", "paymentV2", "Type>F<", "Type>X<", `entityUniqueIdentifierType is "X"`, true},
	{"debtor's code too long", "paymentV2", "RSSMRA80A01H501U", "RSSMRA80A01H501UU", "has 17 characters", true},
	{"debtor without name", "paymentV2", "<fullName>Mario Rossi</fullName>", "", "fullName is missing", true},
	{"country of three letters", "paymentV2", ">IT<", ">ITA<", "country is", true},
	{"e-mail the contract does not like", "paymentV2", "mario@example.com", "mario@example..com", "stEMail", true},
	{"retention date without seconds", "paymentV2", "T23:59:59.5+01:00", "T23:59", "retentionDate is", true},

	{"demand without qrCode", "demand", demandOK[strings.Index(demandOK, "<qrCode>"):strings.Index(demandOK, "<paymentList>")], "", "qrCode is missing", false},
	{"demand without companyName", "demand", "<companyName>Regione di Prova</companyName>", "", "companyName is missing", false},
	{"demand with a notice number of 17 digits", "demand", "302000000000000012", "30200000000000012", "noticeNumber is", true},
}

// oneTransfer is a further transfer of version 1.
func oneTransfer(id string) string {
	return "<transfer><idTransfer>" + id + "</idTransfer><transferAmount>1.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA>" +
		"<IBAN>" + iban + "</IBAN><remittanceInformation>R</remittanceInformation><transferCategory>C</transferCategory></transfer>"
}

func (s spoilt) payload(t *testing.T) string {
	t.Helper()
	good := calls[s.call].good
	bad := strings.Replace(good, s.old, s.new, 1)
	if bad == good {
		t.Fatalf("the good answer does not hold %q: the case proves nothing", s.old)
	}
	return bad
}

func TestCalls_SpoiltAnswersAreErrorResponse(t *testing.T) {
	t.Parallel()
	for _, s := range spoiltAnswers {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			node, _ := saying(t, s.payload(t))
			fault, err := calls[s.call].call(t.Context(), node)
			wantBadResponse(t, fault, err, s.want)
		})
	}
}

// The table's last column, checked: nodesim refuses all that the official XSD refuses, and what it refuses besides is
// marked as the node's own rule.
func TestCalls_SpoiltAnswersAgreeWithOfficialXSD(t *testing.T) {
	t.Parallel()
	for judge, validate := range judges(t, wholeSchema(t)) {
		for name, c := range calls {
			err := validate(envelop(c.good))
			if err != nil {
				t.Errorf("%s refuses the good answer to %s: %v", judge, name, err)
			}
		}
		for _, s := range spoiltAnswers {
			err := validate(envelop(s.payload(t)))
			if (err != nil) != s.xsd {
				t.Errorf("%s on %q: %v; the table says refused = %v", judge, s.name, err, s.xsd)
			}
		}
	}
}

func TestCalls_BrokenEnvelopesAreErrorResponse(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"empty body", 200, "", "empty"},
		{"white space alone", 200, " \n", "empty"},
		{"not XML", 200, "internal error", "not well-formed"},
		{"truncated", 200, envelop(verifyOK)[:300], "not well-formed"},
		{"not UTF-8", 200, strings.Replace(envelop(verifyOK), "Tributi", "Citt\xe0", 1), "not well-formed"},
		{"a DTD", 200, strings.Replace(envelop(verifyOK), "?>", "?><!DOCTYPE a>", 1), "DTD"},
		{"no envelope", 200, verifyOK, "want a SOAP 1.1 Envelope"},
		{"SOAP 1.2", 200, strings.Replace(envelop(verifyOK), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1), "want a SOAP 1.1 Envelope"},
		{"no Body", 200, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>`, "does not hold one Body"},
		{"two Bodies", 200, strings.Replace(envelop(verifyOK), "<soapenv:Body>", "<soapenv:Body/><soapenv:Body>", 1), "does not hold one Body"},
		{"empty Body", 200, envelop(""), "Body holds 0 elements"},
		{"two payloads", 200, envelop(verifyOK + verifyOK), "Body holds 2 elements"},
		{"answer to another operation", 200, envelop(receiptV2OK), "want {http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd}paVerifyPaymentNoticeRes"},
		{"root without namespace", 200, envelop(strings.ReplaceAll(verifyOK, "paf:", "")), "the answer is {}paVerifyPaymentNoticeRes"},
		{"default namespace on the root", 200, envelop(strings.NewReplacer("paf:", "", ":paf", "").Replace(verifyOK)), "outcome is qualified"},
		{"root in another namespace", 200, envelop(strings.Replace(verifyOK, "paForNode.xsd", "paForNode", 1)), "the answer is {http://pagopa-api.pagopa.gov.it/pa/paForNode}"},
		{"SOAP Fault with HTTP 200", 200, envelop(`<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>boom</faultstring></soapenv:Fault>`), "SOAP Fault: boom"},
		{"SOAP Fault with HTTP 500", 500, envelop(`<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>boom</faultstring></soapenv:Fault>`), "HTTP status is 500"},
		{"good answer with HTTP 404", 404, envelop(verifyOK), "HTTP status is 404"},
		{"good answer with HTTP 202", 202, envelop(verifyOK), "HTTP status is 202"},
		{"redirect", 307, "", "HTTP status is 307"},
		{"longer than anyone reads", 200, strings.Repeat(" ", 5<<20), "longer than"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			node, _ := script(t, answer{status: c.status, body: c.body})
			r, err := node.Verify(t.Context(), ec, nav)
			wantBadResponse(t, r.Fault, err, c.want)
		})
	}
}

func TestFault_KOIsAnAnswer(t *testing.T) {
	t.Parallel()
	node, _ := saying(t, verifyKO)
	r, err := node.Verify(t.Context(), ec, nav)
	if err != nil {
		t.Fatal(err)
	}
	want := nodesim.Fault{
		Code: "PAA_PAGAMENTO_SCONOSCIUTO", String: "Pagamento in attesa risulta sconosciuto", ID: ec, Description: "numero avviso ignoto",
	}
	if r.Fault == nil || *r.Fault != want {
		t.Fatalf("fault %+v, want %+v", r.Fault, want)
	}
}

func TestFault_KOWithoutItsThreePartsIsErrorResponse(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, old, new, want string }{
		{"no faultCode", "<faultCode>PAA_PAGAMENTO_SCONOSCIUTO</faultCode>", "", "faultCode is missing"},
		{"no faultString", "<faultString>Pagamento in attesa risulta sconosciuto</faultString>", "", "faultString is missing"},
		{"no id", "<id>77777777777</id>", "", "id is missing"},
		{"empty faultCode", "PAA_PAGAMENTO_SCONOSCIUTO", "", "fault's faultCode is empty"},
		{"empty faultString", "Pagamento in attesa risulta sconosciuto", "", "fault's faultString is empty"},
		{"blank id", "<id>77777777777</id>", "<id> </id>", "fault's id is empty"},
		{"description before id", "<id>77777777777</id><description>numero avviso ignoto</description>", "<description>d</description><id>7</id>", "id is missing here: found description"},
		{"serial that is no number", "</description>", "</description><serial>first</serial>", "serial is"},
		{"fault after the rest", "<fault>", "<paymentDescription>d</paymentDescription><fault>", "fault is repeated too often or stands out of order"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(verifyKO, c.old, c.new, 1)
			if bad == verifyKO {
				t.Fatal("nothing was replaced: the case proves nothing")
			}
			node, _ := saying(t, bad)
			r, err := node.Verify(t.Context(), ec, nav)
			wantBadResponse(t, r.Fault, err, c.want)
		})
	}
}

// The other side of severity: what is written unusually but rightly must pass.
func TestVerify_UnusualButRightAnswersAreAccepted(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, body string }{
		{"byte order mark", "\ufeff" + envelop(verifyOK)},
		{"SOAP Header", strings.Replace(envelop(verifyOK), "<soapenv:Body>", "<soapenv:Header><x xmlns=\"urn:x\"/></soapenv:Header><soapenv:Body>", 1)},
		{"default namespace undone on the children", strings.NewReplacer("paf:", "", ":paf", "", "<outcome>", `<outcome xmlns="">`,
			"<paymentList>", `<paymentList xmlns="">`, "<paymentDescription>", `<paymentDescription xmlns="">`, "<fiscalCodePA>", `<fiscalCodePA xmlns="">`,
			"<companyName>", `<companyName xmlns="">`, "<officeName>", `<officeName xmlns="">`).Replace(envelop(verifyOK))},
		{"comment inside a text", strings.Replace(envelop(verifyOK), "120.00", "120<!-- euro -->.00", 1)},
		{"no due date", strings.Replace(envelop(verifyOK), "<dueDate>2026-12-31</dueDate>", "", 1)},
		{"due date with offset", strings.Replace(envelop(verifyOK), "2026-12-31", "2026-12-31+02:00", 1)},
		{"amount with leading zeros", strings.Replace(envelop(verifyOK), "120.00", "000000000000120.00", 1)},
		{"140 characters outside the basic plane", strings.Replace(envelop(verifyOK), "Tributi", strings.Repeat("🏛", 140), 1)},
		{"indented", strings.ReplaceAll(envelop(verifyOK), "><", ">\n  <")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			node, _ := script(t, answer{body: c.body})
			r, err := node.Verify(t.Context(), ec, nav)
			if err != nil || r.Fault != nil {
				t.Fatalf("fault %v, error %v; want neither", r.Fault, err)
			}
			if r.Option.Amount != 12000 {
				t.Errorf("amount %s, want 120.00", r.Option.Amount)
			}
		})
	}
}

func TestGetPayment_UnknownBeneficiariesAreErrorResponse(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		creditors map[string][]string
		want      string // empty: accepted
	}{
		{"no registry", nil, ""},
		{"all known", map[string][]string{ec: {iban}, second: nil}, ""},
		{"secondary institution unknown", map[string][]string{ec: {iban}}, "creditor institution 66666666666 is not known"},
		{"IBAN of somebody else", map[string][]string{ec: {"IT57N0760114800000011050036"}, second: {iban}}, "IBAN is not registered"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			node, _ := saying(t, paymentV2OK)
			node.Creditors = c.creditors
			r, err := node.GetPaymentV2(t.Context(), nodesim.ActivateRequest{EC: ec, NoticeNumber: nav})
			if c.want == "" && err == nil {
				return
			}
			wantBadResponse(t, r.Fault, err, c.want)
		})
	}
}

func wantBadResponse(t *testing.T, fault *nodesim.Fault, err error, reason string) {
	t.Helper()
	wantVerdict(t, err, nodesim.BadResponse, reason)
	if fault != nil {
		t.Errorf("fault %v beside the error, want none", fault)
	}
}

func wantVerdict(t *testing.T, err error, code nodesim.NodeCode, reason string) {
	t.Helper()
	verdict, ok := errors.AsType[*nodesim.NodeError](err)
	if !ok || verdict.Code != code || !strings.Contains(verdict.Reason, reason) {
		t.Fatalf("error %v, want %s because of %q", err, code, reason)
	}
}
