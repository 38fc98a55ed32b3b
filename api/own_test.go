package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const own = "/bridge/v1/organizations/77777777777"

// receipted is the node's receipt for a notice of ours.
func (s *station) receipted(id, iuv string, amount bridge.Cents) {
	s.t.Helper()
	err := s.service.RecordReceipt(s.t.Context(), bridge.Delivery{Addressee: testkit.Addressee(), Receipt: bridge.Receipt{
		ReceiptID: id, Version: bridge.ReceiptV2, PrimaryEC: ourEC, NAV: bridge.NoticeNumber("3" + iuv), IUV: bridge.IUV(iuv), Outcome: bridge.OutcomeOK,
		Amount: amount, TransferTotal: amount, DebtorFiscalCode: "RSSMRA80A01H501U", PSPCode: "PSP1", PSPCompany: "Banca", PaymentDateTime: "2026-11-23T12:00:00", Raw: []byte("<" + id + "/>"),
	}})
	if err != nil && bridge.CodeOf(err) != bridge.CodeReceiptDuplicate {
		s.t.Fatal(err)
	}
}

// members decodes an answer that must be OK.
func (s *station) members(r request) map[string]any {
	s.t.Helper()
	got := s.do(r)
	if got.status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", r.method, r.path, got.status, got.body)
	}
	return object(got.body).(map[string]any)
}

// column lists one member of each item of an answer's list.
func column(answer map[string]any, list, member string) string {
	var texts []string
	for _, item := range answer[list].([]any) {
		texts = append(texts, fmt.Sprint(item.(map[string]any)[member]))
	}
	return strings.Join(texts, " ")
}

func second() string {
	return edited(minimal, "iupd", "77777777777-0002", option0+"iuv", "48000000000000099")
}

