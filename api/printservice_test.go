package api_test

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const (
	printBase = "/print-payment-notice-service/external/v1/notices"
	generate  = printBase + "/generate"
	massively = printBase + "/generate-massive"
)

// printItem is the n-th notice of a caller's.
func printItem(n int64, edits ...any) string {
	nav, err := bridge.NewNoticeNumber("47", n)
	if err != nil {
		panic(err)
	}
	const item = `{"templateId":"TemplateSingleInstalment","data":{"notice":{"subject":"TARI 2026","paymentAmount":1050,"dueDate":"31/12/2026","code":"%s"},"creditorInstitution":{"taxCode":"77777777777"},
		"debtor":{"taxCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","address":"Via Segreta","buildingNumber":"1","postalCode":"00100","city":"Roma","province":"RM"}}}`
	return edited(fmt.Sprintf(item, nav), edits...)
}

func printFile(n int64) string {
	nav, err := bridge.NewNoticeNumber("47", n)
	if err != nil {
		panic(err)
	}
	return "pagopa-avviso-77777777777-" + string(nav) + "-TemplateSingleInstalment"
}

func printItems(items ...string) string { return `{"notices":[` + strings.Join(items, ",") + `]}` }

// part is an instalment, or an amount of a fine.
func part(n int64) any {
	nav, err := bridge.NewNoticeNumber("47", n)
	if err != nil {
		panic(err)
	}
	return object(fmt.Sprintf(`{"amount":500,"code":"%s","dueDate":"2026-12-31"}`, nav))
}

// folder has notices taken and gives the folder's id.
func (s *station) folder(key, body string) string {
	s.t.Helper()
	got := s.do(post(massively, body).with("Idempotency-Key", key))
	id := fmt.Sprint(object(got.body).(map[string]any)["folder_id"])
	if got.status != http.StatusOK || len(id) != 32 {
		s.t.Fatalf("%d %s", got.status, got.body)
	}
	return id
}

// printed runs the worker until nothing of a folder waits.
func (s *station) printed(id string) {
	s.t.Helper()
	s.printedBy(s.server, id)
}

func (s *station) printedBy(server *api.Server, id string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); server.WorkPrints(ctx) }()
	defer func() { cancel(); <-done }()
	for {
		f, err := s.service.Folder(ctx, bridge.Principal{ECs: []bridge.ECCode{ourEC}}, id)
		if err != nil {
			s.t.Fatal(err)
		}
		if status := f.Status(); status != "INSERTED" && status != "PROCESSING" {
			return
		}
		time.Sleep(time.Duration(1+len(f.Items)/50) * time.Millisecond) // the worker tells nobody but the store
	}
}

// link asks for an address and gives its path.
func (s *station) link(path string) string {
	s.t.Helper()
	got := s.do(get(path))
	url, _ := object(got.body).(map[string]any)["signedUrl"].(string)
	if got.status != http.StatusOK || !strings.HasPrefix(url, s.url+printBase+"/signed/") {
		s.t.Fatalf("%d %s", got.status, got.body)
	}
	return strings.TrimPrefix(url, s.url)
}

