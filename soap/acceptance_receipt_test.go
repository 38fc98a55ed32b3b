package soap_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

const duplicate = "PAA_RECEIPT_DUPLICATA"

// changed alternates old and new texts in the receipt of notice 1.
func changed(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(receiptOf(nav1, "r1"))
}

// receipts are those stored for a notice of our EC.
func (s *station) receipts(t *testing.T, nav string) []bridge.Receipt {
	t.Helper()
	kept, err := s.service.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, bridge.NoticeNumber(nav))
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// settled checks what a receipt has left behind: its bytes, the position's state
// and the anomalies noted for our EC.
func (s *station) settled(t *testing.T, body string, status bridge.PositionStatus, classes ...bridge.AnomalyClass) bridge.Receipt {
	t.Helper()
	kept := s.receipts(t, nav1)
	if len(kept) != 1 || string(kept[0].Raw) != body {
		t.Fatalf("%d receipts are kept: %+v", len(kept), kept)
	}
	s.positionIs(t, status, classes...)
	return kept[0]
}

func (s *station) positionIs(t *testing.T, status bridge.PositionStatus, classes ...bridge.AnomalyClass) {
	t.Helper()
	if got := s.positionStatus(t, "POS-1"); got != status {
		t.Errorf("the position is %s, want %s", got, status)
	}
	if got := s.anomalies(t, testkit.EC); !slices.Equal(got, classes) {
		t.Errorf("anomalies are %v, want %v", got, classes)
	}
}

