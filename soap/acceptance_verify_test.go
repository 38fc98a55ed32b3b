package soap_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// otherParties addresses parties that nobody has configured.
func otherParties(request, ec, broker, station string) string {
	return strings.Replace(request, addressed, "<idPA>"+ec+"</idPA><idBrokerPA>"+broker+"</idBrokerPA><idStation>"+station+"</idStation>", 1)
}

const unknownNotice = "PAA_PAGAMENTO_SCONOSCIUTO"

var verifyCases = []acceptance{
	{"V1", "a payable single option of 120.00", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, verifyOf(nav1)).is(t, verified())
	}},
	{"V2", "the node's probe", func(t *testing.T, s *station) {
		s.post(t, verifyOf(string(bridge.ProbeNotice))).isKO(t, verifyRes, unknownNotice, "77777777777", "")
	}},
	{"V3", "the probe for an EC or station that is not configured, even with the schema broken", func(t *testing.T, s *station) {
		probe := verifyOf(string(bridge.ProbeNotice))
		s.post(t, otherParties(probe, "11111111111", testkit.Broker, testkit.Station)).isKO(t, verifyRes, unknownNotice, "11111111111", "")
		s.post(t, otherParties(probe, "77777777777", testkit.Broker, "x")).isKO(t, verifyRes, unknownNotice, "77777777777", "")
		s.post(t, otherParties(probe, "77777777777", "1", "1")).isKO(t, verifyRes, unknownNotice, "77777777777", "")
		s.post(t, strings.Replace(probe, "<idStation>99999999999_01</idStation>", "", 1)).isKO(t, verifyRes, unknownNotice, "77777777777", "")
	}},
	{"V4", "an unknown notice number", func(t *testing.T, s *station) {
		s.post(t, verifyOf(nav1)).isKO(t, verifyRes, unknownNotice, "77777777777", "")
	}},
	{"V5", "a draft, and a position whose validity lies ahead", func(t *testing.T, s *station) {
		s.create(t, testkit.Single(1), false)
		later := testkit.Single(2)
		later.Options[0].ValidFrom = testkit.Noon.Add(time.Microsecond)
		s.create(t, later, true)
		for _, n := range []int64{1, 2} {
			s.post(t, verifyOf(string(testkit.NAV(n)))).isKO(t, verifyRes, unknownNotice, "77777777777", "")
		}
	}},
	{"V6", "a paid notice, with the day of its payment", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_PAGAMENTO_DUPLICATO", "77777777777", "pagato il 2026-11-23")
	}},
	{"V7", "an instalment of a plan that was closed by paying all at once", func(t *testing.T, s *station) {
		s.create(t, testkit.Plan(1), true)
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		for _, n := range []int64{2, 3} {
			s.post(t, verifyOf(string(testkit.NAV(n)))).isKO(t, verifyRes, "PAA_PAGAMENTO_DUPLICATO", "77777777777", "pagato il 2026-11-23")
		}
	}},
	{"V8", "an invalidated position", func(t *testing.T, s *station) {
		s.single(t, nil)
		cancel(t, s, "POS-1")
		s.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_PAGAMENTO_ANNULLATO", "77777777777", "")
	}},
	{"V9", "past due and no longer payable; at the due instant it still is", func(t *testing.T, s *station) {
		s.single(t, nil)
		due := testkit.Noon.Add(30 * 24 * time.Hour)
		s.clock.Set(due)
		s.post(t, verifyOf(nav1)).is(t, verified())
		s.clock.Set(due.Add(time.Microsecond))
		s.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_PAGAMENTO_SCADUTO", "77777777777", "")
	}},
	{"V10", "past due and still payable: the real due date is said", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { p.Options[0].SwitchToExpired = false })
		s.clock.Set(testkit.Noon.AddDate(1, 0, 0))
		s.post(t, verifyOf(nav1)).is(t, verified())
	}},
	{"V11", "wrong broker, station and EC, in this precedence", func(t *testing.T, s *station) {
		s.single(t, nil)
		good := verifyOf(nav1)
		for _, c := range []struct{ ec, broker, station, code string }{
			{"11111111111", "1", "1", "PAA_ID_INTERMEDIARIO_ERRATO"},
			{"77777777777", "1", testkit.Station, "PAA_ID_INTERMEDIARIO_ERRATO"},
			{"11111111111", testkit.Broker, "1", "PAA_STAZIONE_INT_ERRATA"},
			{"77777777777", testkit.Broker, "1", "PAA_STAZIONE_INT_ERRATA"},
			{"11111111111", testkit.Broker, testkit.Station, "PAA_ID_DOMINIO_ERRATO"},
		} {
			s.post(t, otherParties(good, c.ec, c.broker, c.station)).isKO(t, verifyRes, c.code, c.ec, "")
		}
	}},
	{"V12", "a notice code of another EC than the one addressed", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := strings.Replace(verifyOf(nav1), "<fiscalCode>77777777777", "<fiscalCode>11111111111", 1)
		s.post(t, body).isKO(t, verifyRes, "PAA_ID_DOMINIO_ERRATO", "77777777777", "qrCode.fiscalCode differs from idPA")
	}},
	{"V13", "notice number, qrCode or idPA outside the schema", func(t *testing.T, s *station) {
		const root = "/paVerifyPaymentNoticeReq"
		good := verifyOf(nav1)
		for _, c := range []struct{ body, id, broken string }{
			{verifyOf(nav1[:17]), "77777777777", root + "/qrCode/noticeNumber: pattern"},
			{verifyOf(nav1 + "0"), "77777777777", root + "/qrCode/noticeNumber: pattern"},
			{verifyOf("30200000000000ABCD"), "77777777777", root + "/qrCode/noticeNumber: pattern"},
			{wrapped("<pafn:paVerifyPaymentNoticeReq>" + addressed + "</pafn:paVerifyPaymentNoticeReq>"), "77777777777", root + "/qrCode: required element missing"},
			{strings.Replace(good, "<idPA>77777777777", "<idPA>"+strings.Repeat("7", 36), 1), testkit.Broker, root + "/idPA: maxLength"},
		} {
			s.post(t, c.body).isKO(t, verifyRes, "PAA_SINTASSI_EXTRAXSD", c.id, c.broken)
		}
	}},
	{"V14", "allCCP: every transfer can go to a postal account, or not", func(t *testing.T, s *station) {
		s.create(t, shared(1, true, true), true)
		s.create(t, shared(2, true, false), true)
		s.post(t, verifyOf(string(testkit.NAV(1)))).is(t, verified("<allCCP>false", "<allCCP>true"))
		s.post(t, verifyOf(string(testkit.NAV(2)))).is(t, verified())
	}},
	{"V15", "no due date: none is said", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) { first(p).DueDate = time.Time{} })
		s.post(t, verifyOf(nav1)).is(t, verified("<dueDate>2026-12-23</dueDate>", ""))
	}},
	{"V16", "texts: one line, at most 140 code points, cut between characters", func(t *testing.T, s *station) {
		s.single(t, func(p *bridge.Position) {
			p.CompanyName = "  Comune\r\n di\tProva \u0007" + strings.Repeat("😀", 150)
			p.OfficeName = " \n\t "
			first(p).Description = "Tassa <rifiuti> & \"servizi\" " + strings.Repeat("è", 150)
		})
		description := "Tassa &lt;rifiuti&gt; &amp; \"servizi\" " + strings.Repeat("è", 140-len(`Tassa <rifiuti> & "servizi" `))
		s.post(t, verifyOf(nav1)).is(t, verified(
			"Comune di Prova", "Comune di Prova "+strings.Repeat("😀", (140-len("Comune di Prova "))/2),
			"<officeName>Ufficio Tributi</officeName>", "", "TARI 2026", description,
		))
	}},
	{"V17", "two verifications and two activations change nothing", func(t *testing.T, s *station) {
		s.single(t, nil)
		before := s.position(t, "POS-1")
		for range 2 {
			s.post(t, verifyOf(nav1)).is(t, verified())
			s.post(t, getV1Of(nav1)).is(t, activated(getV1Res))
			s.post(t, getV2Of(nav1)).is(t, activated(getV2Res))
		}
		if after := s.position(t, "POS-1"); !reflect.DeepEqual(before, after) {
			t.Errorf("the position was %+v and is %+v", before, after)
		}
	}},
	{"V18", "the EC changes the amount between two verifications", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, verifyOf(nav1)).is(t, verified())
		if err := s.service.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, "POS-1"); err != nil {
			t.Fatal(err)
		}
		s.single(t, func(p *bridge.Position) { first(p).Amount, first(p).Transfers[0].Amount = 12345, 12345 })
		s.post(t, verifyOf(nav1)).is(t, verified("<amount>120.00", "<amount>123.45"))
	}},
	{"V19", "the store fails, or does not answer before the deadline", func(t *testing.T, _ *station) {
		newStation(t, downStore{}, soap.Limits{}).post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_SYSTEM_ERROR", "77777777777", "")
		stuck := newStation(t, stuckStore{}, soap.Limits{ReadDeadline: time.Millisecond})
		stuck.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_SYSTEM_ERROR", "77777777777", "")
	}},
}

// shared is testkit.Single(n) in two transfers, each with a postal account or not.
func shared(n int64, postal ...bool) *bridge.Position {
	p := testkit.Single(n)
	in := first(p)
	one := in.Transfers[0]
	in.Transfers = nil
	for i, has := range postal {
		t := one
		t.ID, t.Amount = i+1, in.Amount/bridge.Cents(len(postal))
		if has {
			t.PostalIBAN = postalIBAN
		}
		in.Transfers = append(in.Transfers, t)
	}
	return p
}

// position reads a position whole.
func (s *station) position(t *testing.T, iupd bridge.IUPD) *bridge.Position {
	t.Helper()
	p, err := s.service.Position(t.Context(), testkit.Principal(), testkit.EC, iupd)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
