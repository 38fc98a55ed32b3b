package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const (
	core        = "/organizations/77777777777"
	coreOurs    = core + "/debtpositions"
	coreOption  = core + "/paymentoptions/347000000000000012"
	paids       = base + "/organizations/77777777777/paymentoptions/paids/347000000000000012"
	titleOption = "Not found the payment option"
	titlePaid   = "Existing related payment found"
	payment     = `{"paymentDate":"2026-11-23T11:00:00","paymentMethod":"creditCard","pspCode":"PSP","pspTaxCode":"1","pspCompany":"Banca","idReceipt":"r1","fee":"150"}`
)

// newCore is GPD's core: no prefixes, no keys, the internal calls.
func newCore(t *testing.T) *station {
	t.Helper()
	return newStationWith(t, api.Config{Compat: true})
}

// option is minimal's payment option as reads show it, changed.
func option(edits ...any) string {
	view := object(edited(minimalView, "publishDate", "x")).(map[string]any)["paymentOption"].([]any)[0]
	whole := edited(`{"o":null}`, "o", view)
	return edited(strings.TrimSuffix(strings.TrimPrefix(whole, `{"o":`), "}"), edits...)
}

func paidOption(edits ...any) string {
	return option(append([]any{"status", "PO_PAID", "paymentDate", "2026-11-23T11:00:00", "paymentMethod", "creditCard", "pspCompany", "Banca", "idReceipt", "r1", "fee", 150, "serviceType", "GPD", "lastUpdatedDateNotificationFee", nil}, edits...)...)
}

func noOption(number string) string {
	return problem(404, titleOption, "organization 77777777777 has no payment option "+number)
}

func alreadyPaid(nav string) string {
	return problem(409, titlePaid, "payment option "+nav+" of organization 77777777777, or another of its debt position, is paid")
}

// planned is minimal with the whole amount as one option and two instalments beside it.
func planned() string {
	part := func(iuv string) any {
		return object(edited(optionJSON, "iuv", iuv, "isPartialPayment", true, "amount", 525, "transfer.0.amount", 525))
	}
	return edited(minimal, "paymentOption.1", part("47000000000000113"), "paymentOption.2", part("47000000000000214"))
}

func declared(number, receipt string) request {
	return post(core+"/paymentoptions/"+number+"/pay", edited(payment, "idReceipt", receipt))
}

// TestPay is rows E1, E2, E4, E5 and E12.
func TestPay(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	s.want(post(coreOption+"/pay", payment), 404, noOption("347000000000000012")) // E5
	s.created(coreOurs+"?toPublish=true", minimal)
	s.want(post(coreOption+"/pay", edited(payment, "pspCompany", absent{}, "idReceipt", " ")), 400, problem(400, titleBean, "pspCompany: must not be blank, idReceipt: must not be blank")) // E4
	s.want(post(coreOption+"/pay", edited(payment, "fee", "1,50")), 400, problem(400, titleBean, "fee: must be a number of euro cents"))
	s.want(post(coreOption+"/pay", payment), 200, paidOption()) // E1
	s.want(get(coreOurs+"/77777777777-0001"), 200, edited(minimalView, "status", "PAID", "publishDate", "2026-11-23T12:00:00", "validityDate", "2026-11-23T12:00:00",
		"paymentDate", "2026-11-23T11:00:00", "paymentOption", []any{object(paidOption("serviceType", absent{}, "lastUpdatedDateNotificationFee", absent{}))}))
	s.want(post(coreOption+"/pay", payment), 409, alreadyPaid("347000000000000012")) // E2
	s.created(coreOurs, edited(minimal, "iupd", "draft", option0+"iuv", "47000000000000113"))
	if got := s.do(declared("47000000000000113", "r2")); got.status != 200 { // E12, and by its IUV
		t.Errorf("paying a draft: %d %s", got.status, got.body)
	}
}

// TestPay_Parallel is row E3.
func TestPay_Parallel(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	s.created(coreOurs+"?toPublish=true", minimal)
	var statuses [2]int
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() {
			if got, err := s.send(declared("347000000000000012", fmt.Sprint("r", i))); err == nil {
				statuses[i] = got.status
			}
		})
	}
	group.Wait()
	if statuses != [2]int{200, 409} && statuses != [2]int{409, 200} {
		t.Errorf("answered %v", statuses)
	}
}

