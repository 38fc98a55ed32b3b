package pafornode_test

import (
	"slices"
	"strings"
	"testing"

	"nodobridge/wsdl/pafornode"
)

func TestEncode_OnlyTheRootIsQualified(t *testing.T) {
	t.Parallel()
	for _, root := range roots {
		doc := string(root.encode(root.create()))
		body := strings.TrimSuffix(strings.TrimPrefix(doc, pafornode.EnvelopeOpen), pafornode.EnvelopeClose)
		if !strings.HasPrefix(body, "<paf:"+root.name+">") || !strings.HasSuffix(body, "</paf:"+root.name+">") {
			t.Errorf("%s: %s", root.name, body)
		}
		if strings.Count(body, "paf:") != 2 || strings.Contains(body, "xmlns") {
			t.Errorf("%s qualifies more than its root: %s", root.name, body)
		}
	}
}

func TestEncode_MandatoryFalseAndZeroArePresent(t *testing.T) {
	t.Parallel()
	list := pafornode.PaVerifyPaymentNoticeRes{PaymentList: new(pafornode.PaymentOptionsDescriptionListPA)}
	got := string(pafornode.AppendPaVerifyPaymentNoticeRes(nil, &list))
	for _, want := range []string{"<allCCP>false</allCCP>", "<amount>0.00</amount>", "<options></options>", "<outcome></outcome>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s misses %s", got, want)
		}
	}
	for _, absent := range []string{"dueDate", "detailDescription", "fault", "companyName"} {
		if strings.Contains(got, absent) {
			t.Errorf("%s has %s, which is not set", got, absent)
		}
	}
}

func TestEncode_SetIsPresentEvenWhenZero(t *testing.T) {
	t.Parallel()
	v := receiptV2()
	v.Receipt.StandIn, v.Receipt.Fee, v.Receipt.PaymentNote = pafornode.Some(false), pafornode.Some[int64](0), pafornode.Some("")
	got := string(pafornode.AppendPaSendRTV2Request(nil, v))
	for _, want := range []string{"<standIn>false</standIn>", "<fee>0.00</fee>", "<paymentNote></paymentNote>"} {
		if !strings.Contains(got, want) {
			t.Errorf("misses %s", want)
		}
	}
}

func TestEncode_ChoiceStandsInItsPlace(t *testing.T) {
	t.Parallel()
	got := string(pafornode.AppendPaGetPaymentV2Response(nil, getResponseV2()))
	for _, want := range []string{
		"</companyName><IBAN>IT60X0542811101000000123456</IBAN><remittanceInformation>",
		"</fiscalCodePA><richiestaMarcaDaBollo><hashDocumento>",
		"</richiestaMarcaDaBollo><remittanceInformation>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s misses %s", got, want)
		}
	}
}