// rejected is the first body that was kept without becoming a receipt.
func (s *station) rejected(t *testing.T) bridge.RejectedInput {
	t.Helper()
	var in bridge.RejectedInput
	err := s.db.View(t.Context(), func(tx bridge.ReadTx) error {
		found, err := tx.Rejected(t.Context(), 1)
		if err == nil {
			in = *found
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// otherEC shares the station with testkit.EC in twoECs.
const otherEC bridge.ECCode = "88888888888"

func twoECs(t *testing.T, duplicateOK bool) *bridge.Registry {
	t.Helper()
	r, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{testkit.Station: {
		ID: testkit.Station, DuplicateReceiptOK: duplicateOK, ECs: map[bridge.ECCode]bridge.CreditorInstitution{
			testkit.EC: {Code: testkit.EC, Name: "Comune di Prova"}, otherEC: {Code: otherEC, Name: "Comune di Altrove"},
		},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var receiptCases = []acceptance{
	{"R1", "a version 2 receipt: paid, stored byte for byte, its fields found", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("</channelDescription>", "</channelDescription><paymentMethod>creditCard</paymentMethod><paymentNote>cart-1</paymentNote><fee>1.50</fee>"+
			"<paymentDateTime>2026-11-23T12:30:00</paymentDateTime><applicationDate>2026-11-23</applicationDate><transferDate>2026-11-24</transferDate>")
		s.post(t, body).is(t, acceptedV2)
		got := s.settled(t, body, bridge.Paid)
		got.Raw = nil
		want := bridge.Receipt{
			EC: testkit.EC, ReceiptID: "r1", Version: bridge.ReceiptV2, NAV: testkit.NAV(1), PrimaryEC: testkit.EC, IUV: testkit.NAV(1).IUV(), Outcome: bridge.OutcomeOK,
			Amount: 12000, Fee: 150, TransferTotal: 12000, DebtorFiscalCode: "RSSMRA80A01H501U", PSPCode: "ABI99999", PSPCompany: "Banca di Prova", PaymentMethod: "creditCard",
			PaymentNote: "cart-1", PaymentDateTime: "2026-11-23T12:30:00", ApplicationDate: "2026-11-23", TransferDate: "2026-11-24", ReceivedAt: testkit.Noon, IUPD: "POS-1",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("stored %+v, want %+v", got, want)
		}
	}},
	{"R2", "a version 1 receipt: the same effects", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := receiptV1Of(nav1, "r1")
		s.post(t, body).is(t, acceptedV1)
		if got := s.settled(t, body, bridge.Paid); got.Version != bridge.ReceiptV1 || got.Amount != 12000 {
			t.Errorf("stored %+v", got)
		}
		s.post(t, body).isKO(t, sendV1Res, duplicate, "77777777777", "")
	}},
	{"R3", "the same receipt again: DUPLICATA, or OK by the station's switch; one row, nothing changed", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := receiptOf(nav1, "r1")
		s.post(t, body).is(t, acceptedV2)
		before := s.position(t, "POS-1")
		for range 2 {
			s.post(t, body).isKO(t, sendV2Res, duplicate, "77777777777", "")
		}
		s.settled(t, body, bridge.Paid)
		if after := s.position(t, "POS-1"); !after.LastUpdatedAt.Equal(before.LastUpdatedAt) || first(after).ReceiptID != "r1" {
			t.Errorf("the position was %+v and is %+v", before, after)
		}
		lenient := newStationFor(t, openStore(t), soap.Limits{}, twoECs(t, true))
		lenient.single(t, nil)
		for range 3 {
			lenient.post(t, body).is(t, acceptedV2)
		}
		lenient.settled(t, body, bridge.Paid)
	}},
	{"R4", "another receiptId for a paid notice: OK, anomaly, the first one remains the payment", func(t *testing.T, s *station) {
		s.single(t, nil)
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.post(t, receiptOf(nav1, "r2")).is(t, acceptedV2)
		s.positionIs(t, bridge.Paid, bridge.AnomalyDoublePayment)
		if got := first(s.position(t, "POS-1")).ReceiptID; got != "r1" || len(s.receipts(t, nav1)) != 2 {
			t.Errorf("paid by %s, %d receipts", got, len(s.receipts(t, nav1)))
		}
	}},
	{"R5", "stand-in: no activation came before; paid and flagged", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("</receipt>", "<standIn>true</standIn></receipt>")
		s.post(t, body).is(t, acceptedV2)
		if got := s.settled(t, body, bridge.Paid, bridge.AnomalyStandIn); !got.StandIn {
			t.Error("not stored as stand-in")
		}
	}},
	{"R6", "standin beside the receipt, unknown elements inside: OK and stored", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("</receipt>", "<novelty><deep>1</deep></novelty></receipt><standin>true</standin>", "<fullName>", "<nickname>M</nickname><fullName>")
		s.post(t, body).is(t, acceptedV2)
		if got := s.settled(t, body, bridge.Paid, bridge.AnomalyStandIn); !got.StandIn {
			t.Error("not stored as stand-in")
		}
		if r := s.lastRecord(); r.Unknown != 3 {
			t.Errorf("%d unknown elements were counted", r.Unknown)
		}
	}},
	{"R7", "without paymentDateTime, fee, paymentMethod and payer: paid when it arrived", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := receiptOf(nav1, "r1")
		s.post(t, body).is(t, acceptedV2)
		s.settled(t, body, bridge.Paid)
		if in := first(s.position(t, "POS-1")); !in.PaidAt.Equal(testkit.Noon) || in.Fee != 0 || in.PaymentMethod != "" {
			t.Errorf("paid as %+v", in)
		}
	}},
	{"R8", "dates with microseconds and offsets", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("</channelDescription>", "</channelDescription><paymentDateTime>2026-11-24T00:30:00.123456+02:00</paymentDateTime><applicationDate>2026-11-24+01:00</applicationDate>")
		s.post(t, body).is(t, acceptedV2)
		if got := s.settled(t, body, bridge.Paid); got.PaymentDateTime != "2026-11-24T00:30:00.123456+02:00" || got.ApplicationDate != "2026-11-24+01:00" {
			t.Errorf("stored %+v", got)
		}
		paidAt := time.Date(2026, 11, 23, 22, 30, 0, 123456000, time.UTC)
		if in := first(s.position(t, "POS-1")); !in.PaidAt.Equal(paidAt) {
			t.Errorf("paid at %s", in.PaidAt)
		}
		// 23:30 in Rome, whose offset in November is one hour.
		s.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_PAGAMENTO_DUPLICATO", "77777777777", "pagato il 2026-11-23")
	}},
	{"R9", "an unknown notice of our EC: OK and in the list of unmatched", func(t *testing.T, s *station) {
		body := receiptOf(nav1, "r1")
		s.post(t, body).is(t, acceptedV2)
		if kept := s.receipts(t, nav1); len(kept) != 1 || string(kept[0].Raw) != body || kept[0].IUPD != "" {
			t.Errorf("kept %+v", kept)
		}
		found, err := s.service.Anomalies(t.Context(), bridge.AnomalyQuery{Class: bridge.AnomalyUnknownNotice, Limit: 10})
		if err != nil || len(found) != 1 || found[0].NAV != testkit.NAV(1) || found[0].ReceiptID != "r1" {
			t.Errorf("listed %+v, %v", found, err)
		}
	}},
	{"R10", "our EC is a beneficiary of another's notice with a number of ours: ours is untouched", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("<fiscalCode>77777777777", "<fiscalCode>88888888888")
		s.post(t, body).is(t, acceptedV2)
		if got := s.settled(t, body, bridge.Valid, bridge.AnomalyOtherEC); got.PrimaryEC != otherEC || got.IUPD != "" {
			t.Errorf("stored %+v", got)
		}
		s.post(t, verifyOf(nav1)).is(t, verified())
	}},
	{"R11", "one receiptId for two ECs of the bridge: both stored", func(t *testing.T, _ *station) {
		s := newStationFor(t, openStore(t), soap.Limits{}, twoECs(t, false))
		s.single(t, nil)
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.post(t, changed("<idPA>77777777777", "<idPA>88888888888")).is(t, acceptedV2)
		s.settled(t, receiptOf(nav1, "r1"), bridge.Paid)
		kept, err := s.service.ReceiptsOfNotice(t.Context(), bridge.Principal{ECs: []bridge.ECCode{otherEC}}, otherEC, testkit.NAV(1))
		if err != nil || len(kept) != 1 || kept[0].ReceiptID != "r1" {
			t.Errorf("the other EC has %+v, %v", kept, err)
		}
	}},
}