// TestPay_Plans is rows E6 to E9: the plan and the whole amount exclude one another.
func TestPay_Plans(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	s.created(coreOurs+"?toPublish=true", planned())
	status := func(want bridge.PositionStatus) {
		t.Helper()
		if got := s.stored("77777777777-0001").Status; got != want {
			t.Errorf("the position is %s, want %s", got, want)
		}
	}
	want := func(r request, code int) {
		t.Helper()
		if got := s.do(r); got.status != code {
			t.Errorf("%s: %d %s", r.path, got.status, got.body)
		}
	}
	want(declared("347000000000000113", "r1"), 200) // E6
	status(bridge.PartiallyPaid)
	want(get(core+"/paymentoptions/347000000000000012"), 404) // E8
	s.want(declared("347000000000000012", "r2"), 404, problem(404, titleOption, "payment option 347000000000000012 of organization 77777777777 is an alternative of a plan that has begun"))
	want(get(core+"/paymentoptions/347000000000000214"), 200)
	want(declared("347000000000000214", "r3"), 200) // E9
	status(bridge.Paid)

	s.created(coreOurs+"?toPublish=true", edited(strings.ReplaceAll(planned(), "470000000000", "480000000000"), "iupd", "whole"))
	want(declared("348000000000000012", "r4"), 200)
	s.want(declared("348000000000000113", "r5"), 409, alreadyPaid("348000000000000113")) // E7
}

