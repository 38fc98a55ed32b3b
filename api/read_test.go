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

const (
	one          = ours + "/77777777777-0001"
	titleUnknown = "Not found the debt position"
	titleList    = "The debt positions cannot be recovered"
)

func unknown(iupd string) string {
	return problem(404, titleUnknown, "organization 77777777777 has no debt position "+iupd)
}

// page is a list answer with the positions given.
func page(number, limit, pages int, views ...string) string {
	return fmt.Sprintf(`{"payment_position_list":[%s],"page_info":{"page":%d,"limit":%d,"items_found":%d,"total_pages":%d}}`, strings.Join(views, ","), number, limit, len(views), pages)
}

// TestRead is rows B1 and B2, and what of the path is refused.
func TestRead(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours, minimal)
	const ruleIUPD = `.iupd: must match "[\w*\h-]+"`
	tests := []struct {
		id     string
		r      request
		status int
		answer string
	}{
		{"B1", get(one), 200, minimalView},
		{"B2", get(ours + "/none"), 404, unknown("none")},
		{"B2 blank and star in the iupd", get(ours + "/a%20b*c%2Ad"), 404, unknown("a b*c*d")},
		{"iupd with a slash", get(ours + "/a%2Fb"), 400, problem(400, titleBean, "getOrganizationDebtPositionByIUPD"+ruleIUPD)},
		{"iupd with a point", remove(ours + "/a.b"), 400, problem(400, titleBean, "deleteDebtPosition"+ruleIUPD)},
		{"iupd with NUL", post(ours+"/a%00b/publish", ""), 400, problem(400, titleBean, "publishDebtPosition.iupd: must be 1 to 255 characters, none of them a control character")},
		{"iupd that is no text", get(ours + "/%ff"), 400, problem(400, titleBean, "getOrganizationDebtPositionByIUPD"+ruleIUPD)},
		{"publish takes an iupd that cannot be read", post(ours+"/a.b/publish", ""), 404, unknown("a.b")},
		{"malformed query", get(ours + "?limit=%zz"), 400, problem(400, titleBean, "the query is malformed")},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) { s.want(tt.r, tt.status, tt.answer) })
	}
}

// TestRead_PaidPosition shows the facts of a payment and hides the debtor.
func TestRead_PaidPosition(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours+"?toPublish=true", minimal)
	s.edit("77777777777-0001", pay)
	answer := edited(minimalView, "status", "PAID", "publishDate", "2026-11-23T12:00:00", "validityDate", "2026-11-23T12:00:00", "paymentDate", "2026-11-24T09:30:00",
		option0+"status", "PO_PAID", option0+"paymentDate", "2026-11-24T09:30:00", option0+"paymentMethod", "creditCard", option0+"pspCompany", "PSP S.p.A.",
		option0+"idReceipt", "c110729d258c4ab1b765fe902aae41d6", option0+"fee", 120)
	s.want(get(one), 200, answer)
	s.want(remove(one), 409, problem(409, "Existing related payment found", "the debt position is PAID"))
	s.want(post(one+"/publish", ""), 409, problem(409, "Existing related payment found or not in publishable state", "the debt position is PAID, not DRAFT"))
}

func pay(p *bridge.Position) {
	p.Status, p.PaidAt = bridge.Paid, time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	in := &p.Options[0].Instalments[0]
	in.Status, in.PaidAt, in.PaymentMethod, in.PSPCompany = bridge.InstalmentPaid, p.PaidAt, "creditCard", "PSP S.p.A."
	in.ReceiptID, in.Fee = "c110729d258c4ab1b765fe902aae41d6", 120
}

// TestRead_SeveralPlans is row B3: v1 cannot show such a position and the list
// leaves it out.
func TestRead_SeveralPlans(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	p := testkit.Plan(1)
	p.IUPD, p.Status, p.InsertedAt, p.LastUpdatedAt = "77777777777-0001", bridge.Draft, testkit.Noon, testkit.Noon
	p.Options[0] = testkit.Plan(4).Options[1]
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			in.Status, in.InsertedAt, in.LastUpdatedAt, in.Transfers[0].Status = bridge.InstalmentUnpaid, testkit.Noon, testkit.Noon, bridge.TransferUnreported
		}
	}
	s.insert(p)
	refusal := problem(422, "MULTI_INSTALLMENT_NOT_SUPPORTED_IN_V1", "debt position 77777777777-0001 of organization 77777777777 has several instalment plans, which version 1 cannot show")
	s.want(get(one), 422, refusal)
	s.want(get(ours), 200, page(0, 10, 1))
	s.want(remove(one), 200, `"The debt position was successfully deleted"`)
}

