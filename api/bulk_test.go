package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"nodobridge/api"
	"nodobridge/bridge"
)

func removeWith(path, body string) request {
	return request{method: http.MethodDelete, path: path, body: body}
}

// bulkItem is minimal with a iupd and iuv of its own.
func bulkItem(n int) string {
	return edited(minimal, "iupd", fmt.Sprintf("bulk-%d", n), option0+"iuv", fmt.Sprintf("470000000000%05d", n))
}

func several(positions ...string) string {
	return `{"paymentPositions":[` + strings.Join(positions, ",") + `]}`
}

func many(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = bulkItem(i)
	}
	return several(list...)
}

// empty asserts an answer without a body.
func (s *station) empty(r request, status int) {
	s.t.Helper()
	if got := s.do(r); got.status != status || got.body != "" || got.header.Get("Content-Length") != "0" {
		s.t.Errorf("%s %s answered %d %q, want %d and nothing", r.method, r.path, got.status, got.body, status)
	}
}

func (s *station) count() int {
	s.t.Helper()
	page, err := s.service.Positions(s.t.Context(), bridge.Principal{ECs: []bridge.ECCode{ourEC}}, bridge.PositionQuery{EC: ourEC, Limit: 1, OrderBy: bridge.ByInsertedDate})
	if err != nil {
		s.t.Fatal(err)
	}
	return page.Total
}

const externalBulk = "/gpd/debt-positions-service/v2/organizations/77777777777/debtpositions"

// TestBulkCreate is rows D1 to D4, under both paths.
func TestBulkCreate(t *testing.T) {
	t.Parallel()
	for _, path := range []string{ours + "/bulk", externalBulk} {
		s := newStation(t, api.Limits{})
		s.empty(post(path+"?toPublish=true", several(bulkItem(1), bulkItem(2))), 201)                                                                                                                                 // D1
		s.want(post(path, several(bulkItem(3), bulkItem(2), bulkItem(4))), 409, problem(409, titleUnique, "debt position bulk-2: a debt position of organization 77777777777 has this iupd, or an iuv or nav of it")) // D2
		s.want(post(path, several(bulkItem(3), edited(bulkItem(4), option0+"amount", 7))), 400,                                                                                                                       // D3
			problem(400, titleSemantics, "debt position bulk-4: Amounts congruence error: payment option 47000000000000004 amount is 7 cents and its transfers add up to 1050"))
		s.want(post(path, several(bulkItem(3), bulkItem(3))), 409, problem(409, titleUnique, "debt position bulk-3: a debt position of organization 77777777777 has this iupd, or an iuv or nav of it"))
		s.want(post(path, many(101)), 400, problem(400, titleBean, "paymentPositions: size must be between 1 and 100")) // D4
		s.want(post(path, several()), 400, problem(400, titleBean, "paymentPositions: size must be between 1 and 100"))
		s.want(post(path, `{}`), 400, problem(400, titleBean, "paymentPositions: size must be between 1 and 100"))
		s.want(post(path, several(bulkItem(3), edited(bulkItem(4), "companyName", ""))), 400, problem(400, titleBean, "paymentPositions[1].companyName: company name is required"))
		if n := s.count(); n != 2 {
			t.Errorf("%d positions are stored, want 2", n)
		}
		if got := s.stored("bulk-1"); got.Status != bridge.Valid {
			t.Errorf("stored as %s", got.Status)
		}
	}
}

// TestBulkUpdate is row D5: all or nothing.
func TestBulkUpdate(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.empty(post(ours+"/bulk", many(100)), 201)
	renamed := func(n int) string { return edited(bulkItem(n), "fullName", "Maria Verdi") }
	for _, path := range []string{ours, externalBulk} {
		s.want(replace(path, several(renamed(1), edited(bulkItem(1), "iupd", "x"), edited(bulkItem(2), "iupd", "y"))), 404,
			problem(404, "Not found the debt position", "organization 77777777777 has no debt position x, y"))
		if got := s.stored("bulk-1").Options[0].Debtor.FullName; got != "Mario Rossi" {
			t.Errorf("half of a refused update is stored: %s", got)
		}
	}
	s.want(replace("/gpd/debt-positions-service/v1/organizations/88888888888/debtpositions", several(renamed(1))).with("Ocp-Apim-Subscription-Key", s.otherKey), 404,
		problem(404, "Not found the debt position", "organization 88888888888 has no debt position bulk-1"))
	s.empty(replace(ours+"?toPublish=true", several(renamed(1), renamed(2))), 200)
	if p := s.stored("bulk-2"); p.Options[0].Debtor.FullName != "Maria Verdi" || p.Status != bridge.Valid {
		t.Errorf("stored %+v", p)
	}
}

// TestBulkDelete is rows D6 and D7.
func TestBulkDelete(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.empty(post(ours+"/bulk", many(30)), 201)
	named := func(from, to int) string {
		var list []string
		for n := from; n < to; n++ {
			list = append(list, fmt.Sprintf(`"bulk-%d"`, n))
		}
		return `{"paymentPositionIUPDs":[` + strings.Join(list, ",") + `]}`
	}
	const size = "paymentPositionIUPDs: size must be between 1 and 20"
	s.want(removeWith(ours, named(0, 2)), 200, `"The debt positions were successfully deleted"`)
	s.want(removeWith(externalBulk, named(2, 4)), 200, `"The debt positions were successfully deleted"`)
	s.want(removeWith(ours, named(4, 25)), 400, problem(400, titleBean, size))
	s.want(removeWith(ours, `{}`), 400, problem(400, titleBean, size))
	s.want(removeWith(ours, `{"paymentPositionIUPDs":null}`), 400, problem(400, titleBean, size))
	s.want(removeWith(ours, `{"paymentPositionIUPDs":["bulk-5","bulk-5"]}`), 400, problem(400, titleBean, "paymentPositionIUPDs[1]: must be a iupd that is not in the list already"))
	s.want(removeWith(ours, `{"paymentPositionIUPDs":["bulk-5","none"]}`), 404, problem(404, "Not found the debt position", "organization 77777777777 has no debt position none"))
	if n := s.count(); n != 26 {
		t.Errorf("%d positions are left, want 26", n)
	}
}