// TestOptionRead is rows E10 and E11.
func TestOptionRead(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	s.created(coreOurs+"?toPublish=true", edited(minimal, "validityDate", tomorrow, "switchToExpired", true, "streetName", "Via Roma"))
	s.want(get(coreOption), 404, noOption("347000000000000012")) // E10
	read := func() map[string]any {
		t.Helper()
		got := s.do(get(coreOption))
		if got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return object(got.body).(map[string]any)
	}
	s.clock.Set(testkit.Noon.Add(24 * time.Hour))
	o := read()
	for name, want := range map[string]any{"debtPositionStatus": "VALID", "iupd": "77777777777-0001", "fiscalCode": "RSSMRA80A01H501U", "streetName": "Via Roma", "serviceType": "GPD", "payStandIn": true} {
		if o[name] != want {
			t.Errorf("%s is %v, want %v", name, o[name], want)
		}
	}
	if got := fmt.Sprint(o["paymentOptionMetadata"]); got != "[map[key:NOTIFICATION_FEE value:0]]" {
		t.Errorf("metadata %s", got)
	}
	s.clock.Set(testkit.Noon.AddDate(0, 2, 0))
	if got := read()["debtPositionStatus"]; got != "EXPIRED" { // E11
		t.Errorf("past its due date: %v", got)
	}
	s.created(coreOurs+"?toPublish=true", edited(minimal, "iupd", "lasting", option0+"iuv", "47000000000000113", option0+"dueDate", "2027-02-01T00:00:00"))
	s.clock.Set(testkit.Noon.AddDate(0, 4, 0))
	if got := object(s.do(get(core + "/paymentoptions/47000000000000113")).body).(map[string]any)["debtPositionStatus"]; got != "VALID" {
		t.Errorf("past its due date without expiry: %v", got)
	}
	s.want(get(core+"/paymentoptions/47000000000000999/debtposition"), 404, noOption("47000000000000999"))
	s.want(get(core+"/paymentoptions/99000000000000999/debtposition?segregationCodes=47"), 403,
		problem(403, titleForbidden, "payment option 99000000000000999 of organization 77777777777 is outside of the segregation codes"))
	if got := s.do(get(core + "/paymentoptions/47000000000000113/debtposition")); got.status != 200 || !strings.Contains(got.body, `"iupd":"lasting"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestAlreadyPaid is rows E13 and E14, on the public path with a key.
func TestAlreadyPaid(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.want(post(paids, `{}`), 404, noOption("347000000000000012")) // E14
	s.created(ours+"?toPublish=true", minimal)
	s.want(post(paids+"?segregationCodes=99", `{}`), 403, problem(403, titleForbidden, "payment option 347000000000000012 of organization 77777777777 is outside of the segregation codes"))
	s.want(post(paids, `{"paymentDate":"yesterday"}`), 400, problem(400, titleBean, "paymentDate: must be a date-time such as 2026-12-31T22:59:59, between the years 1900 and 9998"))
	const closed = "CLOSED_AS_ALREADY_PAID_BY_EC"
	s.want(post(paids, `{}`), 200, paidOption("paymentDate", "2026-11-23T12:00:00", "paymentMethod", nil, "pspCompany", closed, "idReceipt", closed, "fee", 0)) // E13
	s.want(post(paids, `{}`), 409, alreadyPaid("347000000000000012"))
	// What is paid elsewhere is no longer payable here; a receipt that comes all the same
	// is kept and noted (gpd-api.md §2.3).
	notice, err := s.store.Notice(t.Context(), ourEC, "347000000000000012")
	if err != nil || notice.PositionStatus != bridge.Paid {
		t.Errorf("the node would see %+v, %v", notice, err)
	}
}

// TestReport is rows E15 to E17.
func TestReport(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	second := object(edited(transferJSON, "idTransfer", "2", "amount", 50))
	s.created(coreOurs+"?toPublish=true", edited(minimal, option0+"amount", 1100, "paymentOption.0.transfer.1", second))
	report := func(id string) request {
		return post(core+"/paymentoptions/47000000000000012/transfers/"+id+"/report", "")
	}
	const title = "transfer is not in accountable state"
	s.want(report("1"), 409, problem(409, title, "transfer 1 of payment option 47000000000000012 is T_UNREPORTED, the option UNPAID, the debt position VALID")) // E16
	s.do(declared("347000000000000012", "r1"))
	s.want(report("x"), 400, problem(400, titleBean, "reportTransfer.transferId: must be a number from 1 to 5"))
	s.want(report("3"), 404, problem(404, "Not found the transfer", "payment option 47000000000000012 of organization 77777777777 has no transfer 3")) // E17
	first := s.do(report("1"))
	if first.status != 200 || !strings.Contains(first.body, `"idTransfer":"1"`) || !strings.Contains(first.body, `"status":"T_REPORTED"`) {
		t.Errorf("%d %s", first.status, first.body)
	}
	state := func() string {
		p := s.stored("77777777777-0001")
		return fmt.Sprint(p.Status, " ", p.Options[0].Instalments[0].Status)
	}
	if got := state(); got != "PAID PO_PARTIALLY_REPORTED" { // E15
		t.Error(got)
	}
	if got := s.do(report("1")); got.status != 409 {
		t.Errorf("reported twice: %d %s", got.status, got.body)
	}
	if got := s.do(report("2")); got.status != 200 || state() != "REPORTED PO_REPORTED" {
		t.Errorf("%d %s: %s", got.status, got.body, state())
	}
}

// TestNotificationFee is row E18; a station has no node to ask, so that an accepted
// fee is answered 209, as GPD answers when it cannot ask.
func TestNotificationFee(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	put := func(fee string) request { return replace(coreOption+"/notificationfee", `{"notificationFee":`+fee+`}`) }
	s.want(put("0"), 404, noOption("347000000000000012"))
	s.created(coreOurs+"?toPublish=true", minimal)
	s.want(put("-1"), 400, problem(400, titleBean, "notificationFee: must be greater than or equal to 0"))
	s.want(put("null"), 400, problem(400, titleBean, "notificationFee: must not be null"))
	s.want(put("0"), 209, option())
	s.want(put("150"), 209, option("amount", 1200, "notificationFee", 150, "transfer.0.amount", 1200))
	s.want(put("70"), 209, option("amount", 1120, "notificationFee", 70, "transfer.0.amount", 1120))
	s.created(coreOurs, edited(minimal, "iupd", "foreign", option0+"iuv", "47000000000000113", transfer0+"organizationFiscalCode", "88888888888"))
	s.want(replace(core+"/paymentoptions/347000000000000113/notificationfee", `{"notificationFee":1}`), 422,
		problem(422, "No valid transfer found for notification fee update", "payment option 347000000000000113 has no transfer of organization 77777777777"))
	s.do(declared("347000000000000012", "r1"))
	s.want(put("1"), 422, problem(422, "Not in unpaid state for notification fee update", "payment option 347000000000000012 of organization 77777777777 is not unpaid"))
}

// TestCore_HasTheSameOperations: the public operations answer without prefix and key,
// and those of version 3 under /v3; the public server has none of the internal ones.
func TestCore_HasTheSameOperations(t *testing.T) {
	t.Parallel()
	s := newCore(t)
	s.want(post(coreOurs, minimal).with(keyHeader, ""), 201, minimalAnswer)
	s.want(get(coreOurs+"/77777777777-0001").with(keyHeader, ""), 200, minimalView)
	s.want(post("/v3"+coreOurs, edited(minimalV3, "iupd", "v3", instalment0+"iuv", "1")).with(keyHeader, ""), 201,
		edited(minimalV3Answer, "iupd", "v3", instalment0+"iuv", "1", instalment0+"nav", "31"))
	s.empty(post(coreOurs+"/bulk", several(bulkItem(1))), 201)
	s.want(get("/payments/77777777777/receipts"), 200, `{"currentPageNumber":0,"length":0,"totalPages":1,"results":[]}`)
	s.want(get("/info"), 200, `{"name":"nodobridge","version":"0.1.0","environment":"test"}`)
	newStation(t, api.Limits{}).want(get(coreOption), 404, problem(404, "NOT FOUND", "there is no such resource"))
}