var oddReceiptCases = []acceptance{
	// A name alone is no anomaly: PSPs corrupt texts (soap-node.md §5 pitfall 33).
	// Bytes that are not UTF-8 make the document unreadable (architecture.md §7).
	{"R12", "another debtor: OK and anomaly; a name encoded twice: OK", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("RSSMRA80A01H501U", "VRDLGI80A01H501U", "Mario Rossi", "Luigi Verdi")
		s.post(t, body).is(t, acceptedV2)
		s.settled(t, body, bridge.Paid, bridge.AnomalyDebtor)

		s = newStation(t, openStore(t), soap.Limits{})
		s.single(t, nil)
		body = changed("Mario Rossi", "Nicol\u00c3\u00b2")
		s.post(t, body).is(t, acceptedV2)
		s.settled(t, body, bridge.Paid)

		s = newStation(t, openStore(t), soap.Limits{})
		s.single(t, nil)
		body = changed("Mario Rossi", "Nicol\xf2")
		s.post(t, body, "SOAPAction: paSendRTV2").isFault(t, "Client", "bytes invalid in the encoding")
		if in := s.rejected(t); string(in.Raw) != body {
			t.Errorf("kept %q", in.Raw)
		}
	}},
	{"R13", "another amount than due: paid, with an anomaly; a hundredfold is suspicious", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("120.00", "119.99")
		s.post(t, body).is(t, acceptedV2)
		s.settled(t, body, bridge.Paid, bridge.AnomalyAmount)

		s = newStation(t, openStore(t), soap.Limits{})
		s.single(t, nil)
		body = changed("120.00", "12000.00")
		s.post(t, body).is(t, acceptedV2)
		s.settled(t, body, bridge.Paid, bridge.AnomalyAmount, bridge.AnomalySuspicious)
	}},
	{"R14", "a cancelled and an expired position: paid, with an anomaly", func(t *testing.T, s *station) {
		s.single(t, nil)
		cancel(t, s, "POS-1")
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.settled(t, receiptOf(nav1, "r1"), bridge.Paid, bridge.AnomalyCancelled)

		s = newStation(t, openStore(t), soap.Limits{})
		s.single(t, nil)
		s.clock.Set(testkit.Noon.AddDate(0, 2, 0))
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.settled(t, receiptOf(nav1, "r1"), bridge.Paid, bridge.AnomalyExpired)
	}},
	{"R15", "a receipt of a failed payment: archived, nothing changed", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := changed("<outcome>OK", "<outcome>KO")
		s.post(t, body).is(t, acceptedV2)
		s.settled(t, body, bridge.Valid, bridge.AnomalyOutcome)
		s.post(t, verifyOf(nav1)).is(t, verified())
	}},
	{"R16", "wrong broker, station or EC: KO, the bytes are kept and can be replayed", func(t *testing.T, _ *station) {
		for _, c := range []struct{ ec, broker, station, code string }{
			{"77777777777", "1", testkit.Station, "PAA_ID_INTERMEDIARIO_ERRATO"},
			{"77777777777", testkit.Broker, "1", "PAA_STAZIONE_INT_ERRATA"},
			{string(otherEC), testkit.Broker, testkit.Station, "PAA_ID_DOMINIO_ERRATO"},
		} {
			s := newStation(t, openStore(t), soap.Limits{})
			s.single(t, nil)
			body := otherParties(receiptOf(nav1, "r1"), c.ec, c.broker, c.station)
			s.post(t, body).isKO(t, sendV2Res, c.code, c.ec, "")
			if in := s.rejected(t); string(in.Raw) != body || in.Operation != "paSendRTV2" {
				t.Errorf("kept %+v", in)
			}
			if got := s.anomalies(t, bridge.ECCode(c.ec)); !slices.Equal(got, []bridge.AnomalyClass{bridge.AnomalyConfiguration}) {
				t.Errorf("anomalies are %v", got)
			}
			if got := s.positionStatus(t, "POS-1"); got != bridge.Valid {
				t.Errorf("the position is %s", got)
			}
			if c.code != "PAA_ID_DOMINIO_ERRATO" {
				continue
			}
			configured := bridge.NewService(s.db, s.clock, twoECs(t, false))
			if got, err := configured.ReplayReceipt(t.Context(), soap.DecodeReceipt, 1); err != nil || got.Outcome != bridge.ReplayRecorded {
				t.Errorf("replayed as %+v, %v", got, err)
			}
		}
	}},
	{"R17", "a receipt with a revenue stamp: OK, and the stamp comes back byte for byte", func(t *testing.T, s *station) {
		s.single(t, withStamp)
		stamp := append([]byte("<marcaDaBollo xmlns=\"urn:x\">\r\n è</marcaDaBollo>"), bytes.Repeat([]byte{0, 0xff}, 3000)...)
		body := changed("<IBAN>"+bankIBAN+"</IBAN>", "<MBDAttachment>"+base64.StdEncoding.EncodeToString(stamp)+"</MBDAttachment>")
		s.post(t, body).is(t, acceptedV2)
		found, err := soap.Attachments(s.settled(t, body, bridge.Paid).Raw)
		if err != nil || len(found) != 1 || found[0].TransferID != 1 || !bytes.Equal(found[0].Data, stamp) {
			t.Errorf("%d stamps came back, %v", len(found), err)
		}
	}},
	{"R19", "the store cannot write: no valid answer; after recovery the resend is taken", func(t *testing.T, _ *station) {
		db := &failingStore{Store: openStore(t)}
		s := newStation(t, db, soap.Limits{})
		s.single(t, nil)
		db.down.Store(true)
		s.post(t, receiptOf(nav1, "r1")).isFault(t, "Server", "the receipt cannot be stored now")
		s.post(t, receiptV1Of(nav1, "r1")).isFault(t, "Server", "the receipt cannot be stored now")
		s.positionIs(t, bridge.Valid)
		db.down.Store(false)
		s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
		s.settled(t, receiptOf(nav1, "r1"), bridge.Paid)
	}},
	{"R20", "fifty copies at once: one effect", func(t *testing.T, s *station) {
		s.single(t, nil)
		body := receiptOf(nav1, "r1")
		answers := make([]answer, 50)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = s.post(t, body) })
		}
		group.Wait()
		accepted := 0
		for _, a := range answers {
			if bytes.Contains(a.body, []byte("<outcome>OK")) {
				accepted++
				a.is(t, acceptedV2)
				continue
			}
			a.isKO(t, sendV2Res, duplicate, "77777777777", "")
		}
		if accepted != 1 {
			t.Errorf("%d of fifty copies were accepted", accepted)
		}
		s.settled(t, body, bridge.Paid)
	}},
	// The case asks for KO PAA_SINTASSI_EXTRAXSD where fields are missing;
	// architecture.md §7 decides otherwise, because a KO is final for the node and
	// the money has moved: HTTP 500 for both.
	{"R21", "without receiptId or noticeNumber, or truncated: HTTP 500, the bytes kept, the resend taken", func(t *testing.T, _ *station) {
		good := receiptOf(nav1, "r1")
		const essential = "the receipt&#39;s essential fields cannot be read"
		for _, c := range []struct{ body, text string }{
			{changed("<receiptId>r1</receiptId>", ""), essential},
			{changed("<noticeNumber>"+nav1+"</noticeNumber>", ""), essential},
			{truncated(good), "document ends too early"},
		} {
			s := newStation(t, openStore(t), soap.Limits{})
			s.single(t, nil)
			s.post(t, c.body, "SOAPAction: paSendRTV2").isFault(t, "Client", c.text)
			if in := s.rejected(t); string(in.Raw) != c.body || in.Operation != "paSendRTV2" {
				t.Errorf("kept %+v", in)
			}
			s.positionIs(t, bridge.Valid)
			s.post(t, good).is(t, acceptedV2)
			s.settled(t, good, bridge.Paid)
		}
	}},
}

// failingStore refuses updates while it is down, as a full disk does.
type failingStore struct {
	bridge.Store
	down atomic.Bool
}

func (s *failingStore) Update(ctx context.Context, fn func(bridge.Tx) error) error {
	if s.down.Load() {
		return errDown
	}
	return s.Store.Update(ctx, fn)
}