// numbered is the n-th of a row of positions, due on the n-th of December.
func numbered(n int) (body, view string) {
	iupd, iuv, due := fmt.Sprintf("P-%02d", n), fmt.Sprintf("470000000000000%02d", n), fmt.Sprintf("2026-12-%02dT22:59:59", n)
	edits := []any{"iupd", iupd, option0 + "iuv", iuv, option0 + "dueDate", due}
	inserted := testkit.Noon.Add(time.Duration(n) * time.Minute).Format("2006-01-02T15:04:05")
	return edited(minimal, edits...), edited(minimalView, append(edits, option0+"nav", "3"+iuv, "insertedDate", inserted, "lastUpdatedDate", inserted,
		option0+"insertedDate", inserted, option0+"lastUpdatedDate", inserted, transfer0+"insertedDate", inserted, transfer0+"lastUpdatedDate", inserted)...)
}

// twelve is a station with positions P-01 to P-12, a minute apart, and what the
// list says of each.
func twelve(t *testing.T) (*station, []string) {
	t.Helper()
	s := newStation(t, api.Limits{})
	views := make([]string, 13)
	for n := 1; n <= 12; n++ {
		s.clock.Set(testkit.Noon.Add(time.Duration(n) * time.Minute))
		body, view := numbered(n)
		s.created(ours, body)
		views[n] = view
	}
	return s, views
}

// TestList is rows B4 to B12, B15 and B17.
func TestList(t *testing.T) {
	t.Parallel()
	s, v := twelve(t)
	constraint := "getOrganizationDebtPositions."
	list := func(parameters string) request { return get(ours + "?" + parameters) }
	tests := []struct {
		id     string
		r      request
		status int
		answer string
	}{
		{"B4", get(ours), 200, page(0, 10, 2, v[12], v[11], v[10], v[9], v[8], v[7], v[6], v[5], v[4], v[3])},
		{"B4 second page", list("page=1"), 200, page(1, 10, 2, v[2], v[1])},
		{"B4 other order", list("orderby=IUPD&ordering=ASC&limit=2&page=2"), 200, page(2, 2, 6, v[5], v[6])},
		{"B5 51", list("limit=51"), 400, problem(400, titleBean, constraint+"limit: must be less than or equal to 50")},
		{"B5 0", list("limit=0"), 400, problem(400, titleBean, constraint+"limit: must be greater than 0")},
		{"B5 -1", list("limit=-1"), 400, problem(400, titleBean, constraint+"limit: must be greater than 0")},
		{"B5 page -1", list("page=-1"), 400, problem(400, titleBean, constraint+"page: must be greater than or equal to 0")},
		{"B6", list("page=99999"), 200, page(99999, 10, 2)},
		{"B6 last page there is", list("page=2147483647&limit=50"), 200, page(2147483647, 50, 1)},
		{"B7", list("due_date_from=2026-12-01&due_date_to=2027-01-30"), 400,
			problem(400, titleList, "due_date_to must not be before due_date_from, and there may be at most 30 days between them [due_date_from=2026-12-01T00:00:00, due_date_to=2027-01-30T23:59:59.999999, days=60]")},
		{"B8", list("due_date_from=2026-12-10&due_date_to=2026-12-08"), 400,
			problem(400, titleList, "due_date_to must not be before due_date_from, and there may be at most 30 days between them [due_date_from=2026-12-10T00:00:00, due_date_to=2026-12-08T23:59:59.999999, days=-1]")},
		{"B8 one day is an interval", list("due_date_from=2026-12-10&due_date_to=2026-12-10"), 200, page(0, 10, 1, v[10])},
		{"B9", list("due_date_from=31-12-2026"), 400, problem(400, titleBean, "Invalid value 31-12-2026 for property due_date_from")},
		{"B9 year 0000", list("due_date_to=0000-01-01"), 400, problem(400, titleBean, "Invalid value 0000-01-01 for property due_date_to")},
		{"B9 year 9999", list("payment_date_from=9999-12-31"), 400, problem(400, titleBean, "Invalid value 9999-12-31 for property payment_date_from")},
		{"B9 time without a time", list("payment_date_time_from=2026-12-31"), 400, problem(400, titleBean, "Invalid value 2026-12-31 for property payment_date_time_from")},
		{"B9 status", list("status=valid"), 400, problem(400, titleBean, "Invalid value valid for property status")},
		{"B9 orderby", list("orderby=NAV"), 400, problem(400, titleBean, "Invalid value NAV for property orderby")},
		{"B9 ordering", list("ordering=up"), 400, problem(400, titleBean, "Invalid value up for property ordering")},
		{"B9 limit", list("limit=ten"), 400, problem(400, titleBean, "Invalid value ten for property limit")},
		{"B9 page of 33 bits", list("page=4294967296"), 400, problem(400, titleBean, "Invalid value 4294967296 for property page")},
		{"B9 long value is cut", list("status=" + strings.Repeat("x", 1000)), 400, problem(400, titleBean, "Invalid value "+strings.Repeat("x", 64)+" for property status")},
		{"B10", list("due_date_from=2026-12-01&payment_date_to=2026-12-01"), 400, problem(400, "Exclusive Parameters", "the intervals due_date and payment_date exclude one another")},
		{"B10 empty is present", list("due_date_from=&payment_date_time_to="), 400, problem(400, "Exclusive Parameters", "the intervals due_date and payment_date_time exclude one another")},
		{"B11 from", list("due_date_from=2026-12-10"), 200, page(0, 10, 1, v[12], v[11], v[10])},
		{"B11 to", list("due_date_to=2026-12-03"), 200, page(0, 10, 1, v[3], v[2], v[1])},
		{"B11 to, thirty days back", list("due_date_to=2027-01-04"), 200, page(0, 10, 1, v[12], v[11], v[10], v[9], v[8], v[7], v[6], v[5])},
		// Row B17: no position of another service can be here, so that what tells the
		// services apart inside GPD is no filter.
		{"B17", list("serviceType=WISP&limit=1"), 200, page(0, 1, 12, v[12])},
		{"B15", list("limit=5&page=2"), 200, page(2, 5, 3, v[2], v[1])},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) { s.want(tt.r, tt.status, tt.answer) })
	}
}

