package pafornode_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// read decodes a paSendRTV2Request in an envelope.
func read(t *testing.T, doc string) (*pafornode.PaSendRTV2Request, *pafornode.Report, error) {
	t.Helper()
	rep := new(pafornode.Report)
	v := new(pafornode.PaSendRTV2Request)
	err := pafornode.DecodePaSendRTV2Request(payload(t, doc), v, rep)
	return v, rep, err
}

func receipt() string { return string(rootNamed("paSendRTV2Request").encode(receiptV2())) }

func TestDecode_ForgivesHowNamespacesAreWritten(t *testing.T) {
	t.Parallel()
	doc := receipt()
	const namespace = `xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"`
	for name, other := range map[string]string{
		"any prefix":             strings.ReplaceAll(doc, "paf", "pafn"),
		"byte order mark":        "\uFEFF" + doc,
		"default on root undone": strings.NewReplacer("<paf:paSendRTV2Request>", `<paSendRTV2Request xmlns="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">`, "</paf:", "</", "<idPA>", `<idPA xmlns="">`, "<idBrokerPA>", `<idBrokerPA xmlns="">`, "<idStation>", `<idStation xmlns="">`, "<receipt>", `<receipt xmlns="">`).Replace(doc),
		"declared on the root":   once(once(doc, " "+namespace, ""), "<paf:paSendRTV2Request>", "<paf:paSendRTV2Request "+namespace+">"),
		"indented":               strings.ReplaceAll(doc, "><", ">\r\n\t<"),
	} {
		v, rep, err := read(t, other)
		if err != nil || !rep.Valid() || !reflect.DeepEqual(v, receiptV2()) {
			t.Errorf("%s: %v, %v, %v", name, err, rep.Violations, rep.Unknown)
		}
	}
}

func TestDecode_ISO88591IsTranscodedExactly(t *testing.T) {
	t.Parallel()
	all := make([]byte, 0, 128)
	var want strings.Builder
	for c := 0x80; c <= 0xFF; c++ {
		all = append(all, byte(c))
		want.WriteRune(rune(c))
	}
	doc := once(once(receipt(), `encoding="UTF-8"`, `encoding="ISO-8859-1"`), "pagata allo sportello", string(all))
	v, rep, err := read(t, doc)
	if err != nil || rep.ViolationCount > 0 || v.Receipt.PaymentNote.Value != want.String() {
		t.Errorf("%v, %v, %q", err, rep.Violations, v.Receipt.PaymentNote.Value)
	}
}

func TestDecode_UnknownElementsAreSkippedAndReported(t *testing.T) {
	t.Parallel()
	doc := once(receipt(), "<idPSP>", "<nuovo><idPSP>ROSSI</idPSP></nuovo><idPSP>")
	doc = once(doc, "</receipt>", "</receipt><x:standin xmlns:x='urn:x'>true</x:standin>")
	v, rep, err := read(t, doc)
	if err != nil || rep.ViolationCount > 0 || rep.UnknownCount != 2 || !reflect.DeepEqual(v, receiptV2()) {
		t.Fatalf("%v, %v, %v", err, rep.Violations, rep.UnknownCount)
	}
	want := []string{"/paSendRTV2Request/receipt/nuovo", "/paSendRTV2Request/standin"}
	if !slices.Equal(rep.Unknown, want) {
		t.Errorf("unknown %v, want %v", rep.Unknown, want)
	}
}

func TestDecode_ReportsAreBounded(t *testing.T) {
	t.Parallel()
	name := "n" + strings.Repeat("è", 100)
	doc := once(receipt(), "</receipt>", strings.Repeat("<"+name+"/>", 1000)+"</receipt>")
	doc = once(doc, "<mapEntry>", strings.Repeat("<mapEntry/>", 100)+"<mapEntry>")
	_, rep, err := read(t, doc)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Unknown) != pafornode.MaxUnknown || rep.UnknownCount != 1000 {
		t.Errorf("%d unknown kept of %d", len(rep.Unknown), rep.UnknownCount)
	}
	if want := "/paSendRTV2Request/receipt/n" + strings.Repeat("è", 31); rep.Unknown[0] != want { // 64 bytes, no half letter
		t.Errorf("unknown %q, want %q", rep.Unknown[0], want)
	}
	if len(rep.Violations) != pafornode.MaxViolations || rep.ViolationCount != 201 { // key and value of each, and too many
		t.Errorf("%d violations kept of %d", len(rep.Violations), rep.ViolationCount)
	}
}

