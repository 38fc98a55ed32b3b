package soap_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// situation is a call and the world it meets.
type situation struct {
	body     string
	notice   *bridge.Notice // what the store has; nil for nothing
	down     bool           // the store fails
	overload bool
}

// condition is one reason to refuse. The tables below list them in the order of
// docs/faults.md: when several hold, the first one answers.
type condition struct {
	name string
	code string // the faultCode, or "HTTP <status>" where there is no KO
	make func(*situation)
	// never names a condition that cannot hold together with this one.
	never string
}

// unwritable breaks the document below the payload's own elements.
func unwritable(s *situation) {
	s.body = strings.Replace(s.body, "</soapenv:Envelope>", "", 1)
}

func replaced(old, new string) func(*situation) {
	return func(s *situation) { s.body = strings.Replace(s.body, old, new, 1) }
}

// misplaced breaks the schema and no value: idStation comes before idPA.
func misplaced(s *situation) {
	head, rest, _ := strings.Cut(s.body, "<idStation>")
	value, tail, _ := strings.Cut(rest, "</idStation>")
	s.body = strings.Replace(head+tail, "<idPA>", "<idStation>"+value+"</idStation><idPA>", 1)
}

// The refusals that every operation begins with.
var (
	unreadable = condition{"document cannot be read", "PAA_SINTASSI_EXTRAXSD", unwritable, ""}
	schema     = condition{"schema broken", "PAA_SINTASSI_EXTRAXSD", misplaced, ""}
	overloaded = condition{"too many calls at once", "PAA_SYSTEM_ERROR", func(s *situation) { s.overload = true }, ""}
	broker     = condition{"broker unknown", "PAA_ID_INTERMEDIARIO_ERRATO", replaced("<idBrokerPA>99999999999", "<idBrokerPA>11111111111"), ""}
	stationID  = condition{"station unknown", "PAA_STAZIONE_INT_ERRATA", replaced("<idStation>99999999999_01", "<idStation>99999999999_99"), ""}
	ecUnknown  = condition{"EC not on the station", "PAA_ID_DOMINIO_ERRATO", replaced("<idPA>77777777777", "<idPA>11111111111"), ""}
)

// position refusals are judged on the stored notice.
var positionConditions = []condition{
	{"store down", "PAA_SYSTEM_ERROR", func(s *situation) { s.down = true }, ""},
	{"notice unknown", unknownNotice, func(s *situation) { s.notice = nil }, ""},
	{"draft", unknownNotice, onNotice(func(n *bridge.Notice) { n.PositionStatus = bridge.Draft }), "cancelled"},
	{"cancelled", "PAA_PAGAMENTO_ANNULLATO", onNotice(func(n *bridge.Notice) { n.PositionStatus = bridge.Invalid }), ""},
	{"paid", "PAA_PAGAMENTO_DUPLICATO", onNotice(func(n *bridge.Notice) { n.InstalmentStatus = bridge.InstalmentPaid }), ""},
	{"not yet valid", unknownNotice, onNotice(func(n *bridge.Notice) { n.ValidFrom = testkit.Noon.Add(time.Hour) }), ""},
	{"another option begun", unknownNotice, onNotice(func(n *bridge.Notice) { n.Excluded = true }), ""},
	{"expired", "PAA_PAGAMENTO_SCADUTO", onNotice(func(n *bridge.Notice) { n.DueDate = testkit.Noon.Add(-time.Hour) }), ""},
	{"cannot be said", "PAA_SEMANTICA", onNotice(func(n *bridge.Notice) { n.Description = "" }), ""},
}

func onNotice(change func(*bridge.Notice)) func(*situation) {
	return func(s *situation) {
		if s.notice != nil {
			change(s.notice)
		}
	}
}

// noticeConditions are those of an operation that asks for a notice.
func noticeConditions(probe bool) []condition {
	list := []condition{unreadable}
	if probe {
		list = append(list, condition{"probe", unknownNotice, replaced("<noticeNumber>"+nav1, "<noticeNumber>"+string(bridge.ProbeNotice)), "codes of another station"})
	}
	list = append(list, schema, overloaded, broker, stationID, ecUnknown,
		condition{"qrCode of another EC", "PAA_ID_DOMINIO_ERRATO", replaced("<fiscalCode>77777777777", "<fiscalCode>22222222222"), ""},
		condition{"codes of another station", unknownNotice, replaced("<noticeNumber>302", "<noticeNumber>347"), ""})
	return append(list, positionConditions...)
}

// demandConditions stop where the services begin: what follows is theirs.
func demandConditions() []condition {
	list := []condition{unreadable, schema, overloaded, broker, stationID, ecUnknown}
	for i := range list[:2] {
		list[i].code = "PAA_SINTASSI_XSD"
	}
	return list
}

