package soap_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// A receipt that cannot be applied is never given a KO: its bytes are kept and the
// node hears nothing that it could take for an answer (soap-node.md §2.6,
// architecture.md §7).
func TestReceipt_UnreadableIsKeptAndNotAnswered(t *testing.T) {
	t.Parallel()
	nav := string(testkit.NAV(1))
	good := receiptOf(nav, "r1")
	replace := strings.Replace
	for _, c := range []struct{ name, body, action string }{
		{"truncated (R21)", good[:len(good)-60], ""},
		{"not even begun, SOAPAction says it", "<", `"paSendRTV2"`},
		{"DOCTYPE", "<!DOCTYPE x>" + good[len(`<?xml version="1.0" encoding="UTF-8"?>`):], "paSendRTV2"},
		{"paymentAmount twice", replace(good, "<paymentAmount>120.00</paymentAmount>", "<paymentAmount>120.00</paymentAmount><paymentAmount>99.00</paymentAmount>", 1), ""},
		{"comment in the amount", replace(good, "<paymentAmount>120.00", "<paymentAmount>12<!-- -->0.00", 1), ""},
		{"amount 1e2", replace(good, "<paymentAmount>120.00", "<paymentAmount>1e2", 1), ""},
		{"amount +10.00", replace(good, "<paymentAmount>120.00", "<paymentAmount>+10.00", 1), ""},
		{"amount of 30 digits", replace(good, "<paymentAmount>120.00", "<paymentAmount>"+strings.Repeat("9", 30)+".00", 1), ""},
		{"no amount", replace(good, "<paymentAmount>120.00</paymentAmount>", "", 1), ""},
		{"no receiptId", replace(good, "<receiptId>r1</receiptId>", "", 1), ""},
		{"empty receiptId", replace(good, "<receiptId>r1", "<receiptId>", 1), ""},
		{"notice of 17 digits", replace(good, "<noticeNumber>3", "<noticeNumber>", 1), ""},
		{"two payloads", replace(good, "</soapenv:Body>", "<x/></soapenv:Body>", 1), ""},
		{"no idPA: a KO would be final", replace(good, "<idPA>77777777777</idPA>", "", 1), ""},
		{"no idStation", replace(good, "<idStation>99999999999_01</idStation>", "", 1), ""},
		{"no receipt at all", wrapped("<pafn:paSendRTV2Request>" + addressed + "</pafn:paSendRTV2Request>"), ""},
		{"windows-1252", replace(good, "UTF-8", "windows-1252", 1), "paSendRTV2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, openStore(t), soap.Limits{})
			s.create(t, testkit.Single(1), true)
			s.post(t, c.body, "SOAPAction: "+c.action).wantFault(t, "Client")
			if got := s.positionStatus(t, "POS-1"); got != bridge.Valid {
				t.Errorf("the position is %s", got)
			}
			if got := s.anomalies(t, ""); !slices.Equal(got, []bridge.AnomalyClass{bridge.AnomalyUnreadable}) {
				t.Errorf("anomalies are %v", got)
			}
			if r := s.lastRecord(); !r.Kept {
				t.Errorf("the bytes were not kept")
			}
			// The node sends it again, now readable.
			s.post(t, good).wantOK(t)
			if got := s.positionStatus(t, "POS-1"); got != bridge.Paid {
				t.Errorf("after the resend the position is %s", got)
			}
		})
	}
}

func (s *station) lastRecord() soap.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records[len(s.records)-1]
}

// What breaks the schema beside the essential fields is applied and flagged.
func TestReceipt_OddButReadableIsApplied(t *testing.T) {
	t.Parallel()
	nav := string(testkit.NAV(1))
	good := receiptOf(nav, "r1")
	replace := strings.Replace
	schema := []bridge.AnomalyClass{bridge.AnomalySchema}
	for _, c := range []struct {
		name, body string
		want       []bridge.AnomalyClass
	}{
		{"unknown element in the receipt (R6)", replace(good, "</receipt>", "<novelty>1</novelty></receipt>", 1), nil},
		{"stand-in beside the receipt (R6)", replace(good, "</receipt>", "</receipt><standin>true</standin>", 1), []bridge.AnomalyClass{bridge.AnomalyStandIn}},
		{"description missing", replace(good, "<description>TARI 2026</description>", "", 1), schema},
		{"description too long", replace(good, "<description>TARI 2026", "<description>"+strings.Repeat("x", 141), 1), schema},
		{"elements out of order", replace(replace(good, "<outcome>OK</outcome>", "", 1), "<description>", "<outcome>OK</outcome><description>", 1), schema},
		{"outcome KKL: the money has moved", replace(good, "<outcome>OK", "<outcome>KKL", 1), schema},
		{"fee unreadable", replace(good, "</channelDescription>", "</channelDescription><fee>1,5</fee>", 1), schema},
		{"name as ISO-8859-1", replace(replace(good, "UTF-8", "ISO-8859-1", 1), "Mario Rossi", "Nicol\xf2", 1), nil},
		{"byte order mark (T6)", "\ufeff" + good, nil},
		{"attribute on the amount", replace(good, "<paymentAmount>", `<paymentAmount currency="EUR">`, 1), schema},
		{"white space around the addressee", replace(good, "<idPA>77777777777<", "<idPA> 77777777777\n<", 1), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, openStore(t), soap.Limits{})
			s.create(t, testkit.Single(1), true)
			s.post(t, c.body).wantOK(t)
			if got := s.positionStatus(t, "POS-1"); got != bridge.Paid {
				t.Errorf("the position is %s", got)
			}
			if got := s.anomalies(t, testkit.EC); !slices.Equal(got, c.want) {
				t.Errorf("anomalies are %v, want %v", got, c.want)
			}
		})
	}
}

// downStore is a store whose disk has gone.
type downStore struct{ bridge.Store }

var errDown = errors.New("disk I/O error at /var/lib/nodobridge/store.db")

func (downStore) Notice(context.Context, bridge.ECCode, bridge.NoticeNumber) (*bridge.Notice, error) {
	return nil, errDown
}
func (downStore) View(context.Context, func(bridge.ReadTx) error) error { return errDown }
func (downStore) Update(context.Context, func(bridge.Tx) error) error   { return errDown }

func TestStoreDown(t *testing.T) {
	t.Parallel()
	s := newStation(t, downStore{}, soap.Limits{})
	nav := string(testkit.NAV(1))
	read := s.post(t, verifyOf(nav))
	read.wantKO(t, verifyRes, "PAA_SYSTEM_ERROR", "77777777777") // V19
	receipt := s.post(t, receiptOf(nav, "r1"))
	receipt.wantFault(t, "Server")
	s.post(t, receiptOf(nav, "r1")[:300], "SOAPAction: paSendRTV2").wantFault(t, "Client")
	s.post(t, verifyOf(string(bridge.ProbeNotice))).wantKO(t, verifyRes, "PAA_PAGAMENTO_SCONOSCIUTO", "77777777777")
	for _, a := range []answer{read, receipt} {
		if strings.Contains(string(a.body), "disk") || strings.Contains(string(a.body), "/var") {
			t.Errorf("the cause leaked:\n%s", a.body)
		}
	}
}
