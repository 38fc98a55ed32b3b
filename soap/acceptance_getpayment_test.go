package soap_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// asked puts more elements behind the qrCode of a getPayment request.
func asked(request, more string) string {
	return strings.Replace(request, "</qrCode>", "</qrCode>"+more, 1)
}

// bothVersions posts a getPayment request in both versions.
func (s *station) bothVersions(t *testing.T, more string, replace ...string) {
	t.Helper()
	s.post(t, asked(getV2Of(nav1), more)).is(t, activated(getV2Res, replace...))
	s.post(t, asked(getV1Of(nav1), more)).is(t, activated(getV1Res, replace...))
}

const (
	documentHash = "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=" // SHA-256, 44 characters
	postalEntry  = "<metadata><mapEntry><key>IBANAPPOGGIO</key><value>" + postalIBAN + "</value></mapEntry></metadata></transfer>"
)

func withPostal(p *bridge.Position) { first(p).Transfers[0].PostalIBAN = postalIBAN }

func withStamp(p *bridge.Position) {
	first(p).Transfers[0].IBAN = ""
	first(p).Transfers[0].Stamp = &bridge.Stamp{HashDocument: documentHash, Type: "01", ProvincialResidence: "RM"}
}

var getPaymentCases = []acceptance{
	{"G1", "version 2: IUV is the notice number without its first digit, the transfers add up, company and due date are there", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { first(p).Transfers[0].CompanyName = "Comune di Prova" })
		s.post(t, getV2Of(nav1)).is(t, activated(getV2Res, "</fiscalCodePA>", "</fiscalCodePA><companyName>Comune di Prova</companyName>"))
		if iuv := string(testkit.NAV(1).IUV()); iuv != nav1[1:] {
			t.Errorf("IUV %s of notice %s", iuv, nav1)
		}
		// lastPayment (§2.3): of a plan, only the last instalment left.
		s.create(t, testkit.Plan(10), true)
		lastPayment := func(n int64) string { return s.post(t, getV2Of(string(testkit.NAV(n)))).text(t, "lastPayment") }
		if got := lastPayment(10) + lastPayment(11) + lastPayment(12); got != "truefalsefalse" {
			t.Errorf("lastPayment of a whole and of two instalments: %s", got)
		}
		s.post(t, receiptOf(string(testkit.NAV(11)), "r11")).is(t, acceptedV2)
		if got := lastPayment(12); got != "true" {
			t.Errorf("lastPayment of what is left: %s", got)
		}
	}},
	{"G2", "version 1: the same without the transfer's company", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { first(p).Transfers[0].CompanyName = "Comune di Prova" })
		s.post(t, getV1Of(nav1)).is(t, activated(getV1Res))
	}},
	{"G3", "the amount that the payer saw changes nothing", func(t *testing.T, s *station) {
		s.single(t, nil)
		for _, amount := range []string{"<amount>8.00</amount>", "<amount>0.00</amount>", "", "<amount>120.00</amount>"} {
			s.bothVersions(t, amount)
		}
	}},
	{"G4", "a due date with an offset in the request", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.bothVersions(t, "<dueDate>2025-05-13+02:00</dueDate>")
	}},
	{"G5", "a payment note of 210 characters; PAGOPA: bank account, and the postal one as IBANAPPOGGIO", func(t *testing.T, s *station) {
		s.single(t, withPostal)
		s.bothVersions(t, "<paymentNote>"+strings.Repeat("è", 210)+"</paymentNote><transferType>PAGOPA</transferType>", "</transfer>", postalEntry)
	}},
	{"G6", "POSTAL: the postal account where there is one", func(t *testing.T, s *station) {
		s.single(t, withPostal)
		s.bothVersions(t, "<transferType>POSTAL</transferType>", bankIBAN, postalIBAN)
	}},
	{"G7", "POSTAL without a postal account: the bank's; PAGOPA: no IBANAPPOGGIO", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.bothVersions(t, "<transferType>POSTAL</transferType>")
		s.bothVersions(t, "<transferType>PAGOPA</transferType>")
	}},
	{"G8", "no transfer type: the bank account", func(t *testing.T, s *station) {
		s.single(t, withPostal)
		s.bothVersions(t, "")
	}},
	{"G9", "transfer type FOO", func(t *testing.T, s *station) {
		s.single(t, nil)
		const foo = "<transferType>FOO</transferType>"
		s.post(t, asked(getV2Of(nav1), foo)).isKO(t, getV2Res, "PAA_SINTASSI_EXTRAXSD", "77777777777", "/paGetPaymentV2Request/transferType: enumeration")
		s.post(t, asked(getV1Of(nav1), foo)).isKO(t, getV1Res, "PAA_SINTASSI_EXTRAXSD", "77777777777", "/paGetPaymentReq/transferType: enumeration")
	}},
	{"G10", "five beneficiaries in the order of their numbers, POSTAL for each that can", func(t *testing.T, s *station) {
		p := shared(1, true, false, true, false, false)
		in := first(p)
		for i := range in.Transfers {
			in.Transfers[i].EC = bridge.ECCode(fmt.Sprintf("1111111111%d", i))
		}
		in.Transfers[0], in.Transfers[4] = in.Transfers[4], in.Transfers[0]
		s.create(t, p, true)
		for transferType, second := range map[string]string{"": bankIBAN, "<transferType>POSTAL</transferType>": postalIBAN} {
			var want string
			for i := range 5 {
				account := bankIBAN
				if i == 0 || i == 2 {
					account = second
				}
				want += fmt.Sprintf(`<transfer><idTransfer>%d</idTransfer><transferAmount>24.00</transferAmount><fiscalCodePA>1111111111%d</fiscalCodePA><IBAN>%s</IBAN>`, i+1, i, account) +
					`<remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101108TS/</transferCategory></transfer>`
			}
			s.bothVersions(t, transferType, transferOf, want)
		}
	}},
	{"G11", "version 2 with a revenue stamp: hash, type and province, no account", func(t *testing.T, s *station) {
		s.single(t, withStamp)
		stamp := "<richiestaMarcaDaBollo><hashDocumento>" + documentHash + "</hashDocumento><tipoBollo>01</tipoBollo><provinciaResidenza>RM</provinciaResidenza></richiestaMarcaDaBollo>"
		for _, more := range []string{"", "<transferType>POSTAL</transferType>", "<transferType>PAGOPA</transferType>"} {
			s.post(t, asked(getV2Of(nav1), more)).is(t, activated(getV2Res, "<IBAN>"+bankIBAN+"</IBAN>", stamp))
		}
		s.post(t, verifyOf(nav1)).is(t, verified())
	}},
	{"G12", "version 1 with a revenue stamp cannot be said", func(t *testing.T, s *station) {
		s.single(t, withStamp)
		s.post(t, getV1Of(nav1)).isKO(t, getV1Res, "PAA_SEMANTICA", "77777777777", "a revenue stamp cannot be paid through paGetPayment version 1")
	}},
	{"G13", "the debtor's optional parts: normalised or left out", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) {
			d := &p.Options[0].Debtor
			d.Email, d.Country, d.PostalCode, d.Province, d.StreetName = "o'neil@example.org", "it", " ", "RM", " Via  Roma\n"
		})
		want := strings.NewReplacer("<country>", "<streetName>Via Roma</streetName><stateProvinceRegion>RM</stateProvinceRegion><country>", "<e-mail>mario.rossi@example.org</e-mail>", "").Replace(debtorOf)
		s.bothVersions(t, "", debtorOf, want)
	}},
	{"G14", "an anonymous debtor", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { p.Options[0].Debtor = bridge.Debtor{Type: bridge.NaturalPerson} })
		anonymous := strings.NewReplacer("RSSMRA80A01H501U", "ANONIMO", "Mario Rossi", "ANONIMO", "<country>IT</country><e-mail>mario.rossi@example.org</e-mail>", "").Replace(debtorOf)
		s.bothVersions(t, "", debtorOf, anonymous)
	}},
	{"G15", "a natural person with a code of 11 digits stays one", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { p.Options[0].Debtor.FiscalCode = "12345678901" })
		s.bothVersions(t, "", "RSSMRA80A01H501U", "12345678901")
	}},
	{"G16", "no due date: a far one, the same in every call", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { first(p).DueDate = time.Time{} })
		for range 2 {
			s.bothVersions(t, "", "2026-12-23", "2099-12-31")
			s.clock.Set(s.clock.Now().AddDate(1, 0, 0))
		}
	}},
	{"G17", "concurrent activations get the same answer", func(t *testing.T, s *station) {
		s.single(t, nil)
		answers := make([]answer, 20)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = s.post(t, getV2Of(nav1)) })
		}
		group.Wait()
		for _, a := range answers {
			a.is(t, activated(getV2Res))
		}
	}},
	{"G18", "unknown, draft, paid, cancelled and expired, as verified", func(t *testing.T, s *station) {
		s.create(t, testkit.Single(2), false)
		s.create(t, testkit.Single(3), true)
		s.post(t, receiptOf(string(testkit.NAV(3)), "r3")).is(t, acceptedV2)
		s.create(t, testkit.Single(4), true)
		cancel(t, s, "POS-4")
		s.create(t, testkit.Single(5), true)
		s.clock.Set(testkit.Noon.AddDate(0, 2, 0))
		for n, want := range map[int64][2]string{
			1: {unknownNotice, ""}, 2: {unknownNotice, ""}, 3: {"PAA_PAGAMENTO_DUPLICATO", "pagato il 2026-11-23"},
			4: {"PAA_PAGAMENTO_ANNULLATO", ""}, 5: {"PAA_PAGAMENTO_SCADUTO", ""},
		} {
			nav := string(testkit.NAV(n))
			s.post(t, getV2Of(nav)).isKO(t, getV2Res, want[0], "77777777777", want[1])
			s.post(t, getV1Of(nav)).isKO(t, getV1Res, want[0], "77777777777", want[1])
		}
	}},
	{"G19", "fifteen entries of metadata, PAGOPA and a postal account: IBANAPPOGGIO has its place", func(t *testing.T, s *station) {
		var entries []bridge.Metadata
		var lists [2]string
		for i := range 15 {
			entries = append(entries, bridge.Metadata{Key: fmt.Sprintf("k%d", i), Value: "v"})
			text := fmt.Sprintf("<mapEntry><key>k%d</key><value>v</value></mapEntry>", i)
			lists[0] += text
			if i < 14 {
				lists[1] += text
			}
		}
		s.single(t, func(p *bridge.Position) {
			withPostal(p)
			first(p).Metadata, first(p).Transfers[0].Metadata = entries, entries
		})
		support := "<mapEntry><key>IBANAPPOGGIO</key><value>" + postalIBAN + "</value></mapEntry>"
		own := "</transferList><metadata>" + lists[0] + "</metadata>"
		s.bothVersions(t, "<transferType>PAGOPA</transferType>", "</transfer>", "<metadata>"+support+lists[1]+"</metadata></transfer>", "</transferList>", own)
		s.bothVersions(t, "", "</transfer>", "<metadata>"+lists[0]+"</metadata></transfer>", "</transferList>", own)
	}},
}