// receiptConditions: what is not certain comes before the few KOs, which are final.
func receiptConditions() []condition {
	return []condition{
		{"document cannot be read", "HTTP 500", unwritable, ""},
		{"essential field missing", "HTTP 500", replaced("<paymentAmount>120.00</paymentAmount>", ""), ""},
		{"too many calls at once", "HTTP 503", overloaded.make, ""},
		{"store down", "HTTP 500", func(s *situation) { s.down = true }, ""},
		broker, stationID, ecUnknown,
		{"receipt already here", duplicate, replaced("<receiptId>new", "<receiptId>known"), ""},
	}
}

// TestPrecedence makes every pair of refusals hold at once, in every operation,
// and asks for the earlier one's answer (soap-node.md §2.0, docs/faults.md).
func TestPrecedence(t *testing.T) {
	t.Parallel()
	demand := wrapped(`<pafn:paDemandPaymentNoticeRequest>` + addressed + `<idServizio>00001</idServizio><idSoggettoServizio>00001</idSoggettoServizio><datiSpecificiServizioRequest>PGEvPg==</datiSpecificiServizioRequest></pafn:paDemandPaymentNoticeRequest>`)
	for _, op := range []struct {
		name, root, body string
		conditions       []condition
	}{
		{"paVerifyPaymentNotice", verifyRes, verifyOf(nav1), noticeConditions(true)},
		{"paGetPayment", getV1Res, getV1Of(nav1), noticeConditions(false)},
		{"paGetPaymentV2", getV2Res, getV2Of(nav1), noticeConditions(false)},
		{"paDemandPaymentNotice", demandRes, demand, demandConditions()},
		{"paSendRT", sendV1Res, receiptV1Of(nav1, "new"), receiptConditions()},
		{"paSendRTV2", sendV2Res, receiptOf(nav1, "new"), receiptConditions()},
	} {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			var db bridge.Store
			if strings.HasPrefix(op.name, "paSendRT") {
				db = openStore(t)
				newStation(t, db, soap.Limits{}).post(t, receiptOf(nav1, "known")).is(t, acceptedV2)
			}
			for i, a := range op.conditions {
				for _, b := range op.conditions[i:] { // a with itself: a alone
					if a.never == b.name {
						continue
					}
					t.Run(a.name+", "+b.name, func(t *testing.T) {
						s := situation{body: op.body, notice: storedNotice()}
						b.make(&s)
						a.make(&s)
						s.meets(t, db, "SOAPAction: "+op.name).refuses(t, op.root, a.code)
					})
				}
			}
		})
	}
}

// storedNotice is what the store has of testkit.Single(1) once it is published.
func storedNotice() *bridge.Notice {
	n := testkit.Single(1).Notices()[0]
	n.PositionStatus, n.InstalmentStatus = bridge.Valid, bridge.InstalmentUnpaid
	return &n
}

// situationStore has one notice, or fails. While it holds, it keeps whoever reads
// the notice waiting.
type situationStore struct {
	bridge.Store
	situation
	held, release chan struct{}
}

func (s *situationStore) Notice(context.Context, bridge.ECCode, bridge.NoticeNumber) (*bridge.Notice, error) {
	if s.overload {
		close(s.held)
		<-s.release
	}
	switch {
	case s.down:
		return nil, errDown
	case s.notice == nil:
		return nil, bridge.ErrNotFound
	}
	n := *s.notice
	return &n, nil
}

func (s *situationStore) Update(ctx context.Context, fn func(bridge.Tx) error) error {
	if s.down {
		return errDown
	}
	return s.Store.Update(ctx, fn)
}

// meets sends the call to a server in the situation; what is to be stored goes to
// the given store.
func (s situation) meets(t *testing.T, kept bridge.Store, headers ...string) answer {
	t.Helper()
	db := &situationStore{Store: kept, situation: s, held: make(chan struct{}), release: make(chan struct{})}
	limits := soap.Limits{}
	if s.overload {
		limits.Calls = 1
	}
	registry, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{testkit.Station: {
		ID: testkit.Station, ECs: map[bridge.ECCode]bridge.CreditorInstitution{
			testkit.EC: {Code: testkit.EC, Name: "Comune di Prova", AuxDigit: bridge.AuxSegregationCodes, SegregationCodes: []string{"02"}},
		},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	server := newStationFor(t, db, limits, registry)
	if s.overload {
		var other sync.WaitGroup
		other.Go(func() { server.post(t, verifyOf(nav1)) }) // takes the only place
		<-db.held
		defer other.Wait()
		defer close(db.release)
	}
	return server.post(t, s.body, headers...)
}

// refuses checks the refusal: a KO with the code, or no valid answer at all.
func (a answer) refuses(t *testing.T, root, code string) {
	t.Helper()
	if strings.HasPrefix(code, "HTTP ") {
		if got := fmt.Sprintf("HTTP %d", a.status); got != code || strings.Contains(string(a.body), "outcome") {
			t.Errorf("%s, want %s\n%s", got, code, a.body)
		}
		return
	}
	a.isKO(t, root, code, a.text(t, "id"), xmlText(a.text(t, "description")))
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
