package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

const receiptsPath = "/gpd/payments-receipts-service/v1/payments/77777777777/receipts"

// keep stores a receipt of the n-th of a day's payments.
func (s *station) keep(iuv, debtor string, paidAt time.Time, change func(*bridge.Receipt)) {
	s.t.Helper()
	r := &bridge.Receipt{
		EC: ourEC, PrimaryEC: ourEC, ReceiptID: "receipt-" + iuv + "-" + debtor, Version: bridge.ReceiptV2, NAV: bridge.NoticeNumber("3" + iuv), IUV: bridge.IUV(iuv), Outcome: bridge.OutcomeOK,
		Amount: 1050, TransferTotal: 1050, DebtorFiscalCode: debtor, PaymentDateTime: paidAt.Format("2006-01-02T15:04:05"), ReceivedAt: testkit.Noon,
		Raw: []byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><s:Body><p:paSendRTV2Request><idPA>77777777777</idPA><receipt><receiptId>` + iuv + `</receiptId><description>TARI &lt;1&gt;</description></receipt></p:paSendRTV2Request></s:Body></s:Envelope>`),
	}
	if change != nil {
		change(r)
	}
	if err := s.store.Update(s.t.Context(), func(tx bridge.Tx) error { return tx.InsertReceipt(s.t.Context(), r) }); err != nil {
		s.t.Fatal(err)
	}
}

// iuvs are the lines of a list, in its order.
func (s *station) iuvs(query string) string {
	s.t.Helper()
	got := s.do(get(receiptsPath + query))
	if got.status != 200 {
		s.t.Fatalf("%s: %d %s", query, got.status, got.body)
	}
	var list []string
	for _, line := range object(got.body).(map[string]any)["results"].([]any) {
		list = append(list, line.(map[string]any)["iuv"].(string))
	}
	return strings.Join(list, " ")
}

// TestReceipts is rows G1 to G3, with the filters of gpd-api.md §3.6.
func TestReceipts(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.want(get(receiptsPath), 200, `{"currentPageNumber":0,"length":0,"totalPages":1,"results":[]}`)
	day := func(n int) time.Time { return testkit.Noon.AddDate(0, 0, -n) }
	s.keep("47000000000000113", "VRDLGU80A01H501X", day(1), nil)
	s.keep("47000000000000012", "RSSMRA80A01H501U", day(2), nil)
	s.keep("99000000000000214", "RSSMRA80A01H501U", day(3), nil)
	s.keep("47000000000000315", "RSSMRA80A01H501U", day(200), nil)
	s.keep("47000000000000416", "RSSMRA80A01H501U", day(1), func(r *bridge.Receipt) { r.Outcome = "ko " }) // archived only
	s.keep("47000000000000517", "RSSMRA80A01H501U", day(1), func(r *bridge.Receipt) { r.EC = otherEC })    // another tenant's
	s.keep("47000000000000618", "NRERSS80A01H501Z", day(0), func(r *bridge.Receipt) { r.PaymentDateTime = "" })
	line := func(iuv, debtor, at string) string {
		return fmt.Sprintf(`{"organizationFiscalCode":"77777777777","iuv":%q,"debtor":%q,"paymentDateTime":%q,"status":"PAID","receiptId":%q}`, iuv, debtor, at, "receipt-"+iuv+"-"+debtor)
	}
	s.want(get(receiptsPath+"?pageSize=3"), 200, `{"currentPageNumber":0,"length":3,"totalPages":2,"results":[`+ // G1
		line("47000000000000012", "RSSMRA80A01H501U", "2026-11-21T12:00:00")+","+line("47000000000000113", "VRDLGU80A01H501X", "2026-11-22T12:00:00")+","+
		line("47000000000000618", "NRERSS80A01H501Z", "2026-11-23T12:00:00")+`]}`)
	for query, want := range map[string]string{
		"?pageSize=3&pageNum=1":          "99000000000000214",
		"?debtor=RSSMRA80A01H501U":       "47000000000000012 99000000000000214",
		"?debtor=RSSMRA":                 "",
		"?service=99":                    "99000000000000214",
		"?debtorOrIuv=RSS":               "47000000000000012 99000000000000214",
		"?debtorOrIuv=4700000000000001":  "47000000000000012",
		"?segregationCodes=99,98":        "99000000000000214",
		"?from=2026-11-21&to=2026-11-21": "47000000000000012",
		"?from=2026-11-21T12:00:01":      "47000000000000113 47000000000000618",
		"?to=2026-05-31":                 "47000000000000315",
		"?from=2026-05-01&to=2026-11-20": "47000000000000315 99000000000000214",
	} {
		if got := s.iuvs(query); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	s.want(get(receiptsPath+"?pageNum=9"), 400, problem(400, "Not enough elements", "there are 1 pages of 20 receipts, counted from 0"))                                   // G2
	s.want(get(receiptsPath+"?from=2026-11-02&to=2026-11-01"), 400, problem(400, "Invalid date range", "from 2026-11-02T00:00:00 is after to 2026-11-01T23:59:59.999999")) // G3
	s.want(get(receiptsPath+"?from=01-11-2026"), 400, problem(400, "Invalid date range", "from and to must be dates such as 2026-12-31 or date-times such as 2026-12-31T10:30:00"))
	s.want(get(receiptsPath+"?pageSize=101"), 400, problem(400, titleBean, "getOrganizationReceipts.pageSize: must be less than or equal to 100"))
	s.want(get(receiptsPath+"?pageNum=-1"), 400, problem(400, titleBean, "getOrganizationReceipts.pageNum: must be greater than or equal to 0"))
}

// TestReceipt is rows G4 and G5.
func TestReceipt(t *testing.T) {
	t.Parallel()
	s := newStationWith(t, api.Config{ReceiptXML: soap.GPDReceipt})
	s.want(get(receiptsPath+"/47000000000000012"), 404, problem(404, "Not found the receipt", "organization 77777777777 has no receipt of iuv 47000000000000012"))
	s.keep("47000000000000012", "RSSMRA80A01H501U", testkit.Noon, nil)
	s.want(get(receiptsPath+"/47000000000000012?segregationCodes=99"), 403,
		problem(403, "The receipt retrieve is forbidden", "the receipt of iuv 47000000000000012 of organization 77777777777 is outside of the segregation codes"))
	got := s.do(get(receiptsPath+"/47000000000000012").with("Accept", "application/json"))
	const want = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PaSendRTV2Request>
    <idPA>77777777777</idPA>
    <receipt>
        <receiptId>47000000000000012</receiptId>
        <description>TARI &lt;1&gt;</description>
    </receipt>
</PaSendRTV2Request>
`
	if got.status != 200 || got.header.Get("Content-Type") != "application/xml" || got.body != want {
		t.Errorf("%d %s\n%s", got.status, got.header.Get("Content-Type"), got.body)
	}
	s.want(get("/gpd/payments-receipts-service/v1/payments/88888888888/receipts/47000000000000012").with(keyHeader, s.otherKey), 404,
		problem(404, "Not found the receipt", "organization 88888888888 has no receipt of iuv 47000000000000012"))
}