func TestEncode_Text(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"plain", "Comune di Forlì", "Comune di Forlì"},
		{"markup", `<a & 'b' "c">`, `&lt;a &amp; 'b' "c"&gt;`},
		{"section end", "]]>", "]]&gt;"},
		{"white space", "a\tb\nc\rd", "a\tb\nc&#13;d"},
		{"controls", "a\x00b\x1bc", "a\uFFFDb\uFFFDc"},
		{"non-characters", "a\uFFFEb\uFFFF", "a\uFFFDb\uFFFD"},
		{"not UTF-8", "a\xE8b\xED\xA0\x80", "a\uFFFDb\uFFFD\uFFFD\uFFFD"},
		{"beyond the first plane", "\U0001F600\U0010FFFF", "\U0001F600\U0010FFFF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := pafornode.PaSendRTRes{Response: pafornode.Response{Outcome: c.text}}
			got := string(pafornode.AppendPaSendRTRes(nil, &v))
			want := "<paf:paSendRTRes><outcome>" + c.want + "</outcome></paf:paSendRTRes>"
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestEncode_Amounts(t *testing.T) {
	t.Parallel()
	for cents, want := range map[int64]string{0: "0.00", 1: "0.01", 99: "0.99", 100: "1.00", 99999999999: "999999999.99", -1: "-0.01", -1 << 63: "-92233720368547758.08"} {
		v := getRequestV2()
		v.Amount = pafornode.Some(cents)
		if got := string(pafornode.AppendPaGetPaymentV2Request(nil, v)); !strings.Contains(got, "<amount>"+want+"</amount>") {
			t.Errorf("%d cents: %s", cents, got)
		}
	}
}

func TestValidate_FindsWhatTheDecoderFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path, rule string
		change           func(*pafornode.PaSendRTV2Request)
	}{
		{"text", "/idPA", pafornode.RuleMinLength, func(v *pafornode.PaSendRTV2Request) { v.IdPA = "" }},
		{"pattern", "/receipt/noticeNumber", pafornode.RulePattern, func(v *pafornode.PaSendRTV2Request) { v.Receipt.NoticeNumber = "3" }},
		{"optional", "/receipt/paymentNote", pafornode.RuleMaxLength, func(v *pafornode.PaSendRTV2Request) {
			v.Receipt.PaymentNote = pafornode.Some(strings.Repeat("è", 211))
		}},
		{"amount", "/receipt/paymentAmount", pafornode.RuleMaxInclusive, func(v *pafornode.PaSendRTV2Request) { v.Receipt.PaymentAmount = 100000000000 }},
		{"negative amount", "/receipt/fee", pafornode.RulePattern, func(v *pafornode.PaSendRTV2Request) { v.Receipt.Fee = pafornode.Some[int64](-1) }},
		{"zero amount", "/receipt/transferList/transfer[2]/transferAmount", pafornode.RuleMinInclusive, func(v *pafornode.PaSendRTV2Request) { v.Receipt.TransferList.Transfer[1].TransferAmount = 0 }},
		{"number", "/receipt/transferList/transfer[1]/idTransfer", pafornode.RuleEnumeration, func(v *pafornode.PaSendRTV2Request) { v.Receipt.TransferList.Transfer[0].IdTransfer = 6 }},
		{"date", "/receipt/transferDate", pafornode.RuleLexical, func(v *pafornode.PaSendRTV2Request) { v.Receipt.TransferDate.Value = "2026-02-30" }},
		{"choice none", "/receipt/transferList/transfer[1]", pafornode.RuleChoice, func(v *pafornode.PaSendRTV2Request) { v.Receipt.TransferList.Transfer[0].Choice.Kind = 0 }},
		{"choice unknown", "/receipt/transferList/transfer[1]", pafornode.RuleChoice, func(v *pafornode.PaSendRTV2Request) { v.Receipt.TransferList.Transfer[0].Choice.Kind = 3 }},
		{"choice", "/receipt/transferList/transfer[2]/MBDAttachment", pafornode.RuleLexical, func(v *pafornode.PaSendRTV2Request) {
			v.Receipt.TransferList.Transfer[1].Choice.MBDAttachment = "A"
		}},
		{"empty list", "/receipt/transferList/transfer", pafornode.RuleMissing, func(v *pafornode.PaSendRTV2Request) { v.Receipt.TransferList.Transfer = nil }},
		{"long list", "/receipt/metadata/mapEntry", pafornode.RuleTooMany, func(v *pafornode.PaSendRTV2Request) { v.Receipt.Metadata = metadata(16) }},
		{"optional complex", "/receipt/payer/fullName", pafornode.RuleMinLength, func(v *pafornode.PaSendRTV2Request) { v.Receipt.Payer.FullName = "" }},
		{"control", "/receipt/description", pafornode.RuleCharacter, func(v *pafornode.PaSendRTV2Request) { v.Receipt.Description = "a\x1bb" }},
		{"not UTF-8", "/receipt/description", pafornode.RuleCharacter, func(v *pafornode.PaSendRTV2Request) { v.Receipt.Description = "a\xE8" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := receiptV2()
			c.change(v)
			var rep pafornode.Report
			v.Validate(&rep)
			want := []pafornode.Violation{{Path: "/paSendRTV2Request" + c.path, Rule: c.rule}}
			if !slices.Equal(rep.Violations, want) {
				t.Errorf("%v, want %v", rep.Violations, want)
			}
		})
	}
}

func TestOperations_AreTheSixOfTheContract(t *testing.T) {
	t.Parallel()
	suffixes := map[string][2]string{
		"paVerifyPaymentNotice": {"Req", "Res"}, "paGetPayment": {"Req", "Res"}, "paSendRT": {"Req", "Res"},
		"paGetPaymentV2": {"Request", "Response"}, "paSendRTV2": {"Request", "Response"}, "paDemandPaymentNotice": {"Request", "Response"},
	}
	if len(pafornode.Operations) != len(suffixes) {
		t.Errorf("%d operations", len(pafornode.Operations))
	}
	for _, o := range pafornode.Operations {
		s := suffixes[o.Name]
		if o.SOAPAction != o.Name || o.Request != o.Name+s[0] || o.Response != o.Name+s[1] || rootNamed(o.Request) == nil || rootNamed(o.Response) == nil {
			t.Errorf("%+v", o)
		}
	}
}

func TestOpt_Or(t *testing.T) {
	t.Parallel()
	if got := (pafornode.Opt[string]{}).Or("x"); got != "x" {
		t.Errorf("absent is %q", got)
	}
	if got := pafornode.Some("").Or("x"); got != "" {
		t.Errorf("empty is %q", got)
	}
}