// TestList_DueWindowShowsOnlyOptionsInside is row B12.
func TestList_DueWindowShowsOnlyOptionsInside(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours, edited(minimal, "paymentOption.1", object(optionJSON), "paymentOption.1.iuv", "2", "paymentOption.1.dueDate", "2027-03-31T22:59:59"))
	s.want(get(ours+"?due_date_from=2026-12-31&due_date_to=2026-12-31"), 200, page(0, 10, 1, minimalView))
}

// TestList_Payments is rows B14 and B16: the payment filters look at the
// position's payment date, which a partly paid position does not have.
func TestList_Payments(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	paidBody, _ := numbered(10)
	partBody, _ := numbered(1)
	s.created(ours, paidBody)
	s.created(ours, partBody)
	s.edit("P-10", pay)
	s.edit("P-01", func(p *bridge.Position) {
		p.Status = bridge.PartiallyPaid
		p.Options[0].Instalments[0].Status = bridge.InstalmentPaid
		p.Options[0].Instalments[0].PaidAt = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	})
	tests := []struct {
		id         string
		parameters string
		found      bool
	}{
		{"B14", "status=PAID", true},
		{"B14 none reported", "status=REPORTED", false},
		{"B16", "payment_date_from=2026-11-24&payment_date_to=2026-11-24", true},
		{"B16 completed", "payment_date_from=2026-11-01", true},
		{"B16 day before", "payment_date_to=2026-11-23", false},
		{"B16 by time", "payment_date_time_from=2026-11-24T09:30:00&payment_date_time_to=2026-11-24T09:30:00", true},
		{"B16 by time, a second later", "payment_date_time_from=2026-11-24T09:30:01", false},
		{"B16 by time, completed back", "payment_date_time_to=2026-12-24T09:30:00", true},
		{"B16 by time, thirty days and a second", "payment_date_time_to=2026-12-24T09:30:01", false},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			got := s.do(get(ours + "?" + tt.parameters))
			if got.status != http.StatusOK || strings.Contains(got.body, `"P-10"`) != tt.found || strings.Contains(got.body, `"P-01"`) {
				t.Errorf("status %d, %s; want P-10 in it: %v", got.status, got.body, tt.found)
			}
		})
	}
}

// TestList_StatusIsOfTheWholePosition: a due-date filter hides options, it does
// not make a position expire that has an option due later.
func TestList_StatusIsOfTheWholePosition(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours+"?toPublish=true", edited(minimal, "switchToExpired", true, "paymentOption.1", object(optionJSON), "paymentOption.1.iuv", "2", "paymentOption.1.dueDate", "2027-03-31T22:59:59"))
	s.clock.Set(testkit.Noon.Add(60 * 24 * time.Hour))
	s.want(get(ours+"?due_date_from=2026-12-31&due_date_to=2026-12-31"), 200, page(0, 10, 1, edited(minimalView, "status", "VALID", "publishDate", "2026-11-23T12:00:00", "validityDate", "2026-11-23T12:00:00")))
}
