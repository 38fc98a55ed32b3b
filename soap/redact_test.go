package soap_test

import (
	"strings"
	"testing"

	"nodobridge/internal/judge"
	"nodobridge/soap"
)

// canaries is a receipt with a person in every place that can hold one.
func canaries(t *testing.T) string {
	t.Helper()
	person := func(role string) string {
		return "<" + role + `><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>CANARY80A01H501U</entityUniqueIdentifierValue></uniqueIdentifier>` +
			`<fullName>Canary Uno</fullName><streetName>Via Canary</streetName><civicNumber>Canary</civicNumber><postalCode>Canary</postalCode><city>Canary</city><e-mail>canary@example.org</e-mail></` + role + ">"
	}
	body := receiptOf(nav1, "r1")
	before, rest, found := strings.Cut(body, "<debtor>")
	_, after, ended := strings.Cut(rest, "</debtor>")
	if !found || !ended {
		t.Fatal("no debtor")
	}
	body = before + person("debtor") + after
	return strings.NewReplacer(
		"TARI 2026", "Canary retta asilo",
		"<channelDescription>app</channelDescription>", "<channelDescription>app</channelDescription>"+person("payer"),
		"<transferCategory>9/0101108TS/</transferCategory>", "<transferCategory>9/0101108TS/</transferCategory><metadata><mapEntry><key>Canary</key><value>Canary</value></mapEntry></metadata>",
		"</receipt>", "<unknown>Canary</unknown></receipt>", "<soapenv:Body>", "<soapenv:Header><x>Canary</x></soapenv:Header><soapenv:Body>", "<receipt>", "<receipt><!-- Canary -->",
	).Replace(body)
}

// A redacted receipt names nobody, says every amount, and is read as a receipt.
func TestRedactReceipt(t *testing.T) {
	t.Parallel()
	raw := canaries(t)
	for name, document := range map[string]string{
		"as it came": raw, "version 1": strings.ReplaceAll(raw, "paSendRTV2Request", "paSendRTReq"),
		"ISO-8859-1": strings.NewReplacer("UTF-8", "ISO-8859-1", "Banca di Prova", "Banca di Forl\xec").Replace(raw),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := soap.RedactReceipt([]byte(document), "ANON0123456789ab")
			if err != nil {
				t.Fatal(err)
			}
			text := string(out)
			if strings.Contains(strings.ToLower(text), "canary") {
				t.Errorf("it still names somebody:\n%s", text)
			}
			before, err := soap.DecodeReceipt([]byte(document))
			if err != nil {
				t.Fatal(err)
			}
			after, err := soap.DecodeReceipt(out)
			if err != nil {
				t.Fatal(err)
			}
			b, a := before.Receipt, after.Receipt
			if a.Amount != b.Amount || a.TransferTotal != b.TransferTotal || a.ReceiptID != b.ReceiptID || a.NAV != b.NAV || a.IUV != b.IUV || a.PSPCompany != b.PSPCompany || a.PaymentDateTime != b.PaymentDateTime || a.Version != b.Version {
				t.Errorf("read as %+v, was %+v", a, b)
			}
			if a.DebtorFiscalCode != "ANON0123456789ab" || strings.Count(text, "ANON0123456789ab") != 1 {
				t.Errorf("the debtor is %q", a.DebtorFiscalCode)
			}
			if name == "as it came" {
				if err := judge.Message(out); err != nil {
					t.Errorf("it breaks the contract: %v", err)
				}
			}
			again, err := soap.RedactReceipt(out, "ANON0123456789ab")
			if err != nil || string(again) != text {
				t.Errorf("redacted twice: %v\n%s", err, again)
			}
		})
	}
	if _, err := soap.RedactReceipt([]byte("<a/>"), "x"); err == nil {
		t.Error("what is no receipt was redacted")
	}
}