// TestEvents: everything that happens to positions and receipts is told once, in its
// order, to who may see it (gpd-api.md §6.2 "push notification of payment").
func TestEvents(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.want(get(own+"/events"), 200, `{"events":[],"next":0,"more":false}`)
	s.created(ours, minimal)
	s.do(post(one+"/publish", ""))
	s.created(ours, second())
	s.receipted("R1", "47000000000000012", 1051)
	s.receipted("R1", "47000000000000012", 1051) // the same again tells nothing
	s.receipted("R9", "47000000000000999", 500)  // of a notice that is not there
	s.do(remove(ours + "/77777777777-0002"))
	const types = "position.created position.published position.created receipt.received receipt.received position.deleted"
	all := s.members(get(own + "/events"))
	if got := column(all, "events", "type"); got != types || all["more"] != false {
		t.Fatalf("events %s, more %v", got, all["more"])
	}
	s.want(get(own+"/events?types=receipt.received&limit=1"), 200, `{"events":[{"id":6,"type":"receipt.received","occurredAt":"2026-11-23T12:00:00Z","organizationFiscalCode":"77777777777",
		"actor":"node","iupd":"77777777777-0001","nav":"347000000000000012","receiptId":"R1","positionStatus":"PAID","amount":1051,"anomalies":["amount_differs"]}],"next":6,"more":true}`)

	var paged []string
	path := own + "/events?limit=4"
	for path != "" {
		answer := s.do(get(path))
		paged = append(paged, column(object(answer.body).(map[string]any), "events", "type"))
		path, _, _ = strings.Cut(strings.TrimPrefix(answer.header.Get("Link"), "<"), ">")
	}
	if got := strings.Join(paged, " "); got != types || len(paged) != 2 {
		t.Errorf("in %d pages: %s", len(paged), got)
	}
	next := fmt.Sprint(all["next"])
	s.want(get(own+"/events?after="+next), 200, `{"events":[],"next":`+next+`,"more":false}`)

	held := s.newKeyOf(bridge.Key{Name: "partner", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}})
	if got := column(s.members(get(own+"/events").with(keyHeader, held)), "events", "iupd"); got != "77777777777-0002 77777777777-0002" {
		t.Errorf("a key of code 48 sees %s", got)
	}
	reader := s.newKeyOf(bridge.Key{Name: "treasury", ECs: []bridge.ECBinding{{EC: ourEC}}, Scopes: []bridge.Scope{bridge.ReceiptsRead}})
	if got := column(s.members(get(own+"/events").with(keyHeader, reader)), "events", "type"); got != "receipt.received receipt.received" {
		t.Errorf("a key for receipts sees %s", got)
	}
	for query, detail := range map[string]string{
		"?after=x":              "listEvents.after: must be the number that an answer has given as next",
		"?limit=0":              "listEvents.limit: must be between 1 and 200",
		"?limit=201":            "listEvents.limit: must be between 1 and 200",
		"?type=receipt":         "listEvents.type: is no parameter; the parameters are after, limit, types, segregationCodes",
		"?after=1&after=2":      "listEvents.after: is given twice",
		"?types=receipt.gotten": "",
	} {
		got := s.do(get(own + "/events" + query))
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, detail) {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

// TestSearch: by debtor, by notice, by last change, page by page.
func TestSearch(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	for n, debtor := range []string{"RSSMRA80A01H501U", "VRDLGU80A01H501X", "RSSMRA80A01H501U"} {
		s.clock.Set(testkit.Noon.Add(time.Duration(n) * time.Minute))
		s.created(ours, edited(minimal, "iupd", fmt.Sprint("P", n), "fiscalCode", debtor, option0+"iuv", fmt.Sprintf("4%d00000000000001%d", 7+n%2, n)))
	}
	if got := s.do(post(theirs, minimal).with(keyHeader, s.otherKey)); got.status != http.StatusCreated {
		t.Fatal(got.body)
	}
	s.clock.Set(testkit.Noon.Add(time.Hour))
	s.do(post(ours+"/P0/publish", ""))
	iupds := func(query string) string { return column(s.members(get(own+"/positions"+query)), "positions", "iupd") }
	for query, want := range map[string]string{
		"":                                  "P1 P2 P0",
		"?debtor=rssmra80a01h501u":          "P2 P0",
		"?debtor=RSSMRA80A01H501":           "",
		"?nav=348000000000000011":           "P1",
		"?nav=348000000000000099":           "",
		"?changedSince=2026-11-23T12:02:00": "P2 P0",
		"?changedSince=2026-11-23T12:02:00&debtor=VRDLGU80A01H501X": "",
		"?segregationCodes=48": "P1",
	} {
		if got := iupds(query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	var paged []string
	for path := own + "/positions?limit=2"; path != ""; {
		answer := s.do(get(path))
		paged = append(paged, column(object(answer.body).(map[string]any), "positions", "iupd"))
		path, _, _ = strings.Cut(strings.TrimPrefix(answer.header.Get("Link"), "<"), ">")
	}
	if got := strings.Join(paged, "|"); got != "P1 P2|P0" {
		t.Errorf("pages %s", got)
	}
	for _, query := range []string{"?after=!", "?after=bm90aGluZw", "?changedSince=yesterday", "?iupd=P0"} {
		if got := s.do(get(own + "/positions" + query)); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

// TestRestore: what was cancelled or has expired comes back with its notice number.
func TestRestore(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	const title = "The debt position is not in restorable state"
	restore := own + "/positions/77777777777-0001/restore"
	s.want(post(restore, ""), 404, unknown("77777777777-0001"))
	s.created(ours+"?toPublish=true", edited(minimal, "switchToExpired", true))
	s.want(post(restore, ""), 409, problem(409, title, "the debt position is VALID, neither INVALID nor EXPIRED"))
	s.do(post(one+"/invalidate", ""))
	verify := func(want bridge.Code) {
		t.Helper()
		_, err := s.service.VerifyNotice(t.Context(), bridge.NoticeQuery{Addressee: testkit.Addressee(), QRFiscalCode: string(ourEC), NAV: "347000000000000012"})
		if bridge.CodeOf(err) != want {
			t.Errorf("verify: %v, want %q", err, want)
		}
	}
	verify(bridge.CodeNoticeCancelled)
	if got := s.members(post(restore, "")); got["status"] != "DRAFT" {
		t.Errorf("restored: %v", got["status"])
	}
	s.do(post(one+"/publish", ""))
	s.do(post(one+"/invalidate", ""))
	if got := s.members(post(restore+"?toPublish=true", "")); got["status"] != "VALID" {
		t.Errorf("restored and published: %v", got["status"])
	}
	verify("")

	s.clock.Set(time.Date(2027, 1, 10, 9, 0, 0, 0, time.UTC))
	verify(bridge.CodeNoticeExpired)
	if got := s.do(post(restore+"?toPublish=true", "")); got.status != http.StatusBadRequest || !strings.Contains(got.body, "due_date") {
		t.Errorf("restored with its old due date: %d %s", got.status, got.body)
	}
	verify(bridge.CodeNoticeExpired)
	if got := s.members(post(restore+"?toPublish=true&dueDate=2027-02-28T22:59:59", "")); got["status"] != "VALID" {
		t.Errorf("restored with another due date: %v", got)
	}
	verify("")
	if got := column(s.members(get(own+"/events?types=position.restored,position.expired")), "events", "type"); got != "position.restored position.restored position.expired position.restored" {
		t.Errorf("events %s", got)
	}
	s.receipted("R1", "47000000000000012", 1050)
	s.want(post(restore, ""), 409, problem(409, title, "the debt position is PAID, neither INVALID nor EXPIRED"))
}

// TestOwnReceipts: the list masks the debtor, the whole receipt names it and its reading
// is in the journal; the XML is what the node sent.
func TestOwnReceipts(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours+"?toPublish=true", minimal)
	s.receipted("R/1", "47000000000000012", 1050)
	s.receipted("R2", "48000000000000014", 200)
	s.want(get(own+"/receipts?limit=1"), 200, `{"receipts":[{"number":1,"receiptId":"R/1","organizationFiscalCode":"77777777777","primaryOrganizationFiscalCode":"77777777777",
		"nav":"347000000000000012","iuv":"47000000000000012","iupd":"77777777777-0001","outcome":"OK","amount":1050,"fee":0,"debtorFiscalCode":"RS************1U","pspId":"PSP1","pspCompany":"Banca",
		"standIn":false,"paymentDateTime":"2026-11-23T12:00:00","receivedAt":"2026-11-23T12:00:00Z","version":2}],"next":1,"more":true}`)
	if got := column(s.members(get(own+"/receipts?after=1")), "receipts", "receiptId"); got != "R2" {
		t.Errorf("after the first: %s", got)
	}
	if got := column(s.members(get(own+"/receipts?nav=347000000000000012")), "receipts", "receiptId"); got != "R/1" {
		t.Errorf("of a notice: %s", got)
	}
	if got := s.members(get(own + "/receipts/R%2F1")); got["debtorFiscalCode"] != "RSSMRA80A01H501U" {
		t.Errorf("one receipt: %v", got)
	}
	if got := s.do(get(own + "/receipts/R%2F1/xml")); got.status != 200 || got.body != "<R/1/>" || got.header.Get("Content-Type") != "application/xml" {
		t.Errorf("its XML: %d %s", got.status, got.body)
	}
	s.want(get(own+"/receipts/R3"), 404, problem(404, "Not found the receipt", "organization 77777777777 has no receipt R3"))
	held := s.newKeyOf(bridge.Key{Name: "partner", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}})
	if got := column(s.members(get(own+"/receipts").with(keyHeader, held)), "receipts", "receiptId"); got != "R2" {
		t.Errorf("a key of code 48 sees %s", got)
	}
	s.want(get(own+"/receipts/R%2F1").with(keyHeader, held), 403, problem(403, "The receipt retrieve is forbidden", "receipt R/1 of organization 77777777777 is outside of the segregation codes"))
	reads := 0
	err := s.store.View(t.Context(), func(tx bridge.ReadTx) error {
		records, err := tx.JournalAfter(t.Context(), bridge.JournalQuery{EC: ourEC, Actions: []string{"receipt.read"}, Limit: 10})
		reads = len(records)
		return err
	})
	if err != nil || reads != 2 {
		t.Errorf("%d readings in the journal, %v", reads, err)
	}
}

// TestOwnAnomalies: an anomaly waits until somebody says that it has been looked at.
func TestOwnAnomalies(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours+"?toPublish=true", minimal)
	s.receipted("R1", "47000000000000012", 1049)
	s.receipted("R2", "48000000000000014", 200)
	if got := column(s.members(get(own+"/anomalies")), "anomalies", "class"); got != "amount_differs unknown_notice" {
		t.Fatalf("anomalies %s", got)
	}
	if got := s.members(post(own+"/anomalies/1/acknowledge", "")); got["acknowledgedAt"] != "2026-11-23T12:00:00Z" || !strings.HasPrefix(got["acknowledgedBy"].(string), "key:") {
		t.Errorf("acknowledged: %v", got)
	}
	s.clock.Set(testkit.Noon.Add(time.Hour))
	if got := s.members(post(own+"/anomalies/1/acknowledge", "")); got["acknowledgedAt"] != "2026-11-23T12:00:00Z" {
		t.Errorf("acknowledged twice: %v", got)
	}
	for query, want := range map[string]string{"?open=true": "unknown_notice", "?class=amount_differs": "amount_differs", "?after=1": "unknown_notice", "?limit=1": "amount_differs"} {
		if got := column(s.members(get(own+"/anomalies"+query)), "anomalies", "class"); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	if got := s.do(get(own + "/anomalies?class=odd")); got.status != http.StatusBadRequest {
		t.Errorf("an unknown class: %d %s", got.status, got.body)
	}
	held := s.newKeyOf(bridge.Key{Name: "partner", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}})
	if got := column(s.members(get(own+"/anomalies").with(keyHeader, held)), "anomalies", "receiptId"); got != "R2" {
		t.Errorf("a key of code 48 sees %s", got)
	}
	s.want(post(own+"/anomalies/1/acknowledge", "").with(keyHeader, held), 404, problem(404, "Not found the anomaly", "organization 77777777777 has no anomaly 1"))
}