// TestPrintService_Generate: what is said is printed, at once (notices.md §9 row 16).
func TestPrintService_Generate(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	got := s.do(post(generate, printItem(1)))
	if got.status != http.StatusCreated || got.header.Get("Content-Type") != "application/pdf" || got.body != `77777777777 TARI 2026 1 false "" false` ||
		!strings.Contains(got.header.Get("Content-Disposition"), printFile(1)+".pdf") {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	const notice = "data.notice."
	if got := s.do(post(generate, printItem(1, notice+"dueDate", "5/12/2026"))); got.status != 201 {
		t.Errorf("a day of one digit: %d %s", got.status, got.body)
	}
	plan := printItem(1, "templateId", "TemplateInstalments", notice+"installments", []any{part(2), part(3)})
	if got := s.do(post(generate, plan)); got.status != 201 || !strings.Contains(got.body, "TARI 2026 3 false") {
		t.Errorf("in full or in two: %d %s", got.status, got.body)
	}
	withoutFull := edited(plan, notice+"code", absent{}, notice+"paymentAmount", absent{})
	if got := s.do(post(generate, withoutFull)); got.status != 201 || !strings.Contains(got.body, "TARI 2026 2 false") {
		t.Errorf("in two: %d %s", got.status, got.body)
	}
	fine := printItem(1, "templateId", "TemplateCdsInfraction", notice+"reduced", part(2), notice+"discounted", part(3))
	if got := s.do(post(generate, fine)); got.status != 201 || !strings.Contains(got.body, `TARI 2026 2 false "" true`) {
		t.Errorf("a fine: %d %s", got.status, got.body)
	}
	long := strings.Repeat("x", 141)
	for _, c := range []struct {
		body   string
		status int
		words  string
	}{
		{printItem(1, "templateId", "TemplateNone"), 404, "GET /notices/templates"},
		{printItem(1, "templateId", absent{}), 400, "templateId: must not be null"},
		{printItem(1, "data.debtor", absent{}), 400, "data.debtor: must not be null"},
		{printItem(1, "data.debtor.fullName", long[:71], "data.debtor.address", long, "data.debtor.city", absent{}), 400,
			"data.debtor.fullName: size must be between 0 and 70, data.debtor.address: size must be between 0 and 140, data.debtor.city: must not be null"},
		{printItem(1, notice+"subject", long[:91]), 400, "data.notice.subject: size must be between 0 and 90"},
		{printItem(1, notice+"code", "34700000000000001"), 400, "data.notice.code: must be 18 digits"},
		{printItem(1, notice+"paymentAmount", 100000000000), 400, "data.notice.paymentAmount: must be between 1 and 99999999999"},
		{printItem(1, notice+"paymentAmount", 0), 400, "data.notice.paymentAmount"},
		{printItem(1, notice+"dueDate", "12/31/2026"), 400, "data.notice.dueDate: must be a day"},
		{printItem(1, notice+"code", absent{}, notice+"paymentAmount", absent{}), 400, "data.notice.code: and paymentAmount are needed by the template"},
		{printItem(1, "templateId", "TemplateManyInstalments", notice+"installments", []any{part(2), part(3)}), 400, "data.notice.installments: size must be between 9 and 100 for the template"},
		{printItem(1, notice+"installments", []any{part(2)}), 400, "data.notice.installments: size must be between 2 and 100"},
		{printItem(1, notice+"code", strings.Repeat("0", 18)), 400, "reserved to the node's probe"},
		{printItem(1, "templateId", "TemplateCdsInfraction", notice+"reduced", part(2)), 400, "data.notice.reduced: and discounted"},
		{printItem(1, notice+"reduced", part(1)), 400, "twice"},
		{printItem(1, "data.creditorInstitution.taxCode", "7777777777x"), 400, "data.creditorInstitution.taxCode: must be 11 digits"},
		{printItem(1, "templateId", "TemplateSingleInstalmentPoste"), 400, "no authorisation of Poste"},
		{"[]", 400, "must be an object"},
	} {
		if got := s.do(post(generate, c.body)); got.status != c.status || !strings.Contains(got.body, c.words) || strings.Contains(got.body, "Mario") || strings.Contains(got.body, "Segreta") {
			t.Errorf("%d %s, want %d with %q", got.status, got.body, c.status, c.words)
		}
	}
	for _, person := range []string{"Mario", "Segreta", "RSSMRA80A01H501U"} {
		if strings.Contains(s.logs.String(), person) {
			t.Errorf("the log names %s", person)
		}
	}
}

// TestPrintService_ForeignEC: another EC's notices and folders are not this key's, nor are
// numbers of its own EC that no station here serves, wherever in the request they stand.
func TestPrintService_ForeignEC(t *testing.T) {
	t.Parallel()
	s := newPrinting(t, api.Config{Printer: clerk{}, Limits: api.Limits{KeyFailures: -1}})
	id := s.folder("k", printItems(printItem(1)))
	s.printed(id)
	foreign := printItem(1, "data.creditorInstitution.taxCode", "88888888888")
	s.want(post(generate, foreign), 403, gateway403)
	s.want(post(massively, printItems(printItem(2), foreign)).with("Idempotency-Key", "other"), 403, gateway403)
	s.want(post(generate, printItem(1)).with(keyHeader, s.otherKey), 403, gateway403)

	gone := problem(404, "Not found the folder", "there is no folder of this id, or it is not for this key")
	file := "/file/" + printFile(1) + "/url"
	for _, path := range []string{"/status", "/url", file, "/error/" + printFile(1)} {
		s.want(get(printBase+"/folder/"+id+path).with(keyHeader, s.otherKey), 404, gone)
		s.want(get(printBase+"/folder/"+strings.Repeat("0", 32)+path), 404, gone)
	}
	s.want(remove(printBase+"/folder/"+id).with(keyHeader, s.otherKey), 404, gone)
	s.want(post(generate+"?folderId="+id, foreign).with(keyHeader, s.newKey(otherEC)), 400, problem(400, "BAD REQUEST", "creditor institution 88888888888 has no CBILL code in the configuration, which every notice shows"))
	s.link(printBase + "/folder/" + id + file)

	keyless := 0
	for _, op := range api.Operations() {
		if op.Open || !strings.HasPrefix(op.Path, printBase) {
			continue
		}
		keyless++
		for _, body := range []string{"", "{", foreign} {
			s.want(request{method: op.Method, path: filled(op.Path, ourEC, id), body: body}.with(keyHeader, "nb_000000000000_x"), 401, gateway401)
		}
	}
	if keyless < 10 {
		t.Errorf("only %d operations", keyless)
	}

	held := s.newKeyOf(bridge.Key{Name: "partner", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}})
	for _, body := range []string{printItem(1), printItem(1, "templateId", "TemplateCdsInfraction", "data.notice.code", absent{}, "data.notice.paymentAmount", absent{}, "data.notice.reduced", part(2), "data.notice.discounted", part(3))} {
		if got := s.do(post(generate, body).with(keyHeader, held)); got.status != 403 || !strings.Contains(got.body, "NOT_ALLOWED_ON_CI_CODE") {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	s.want(get(printBase+"/folder/"+id+"/status").with(keyHeader, held), 404, gone)
}

// TestPrintService_Folder: taken once, printed, fetched by addresses that end, and deleted.
func TestPrintService_Folder(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	three := printItems(printItem(1), printItem(2, "templateId", "TemplateSingleInstalmentPoste"), printItem(3))
	id := s.folder("k1", three)
	folder := printBase + "/folder/" + id
	s.want(get(folder+"/status"), 200, `{"status":"INSERTED","processedNotices":[],"noticesInError":[]}`)
	s.want(get(folder+"/url"), 403, problem(403, "The folder is not ready", "3 of 3 notices are not worked off"))
	s.printed(id)
	failed := strings.Replace(printFile(2), "Instalment", "InstalmentPoste", 1)
	s.want(get(folder+"/status"), 200, `{"status":"PROCESSED_WITH_FAILURES","processedNotices":["`+printFile(1)+`","`+printFile(3)+`"],"noticesInError":["`+failed+`"]}`)
	s.want(get(folder+"/error/"+failed), 200, `{"status":"PROCESSED_WITH_FAILURES","processedNotices":[],"noticesInError":["`+failed+`"],"errorId":"`+failed+`","errorCode":"NOT_PRINTABLE",
		"errorDescription":"no postal slip can be printed: the creditor institution has no authorisation of Poste in the configuration","createdAt":"2026-11-23T12:00:00Z","folderId":"`+id+`","compressionError":false}`)
	if got := s.do(get(folder + "/error/" + printFile(1))); got.status != 404 {
		t.Errorf("the error of what is printed: %d %s", got.status, got.body)
	}
	if got := s.do(get(folder + "/file/" + failed + "/url")); got.status != 404 {
		t.Errorf("the file of what is not printed: %d %s", got.status, got.body)
	}

	one, whole := s.link(folder+"/file/"+printFile(3)+"/url"), s.link(folder+"/url")
	follow := func(path string) response { return s.do(get(path).with(keyHeader, "")) }
	if got := follow(one); got.status != 200 || got.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.body, "77777777777 TARI 2026") {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	if names := namesIn(t, follow(whole)); names != printFile(1)+".pdf "+printFile(3)+".pdf" {
		t.Errorf("the zip holds %s", names)
	}
	for name, path := range map[string]string{
		"another file":     strings.Replace(one, printFile(3), printFile(1), 1),
		"a longer life":    strings.Replace(one, "expires=", "expires=9", 1),
		"another proof":    strings.Replace(one, "signature=", "signature=00", 1),
		"no proof":         strings.Split(one, "?")[0],
		"the whole folder": strings.Replace(one, printFile(3), id, 1),
	} {
		if got := follow(path); got.status != 403 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	s.clock.Set(testkit.Noon.Add(5 * time.Minute))
	for _, path := range []string{one, whole} {
		if got := follow(path); got.status != 403 || !strings.Contains(got.body, "expired") {
			t.Errorf("five minutes later: %d %s", got.status, got.body)
		}
	}
	one = s.link(folder + "/file/" + printFile(3) + "/url")
	if got := s.do(remove(folder)); got.status != 200 || got.body != "" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := follow(one); got.status != 404 {
		t.Errorf("a file of a folder that is deleted: %d %s", got.status, got.body)
	}
	if again := s.folder("k1", three); again == id {
		t.Error("a deleted folder was given again")
	}
}

func namesIn(t *testing.T, got response) string {
	t.Helper()
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %s %v", got.status, got.body, got.header)
	}
	z, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", f.Name, len(text), err)
		}
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

// TestPrintService_Asked: a folder has 1 to 1000 notices, a name of its key's, and each
// notice once.
func TestPrintService_Asked(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	id := s.folder("k1", printItems(printItem(1)))
	if again := s.folder("k1", printItems(printItem(1))); again != id {
		t.Error("the same request made another folder")
	}
	if other := s.do(post(massively, printItems(printItem(1))).with("Idempotency-Key", "k1").with(keyHeader, s.newKey(ourEC))); strings.Contains(other.body, id) {
		t.Error("another key's name was this key's")
	}
	s.want(post(massively, printItems(printItem(2))).with("Idempotency-Key", "k1"), 409, problem(409, "The Idempotency-Key was used for another request", "folder "+id+" was made by this Idempotency-Key for other notices"))
	many := make([]string, 1001)
	for i := range many {
		many[i] = printItem(int64(i))
	}
	size := "notices: size must be between 1 and 1000"
	for _, c := range []struct{ name, body, words string }{
		{"k2", printItems(), size}, {"k2", `{}`, size}, {"k2", printItems(many...), size},
		{"", printItems(printItem(1)), "Idempotency-Key"},
		{"k2", printItems(printItem(1), printItem(2), printItem(1)), "notices[2]: is the same notice"},
		{"k2", printItems(printItem(1), printItem(2, "templateId", "TemplateNone", "data.notice.subject", "")), "notices[1].data.notice.subject: must not be blank"},
		{"k2", printItems(printItem(1), printItem(2, "templateId", "TemplateNone")), "notices[1].templateId: is the id of no template"},
	} {
		if got := s.do(post(massively, c.body).with("Idempotency-Key", c.name)); got.status != 400 || !strings.Contains(got.body, c.words) {
			t.Errorf("%d %.300s, want %q", got.status, got.body, c.words)
		}
	}
	full := s.folder("k3", printItems(many[:1000]...))
	s.want(post(generate+"?folderId="+full, printItem(1000)), 400, problem(400, "BAD REQUEST", "folderId: the folder has 1000 notices, it can have no more"))
	if got := s.do(post(generate+"?folderId="+full, printItem(999))); got.status != 201 {
		t.Errorf("in the place of one: %d %s", got.status, got.body)
	}
	s.printed(full)
	f, err := s.service.Folder(t.Context(), bridge.Principal{ECs: []bridge.ECCode{ourEC}}, full)
	if err != nil || f.Status() != "PROCESSED" || len(f.Items) != 1000 {
		t.Errorf("%s, %d notices, %v", f.Status(), len(f.Items), err)
	}
}

// TestPrintService_Restart: what a process has not printed the next one does, what it has
// printed can still be fetched, and its addresses have ended with it.
func TestPrintService_Restart(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	done := s.folder("k1", printItems(printItem(1)))
	s.printed(done)
	path := s.link(printBase + "/folder/" + done + "/url")
	waiting := s.folder("k2", printItems(printItem(2), printItem(3)))

	next := api.New(api.Config{Service: s.service, Printer: clerk{}})
	s.printedBy(next, waiting)
	s.want(get(printBase+"/folder/"+waiting+"/status"), 200, `{"status":"PROCESSED","processedNotices":["`+printFile(2)+`","`+printFile(3)+`"],"noticesInError":[]}`)
	w := recorded(next, path)
	if w.Code != http.StatusForbidden {
		t.Errorf("an address of the process before: %d %s", w.Code, w.Body)
	}
	s.clock.Set(testkit.Noon.Add(200*24*time.Hour + time.Second))
	young := s.folder("k3", printItems(printItem(4)))
	s.printedBy(next, young) // a worker forgets first
	if got := s.do(get(printBase + "/folder/" + young + "/status")); got.status != 200 {
		t.Errorf("a young folder: %d %s", got.status, got.body)
	}
	if got := s.do(get(printBase + "/folder/" + done + "/status")); got.status != 404 {
		t.Errorf("after 200 days: %d %s", got.status, got.body)
	}
}

// TestPrintService_Templates: the list, a request for each, and what it gives.
func TestPrintService_Templates(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	list := object(s.do(get(printBase + "/templates")).body).([]any)
	if len(list) != 7 {
		t.Fatalf("%d templates", len(list))
	}
	for _, template := range list {
		id := template.(map[string]any)["templateId"].(string)
		example := template.(map[string]any)["templateExampleUrl"].(string)
		if got := s.do(get(strings.TrimPrefix(example, s.url))); got.status != 200 || got.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.body, "99999000013 Oggetto di esempio") {
			t.Errorf("%s: %d %s", id, got.status, got.body)
		}
		request := object(s.do(get(printBase + "/templates/" + id)).body).(map[string]any)["exampleRequest"]
		body := edited(`{"notices":[null]}`, "notices.0", request, "notices.0.data.creditorInstitution.taxCode", string(ourEC))
		if got := s.do(post(massively, body).with("Idempotency-Key", id)); got.status != 200 {
			t.Errorf("%s: its example: %d %s", id, got.status, got.body)
		}
	}
	s.want(get(printBase+"/templates/TemplateCdsInfractionThermal"), 404, problem(404, "Not found the template", "there is no template of this id; the templates are those of GET /notices/templates"))
}

// recorded asks a server that listens nowhere.
func recorded(server *api.Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