func TestDecode_RefusesWhatIsAmbiguous(t *testing.T) {
	t.Parallel()
	const amount = "<paymentAmount>120.10</paymentAmount>"
	const iban = "<IBAN>IT60X0542811101000000123456</IBAN>"
	for _, c := range []struct {
		name, old, new string
		want           error
	}{
		{"repeated element", amount, amount + "<paymentAmount>99.00</paymentAmount>", &pafornode.RepeatedError{Path: "/paSendRTV2Request/receipt/paymentAmount"}},
		{"repeated at a distance", "<standIn>", amount + "<standIn>", &pafornode.RepeatedError{Path: "/paSendRTV2Request/receipt/paymentAmount"}},
		{"repeated complex element", "</receipt>", "</receipt><receipt/>", &pafornode.RepeatedError{Path: "/paSendRTV2Request/receipt"}},
		{"repeated in the second transfer", "<MBDAttachment>", "<idTransfer>3</idTransfer><MBDAttachment>", &pafornode.RepeatedError{Path: "/paSendRTV2Request/receipt/transferList/transfer[2]/idTransfer"}},
		{"repeated alternative", iban, iban + iban, &pafornode.RepeatedError{Path: "/paSendRTV2Request/receipt/transferList/transfer[1]/IBAN"}},
		{"both alternatives", iban, iban + "<MBDAttachment/>", &pafornode.ChoiceError{Path: "/paSendRTV2Request/receipt/transferList/transfer[1]/MBDAttachment"}},
		{"qualified child", amount, "<paf:paymentAmount>99.00</paf:paymentAmount>", &pafornode.QualifiedError{Path: "/paSendRTV2Request/receipt/paymentAmount"}},
		{"qualified child beside the bare one", amount, amount + "<e:paymentAmount xmlns:e='urn:evil'>99.00</e:paymentAmount>", &pafornode.QualifiedError{Path: "/paSendRTV2Request/receipt/paymentAmount"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := read(t, once(receipt(), c.old, c.new))
			if !reflect.DeepEqual(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestDecode_RefusesMalformedLeaves(t *testing.T) {
	t.Parallel()
	for text, rule := range map[string]string{
		"10<!-- -->0.00": xmlpull.RuleLeafComment,
		"10<?x?>0.00":    xmlpull.RuleInstruction,
		"10<b/>0.00":     xmlpull.RuleLeafChild,
		"&#0;":           xmlpull.RuleReference,
	} {
		_, _, err := read(t, once(receipt(), "<paymentAmount>120.10", "<paymentAmount>"+text))
		var syntax *xmlpull.SyntaxError
		if !errors.As(err, &syntax) || syntax.Rule != rule {
			t.Errorf("%s: %v, want %s", text, err, rule)
		}
	}
}

func TestDecode_RefusesAnotherRoot(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{envelope(getRequest), strings.Replace(receipt(), pafornode.Namespace, "urn:evil", 1)} {
		_, _, err := read(t, doc)
		if !reflect.DeepEqual(err, &pafornode.RootError{Want: "paSendRTV2Request"}) {
			t.Errorf("got %v", err)
		}
	}
}

func TestDecode_ReportsWhatIsInvalidAndReadsOn(t *testing.T) {
	t.Parallel()
	const at = "/paSendRTV2Request/receipt"
	for _, c := range []struct{ name, old, new, path, rule string }{
		{"missing", "<idPSP>BPPIITRRXXX</idPSP>", "", at + "/idPSP", pafornode.RuleMissing},
		{"order", "<idPSP>BPPIITRRXXX</idPSP><pspFiscalCode>97103880585</pspFiscalCode>", "<pspFiscalCode>97103880585</pspFiscalCode><idPSP>BPPIITRRXXX</idPSP>", at + "/idPSP", pafornode.RuleOrder},
		{"choice missing", "<IBAN>IT60X0542811101000000123456</IBAN>", "", at + "/transferList/transfer[1]", pafornode.RuleChoice},
		{"list missing", "<mapEntry><key>chiave</key><value>valore</value></mapEntry>", "", at + "/transferList/transfer[1]/metadata/mapEntry", pafornode.RuleMissing},
		{"list too long", "<mapEntry>", strings.Repeat("<mapEntry><key>k</key><value>v</value></mapEntry>", 15) + "<mapEntry>", at + "/transferList/transfer[1]/metadata/mapEntry[16]", pafornode.RuleTooMany},
		{"pattern", "mario.rossi+tari@example.it", "d'angelo@example.it", at + "/debtor/e-mail", pafornode.RulePattern},
		{"length", "<fiscalCode>77777777777", "<fiscalCode>7", at + "/fiscalCode", pafornode.RuleLength},
		{"minLength", "RSSMRA80A01H501U", "R", at + "/debtor/uniqueIdentifier/entityUniqueIdentifierValue", pafornode.RuleMinLength},
		{"maxLength", "1/bis", "12345678901234567", at + "/debtor/civicNumber", pafornode.RuleMaxLength},
		{"enumeration", "<outcome>OK", "<outcome>ok", at + "/outcome", pafornode.RuleEnumeration},
		{"enumeration of numbers", "<idTransfer>1", "<idTransfer>6", at + "/transferList/transfer[1]/idTransfer", pafornode.RuleEnumeration},
		{"minInclusive", "<transferAmount>104.10", "<transferAmount>0.00", at + "/transferList/transfer[1]/transferAmount", pafornode.RuleMinInclusive},
		{"maxInclusive", "<fee>1.50", "<fee>1000000000.00", at + "/fee", pafornode.RuleMaxInclusive},
		{"lexical amount", "<fee>1.50", "<fee>1,50", at + "/fee", pafornode.RuleLexical},
		{"pattern of amounts", "<fee>1.50", "<fee>1.5", at + "/fee", pafornode.RulePattern},
		{"lexical boolean", "<standIn>false", "<standIn>no", at + "/standIn", pafornode.RuleLexical},
		{"lexical int", "<idTransfer>1", "<idTransfer>uno", at + "/transferList/transfer[1]/idTransfer", pafornode.RuleLexical},
		{"lexical date", "<transferDate>2026-11-24", "<transferDate>24/11/2026", at + "/transferDate", pafornode.RuleLexical},
		{"lexical base64", "PG1hcmNhRGFCb2xsby8+", "<![CDATA[<marcaDaBollo/>]]>", at + "/transferList/transfer[2]/MBDAttachment", pafornode.RuleLexical},
		{"attribute", "<fee>", "<fee x='ROSSI'>", at + "/fee", pafornode.RuleAttribute},
		{"nil", "<fee>", "<fee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'>", at + "/fee", pafornode.RuleNil},
		{"type", "<fee>", "<fee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='x'>", at + "/fee", pafornode.RuleType},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v, rep, err := read(t, once(receipt(), c.old, c.new))
			want := []pafornode.Violation{{Path: c.path, Rule: c.rule}}
			if err != nil || !slices.Equal(rep.Violations, want) {
				t.Errorf("%v, %v; want %v", err, rep.Violations, want)
			}
			if v.Receipt.ReceiptId != receiptV2().Receipt.ReceiptId || v.Receipt.PaymentAmount != 12010 || v.Receipt.TransferDate.Value == "" {
				t.Errorf("the rest is not read: %+v", v.Receipt)
			}
		})
	}
}

func TestDecode_UnreadableNumbersAreZero(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1e2", "+10.00", "10,00", "10.000", "-1.00", "NaN", "", strings.Repeat("9", 30) + ".00"} {
		v, rep, err := read(t, once(receipt(), "<paymentAmount>120.10", "<paymentAmount>"+text))
		if err != nil || v.Receipt.PaymentAmount != 0 || len(rep.Violations) != 1 || rep.Violations[0].Path != "/paSendRTV2Request/receipt/paymentAmount" {
			t.Errorf("%q: %v, %d, %v", text, err, v.Receipt.PaymentAmount, rep.Violations)
		}
	}
	long := strings.Repeat("0", 21) + "1.00"
	v, rep, err := read(t, once(receipt(), "<paymentAmount>120.10", "<paymentAmount>"+long))
	if err != nil || !rep.Valid() || v.Receipt.PaymentAmount != 100 {
		t.Errorf("%s: %v, %d, %v", long, err, v.Receipt.PaymentAmount, rep.Violations)
	}
}

func TestDecode_AmountsOfAnotherFormAreToldFromNoAmounts(t *testing.T) {
	t.Parallel()
	for text, rule := range map[string]string{
		"": pafornode.RuleLexical, ".": pafornode.RuleLexical, "+": pafornode.RuleLexical, "1e2": pafornode.RuleLexical, "1.2.3": pafornode.RuleLexical, "--1": pafornode.RuleLexical, "١.٠٠": pafornode.RuleLexical,
		"10": pafornode.RulePattern, "10.": pafornode.RulePattern, ".10": pafornode.RulePattern, "+10.00": pafornode.RulePattern, "-10.00": pafornode.RulePattern, "10.000": pafornode.RulePattern,
		"9999999999999999.99": pafornode.RuleMaxInclusive, "99999999999999999.99": pafornode.RuleMaxInclusive,
	} {
		_, rep, err := read(t, once(receipt(), "<paymentAmount>120.10", "<paymentAmount>"+text))
		if err != nil || len(rep.Violations) != 1 || rep.Violations[0].Rule != rule {
			t.Errorf("%q: %v, %v; want %s", text, err, rep.Violations, rule)
		}
	}
}

func TestDecode_Base64IsKeptAsReceived(t *testing.T) {
	t.Parallel()
	const wire = " PG1hcmNh\nRGFCb2xs\tby8+\n"
	v, rep, err := read(t, once(receipt(), "PG1hcmNhRGFCb2xsby8+", wire))
	choice := v.Receipt.TransferList.Transfer[1].Choice
	if err != nil || !rep.Valid() || choice.MBDAttachment != wire || choice.Kind != pafornode.TransferPAReceiptV2ChoiceMBDAttachment {
		t.Errorf("%v, %v, %+v", err, rep.Violations, choice)
	}
}

func TestDecode_LargeBase64AndNoOtherLargeValue(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("AAAA", 100<<10/4)
	_, rep, err := read(t, once(receipt(), "PG1hcmNhRGFCb2xsby8+", large))
	if err != nil || !rep.Valid() {
		t.Errorf("%v, %v", err, rep.Violations)
	}
	_, _, err = read(t, once(receipt(), "pagata allo sportello", large))
	var syntax *xmlpull.SyntaxError
	if !errors.As(err, &syntax) || syntax.Rule != xmlpull.RuleMaxLeaf {
		t.Errorf("got %v", err)
	}
}

func TestDecode_ListsAreWhole(t *testing.T) {
	t.Parallel()
	v := receiptV2()
	transfer := v.Receipt.TransferList.Transfer[0]
	transfer.Metadata = metadata(15)
	v.Receipt.TransferList.Transfer = nil
	for i := range 5 {
		transfer.IdTransfer = int32(i + 1)
		v.Receipt.TransferList.Transfer = append(v.Receipt.TransferList.Transfer, transfer)
	}
	back, rep, err := read(t, string(rootNamed("paSendRTV2Request").encode(v)))
	if err != nil || !rep.Valid() || !reflect.DeepEqual(back, v) {
		t.Errorf("%v, %v, %+v", err, rep.Violations, back)
	}
}

func TestDecode_NothingOfTheMessageBeforeRemains(t *testing.T) {
	t.Parallel()
	v := receiptV2()
	var rep pafornode.Report
	err := pafornode.DecodePaSendRTV2Request(payload(t, envelope("<paf:paSendRTV2Request/>")), v, &rep)
	if err != nil || !reflect.DeepEqual(v, new(pafornode.PaSendRTV2Request)) || rep.ViolationCount != 4 {
		t.Errorf("%v, %+v, %v", err, v, rep.Violations)
	}
}

func TestReports_NeverHoldValues(t *testing.T) {
	t.Parallel()
	doc := receipt()
	for _, value := range []string{"77777777777_01", "302000100000009424", "<outcome>OK", "<idTransfer>1", "<fee>1.50", "<standIn>false", "<transferDate>2026-11-24"} {
		tag, _, ok := strings.Cut(value, ">")
		secret := "ROSSI MARIO"
		if ok {
			secret = tag + ">" + secret
		}
		_, rep, err := read(t, once(doc, value, secret))
		if text := fmt.Sprint(err, rep.Violations, rep.Unknown); strings.Contains(text, "ROSSI") {
			t.Errorf("%s", text)
		}
	}
}
