package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const (
	massiveV1 = "/upload/gpd/debt-positions-service/v1/brokers/99999999999/organizations/77777777777/debtpositions/file"
	massiveV2 = "/upload/gpd/debt-positions-service/v2/brokers/99999999999/organizations/77777777777/debtpositions/file"
)

// zipped is a zip of the files, name and content in turn.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// upload is a multipart request with the part named file.
func upload(t testing.TB, method, path, name string, content []byte) request {
	t.Helper()
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return request{method: method, path: path, body: buffer.String()}.with("Content-Type", w.FormDataContentType())
}

func (s *station) uploaded(method, path, document string) string {
	s.t.Helper()
	got := s.do(upload(s.t, method, path, "positions.zip", zipped(s.t, "positions.json", document)))
	location := got.header.Get("Location")
	const before, after = "brokers/99999999999/organizations/77777777777/debtpositions/file/", "/status"
	if got.status != 202 || got.body != "" || got.header.Get("Retry-After") != "2000 ms" || !strings.HasPrefix(location, before) || !strings.HasSuffix(location, after) {
		s.t.Fatalf("%d %q, Location %q, Retry-After %q", got.status, got.body, location, got.header.Get("Retry-After"))
	}
	return strings.TrimSuffix(strings.TrimPrefix(location, before), after)
}

// worked runs the worker until the file is worked off.
func (s *station) worked(id string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); s.server.WorkMassive(ctx) }()
	for {
		f, err := s.service.MassiveStatus(ctx, bridge.Principal{ECs: []bridge.ECCode{ourEC}}, testkit.Broker, ourEC, id)
		if err != nil {
			s.t.Fatal(err)
		}
		if !f.EndedAt.IsZero() {
			cancel()
			<-done
			return
		}
		time.Sleep(time.Millisecond) // the worker tells nobody but the store
	}
}

// TestMassive_Create is rows H1, H4 and H6: accepted, too early, worked off, and the same
// file again.
func TestMassive_Create(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	document := several(bulkItem(1), bulkItem(2), bulkItem(3))
	id := s.uploaded("POST", massiveV2, document)
	if !strings.HasPrefix(id, "99999999999_77777777777_") || len(id) != len("99999999999_77777777777_")+32 {
		t.Errorf("id %s", id)
	}
	s.want(get(massiveV2+"/"+id+"/status"), 200, `{"fileId":"`+id+`","processedItem":0,"submittedItem":3,"startTime":"2026-11-23 12:00:00","operationStatus":"IN_PROGRESS"}`)
	s.want(get(massiveV2+"/"+id+"/report"), 425, problem(425, "TOO EARLY", "0 of 3 rows are worked off")) // H4
	s.want(get(massiveV1+"/"+id+"/report"), 200, `{"uploadID":"`+id+`","processedItem":0,"submittedItem":3,"responses":[],"startTime":"2026-11-23 12:00:00","endTime":null}`)
	s.want(get(massiveV2+"/none/report"), 404, problem(404, "STATUS NOT FOUND", "organization 77777777777 has no uploaded file of this id"))
	s.worked(id)
	s.want(get(massiveV2+"/"+id+"/status"), 200, `{"fileId":"`+id+`","processedItem":3,"submittedItem":3,"startTime":"2026-11-23 12:00:00","operationStatus":"COMPLETED"}`)
	s.want(get(massiveV1+"/"+id+"/status"), 200, `{"uploadID":"`+id+`","processedItem":3,"submittedItem":3,"startTime":"2026-11-23 12:00:00"}`)
	s.want(get(massiveV2+"/"+id+"/report"), 200, `{"fileId":"`+id+`","processedItem":3,"submittedItem":3,"responses":[
		{"statusCode":201,"statusMessage":"Debt position CREATED","iupds":["bulk-1","bulk-2","bulk-3"]}],"startTime":"2026-11-23 12:00:00","endTime":"2026-11-23 12:00:00"}`)
	if p := s.stored("bulk-2"); p.Status != bridge.Valid || p.PayStandIn {
		t.Errorf("stored %s, stand-in %v; massive upload publishes, and its payStandIn is false by default", p.Status, p.PayStandIn)
	}

	again := s.uploaded("POST", massiveV1, several(bulkItem(2), bulkItem(4), bulkItem(3))) // H6
	s.worked(again)
	s.want(get(massiveV1+"/"+again+"/report"), 200, `{"uploadID":"`+again+`","processedItem":3,"submittedItem":3,"responses":[
		{"statusCode":409,"statusMessage":"Already exists: a debt position with this iupd, or an iuv or nav of it","requestIDs":["bulk-2","bulk-3"]},
		{"statusCode":201,"statusMessage":"Debt position CREATED","requestIDs":["bulk-4"]}],"startTime":"2026-11-23 12:00:00","endTime":"2026-11-23 12:00:00"}`)
	s.want(get(massiveV2+"/"+again+"/status"), 200, `{"fileId":"`+again+`","processedItem":3,"submittedItem":3,"startTime":"2026-11-23 12:00:00","operationStatus":"COMPLETED_WITH_WARNINGS"}`)
}

// TestMassive_UpdateAndDelete is row H7, with the updates of a file.
func TestMassive_UpdateAndDelete(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.worked(s.uploaded("POST", massiveV2, several(bulkItem(1), bulkItem(2))))
	updated := s.uploaded("PUT", massiveV2, several(edited(bulkItem(1), "fullName", "Maria Verdi"), bulkItem(9)))
	s.worked(updated)
	s.want(get(massiveV2+"/"+updated+"/report"), 200, `{"fileId":"`+updated+`","processedItem":2,"submittedItem":2,"responses":[
		{"statusCode":200,"statusMessage":"Debt position operation OK","iupds":["bulk-1"]},{"statusCode":404,"statusMessage":"Debt position not found","iupds":["bulk-9"]}],
		"startTime":"2026-11-23 12:00:00","endTime":"2026-11-23 12:00:00"}`)
	if name := s.stored("bulk-1").Options[0].Debtor.FullName; name != "Maria Verdi" {
		t.Error(name)
	}
	gone := s.uploaded("DELETE", massiveV2, `{"paymentPositionIUPDs":["none","nobody"]}`)
	s.worked(gone)
	s.want(get(massiveV2+"/"+gone+"/report"), 200, `{"fileId":"`+gone+`","processedItem":2,"submittedItem":2,"responses":[
		{"statusCode":404,"statusMessage":"Debt position not found","iupds":["none","nobody"]}],"startTime":"2026-11-23 12:00:00","endTime":"2026-11-23 12:00:00"}`)
	s.want(get(massiveV2+"/"+gone+"/status"), 200, `{"fileId":"`+gone+`","processedItem":2,"submittedItem":2,"startTime":"2026-11-23 12:00:00","operationStatus":"COMPLETED_UNSUCCESSFULLY"}`)
	s.worked(s.uploaded("DELETE", massiveV2, `{"paymentPositionIUPDs":["bulk-1","bulk-2"]}`))
	if n := s.count(); n != 0 {
		t.Errorf("%d positions are left", n)
	}
}

// TestMassive_Refuses is rows H2 and H3 and reliability-security.md §9 row 53.
func TestMassive_Refuses(t *testing.T) {
	t.Parallel()
	good := several(bulkItem(1))
	link := zipWith(t, &zip.FileHeader{Name: "a.json"}, func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink | 0o777) })
	secret := zipped(t, "a.json", good)
	for _, at := range []int{6, bytes.Index(secret, []byte("PK\x01\x02")) + 8} {
		secret[at] |= 1
	}
	whole := zipped(t, "a.json", strings.Repeat(good, 50))
	damaged := bytes.Clone(zipWith(t, &zip.FileHeader{Name: "a.json", Method: zip.Store}, nil))
	damaged[bytes.Index(damaged, []byte("paymentPositions"))] = 'P'
	for name, tt := range map[string]struct {
		file    string
		content []byte
		status  int
		answer  string
	}{
		"H2 two entries":     {"a.zip", zipped(t, "a.json", good, "b.json", good), 400, problem(400, "INVALID FILE", "the zip must hold one file")},
		"H2 no json":         {"a.zip", zipped(t, "a.txt", good), 400, problem(400, "INVALID FILE", "the name of the file in the zip must end in .json")},
		"a zip in the zip":   {"a.zip", zipped(t, "a.zip", string(zipped(t, "a.json", good))), 400, problem(400, "INVALID FILE", "the name of the file in the zip must end in .json")},
		"a way out":          {"a.zip", zipped(t, "../a.json", good), 400, problem(400, "INVALID FILE", "the name of the file in the zip leads out of it")},
		"an absolute name":   {"a.zip", zipped(t, "/a.json", good), 400, problem(400, "INVALID FILE", "the name of the file in the zip leads out of it")},
		"a link":             {"a.zip", link, 400, problem(400, "INVALID FILE", "the zip must hold a plain file")},
		"encrypted":          {"a.zip", secret, 400, problem(400, "INVALID FILE", "the file in the zip is encrypted")},
		"nothing in the zip": {"a.zip", zipped(t), 400, problem(400, "INVALID FILE", "the zip holds no file")},
		"cut short":          {"a.zip", whole[:len(whole)/2], 400, problem(400, "UNZIP ERROR", "the file is no zip, or it is cut short")},
		"damaged":            {"a.zip", damaged, 400, problem(400, "INVALID JSON", "the document must have one member, paymentPositions")},
		"a bomb":             {"a.zip", zipped(t, "a.json", `{"paymentPositions":[`+strings.Repeat(" ", 101<<20)+`]}`), 400, problem(400, "INVALID FILE", "the file in the zip is larger than 104857600 bytes")},
		"empty":              {"a.zip", nil, 400, problem(400, "EMPTY FILE", "the file is empty")},
		"another name":       {"a.json", []byte(good), 400, problem(400, "NOT A ZIP FILE", "the file's name must end in .zip")},
		"no positions":       {"a.zip", zipped(t, "a.json", several()), 400, problem(400, "INVALID DEBT POSITIONS", "paymentPositions: must not be empty")},
		"broken JSON":        {"a.zip", zipped(t, "a.json", `{"paymentPositions":[{"iupd":}]}`), 400, problem(400, "INVALID JSON", "row 0: iupd: must be a string")},
		"unknown member":     {"a.zip", zipped(t, "a.json", several(edited(bulkItem(1), "serviceType", "GPD"))), 400, problem(400, "INVALID JSON", "row 0: serviceType: is no member of a debt position")},
		"something behind":   {"a.zip", zipped(t, "a.json", good+" {}"), 400, problem(400, "INVALID JSON", "something follows the document")},
		"invalid positions": {"a.zip", zipped(t, "a.json", several(bulkItem(1), edited(bulkItem(2), "fullName", " "), bulkItem(1))), 400,
			problem(400, "INVALID DEBT POSITIONS", "row 1: fullName: must not be blank, row 2: iupd: occurs twice in the file")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newStationWith(t, api.Config{TempDir: dir})
			s.want(upload(t, "POST", massiveV2, tt.file, tt.content), tt.status, tt.answer)
			if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
				t.Errorf("left %v, %v", left, err)
			}
			if _, found, err := s.service.NextMassive(t.Context(), bridge.MassiveWork{}); found || err != nil {
				t.Errorf("a refused file waits: %v, %v", found, err)
			}
		})
	}
}

// zipWith is a zip of one document whose header is changed.
func zipWith(t *testing.T, h *zip.FileHeader, change func(*zip.FileHeader)) []byte {
	t.Helper()
	if change != nil {
		change(h)
	}
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	f, err := w.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(several(bulkItem(1)))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// TestMassive_Door is what is refused before the file is looked at.
func TestMassive_Door(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	content := zipped(t, "a.json", several(bulkItem(1)))
	gateway := `{"statusCode":403,"message":"You are not allowed to access this resource."}`
	s.want(upload(t, "POST", strings.Replace(massiveV2, "99999999999", "11111111111", 1), "a.zip", content), 403, gateway)
	s.want(upload(t, "POST", strings.Replace(massiveV2, "77777777777", "88888888888", 1), "a.zip", content), 403, gateway)
	s.want(post(massiveV2, "{}"), 415, problem(415, "UNSUPPORTED MEDIA TYPE", "the content type must be multipart/form-data with a part named file"))
	none := upload(t, "POST", massiveV2, "a.zip", content)
	none.body = strings.Replace(none.body, `name="file"`, `name="other"`, 1)
	s.want(none, 400, problem(400, "EMPTY FILE", "there is no part named file"))
	large := upload(t, "POST", massiveV2, "a.zip", bytes.Repeat([]byte{0}, 102<<20))
	s.want(large, 413, problem(413, "PAYLOAD TOO LARGE", "the request body exceeds 104857600 bytes"))
}

// TestMassive_PerRow is our extension: the file is taken, and each row that cannot be
// is an outcome.
func TestMassive_PerRow(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	id := s.uploaded("POST", massiveV2+"?perRow=true", several(bulkItem(1), edited(bulkItem(2), "fullName", " "), `{"iupd":}`, bulkItem(1), edited(bulkItem(3), option0+"amount", 7), bulkItem(4)))
	s.worked(id)
	s.want(get(massiveV2+"/"+id+"/report"), 200, `{"fileId":"`+id+`","processedItem":6,"submittedItem":6,"responses":[
		{"statusCode":201,"statusMessage":"Debt position CREATED","iupds":["bulk-1","bulk-4"]},
		{"statusCode":400,"statusMessage":"fullName: must not be blank","iupds":["bulk-2"]},
		{"statusCode":400,"statusMessage":"iupd: must be a string","iupds":["row 2"]},
		{"statusCode":409,"statusMessage":"Already exists: a debt position with this iupd, or an iuv or nav of it","iupds":["bulk-1"]},
		{"statusCode":400,"statusMessage":"Amounts congruence error: payment option 47000000000000003 amount is 7 cents and its transfers add up to 1050","iupds":["bulk-3"]}],
		"startTime":"2026-11-23 12:00:00","endTime":"2026-11-23 12:00:00"}`)
}

// TestMassive_Files is row H5 and the paging of the list.
func TestMassive_Files(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	var ids []string
	for n := range 103 {
		ids = append(ids, s.uploaded("DELETE", massiveV1, fmt.Sprintf(`{"paymentPositionIUPDs":["p%d"]}`, n)))
	}
	read := func(r request) (list []string, token string) {
		t.Helper()
		got := s.do(r)
		var page struct {
			FileIDs []string
			Size    int
			HasMore bool
		}
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.status != 200 || page.Size != len(page.FileIDs) || page.HasMore != (got.header.Get("X-Continuation-Token") != "") {
			t.Fatalf("%d %s, %v", got.status, got.body, err)
		}
		return page.FileIDs, got.header.Get("X-Continuation-Token")
	}
	first, token := read(get(massiveV2 + "s"))
	rest, end := read(get(massiveV1+"s").with("X-Continuation-Token", token))
	if len(first) != 100 || len(rest) != 3 || end != "" || first[0] != ids[102] || rest[2] != ids[0] {
		t.Errorf("%d and %d files, then %q", len(first), len(rest), end)
	}
	if none, _ := read(get(massiveV2 + "s?from=2026-11-10&to=2026-11-12")); len(none) != 0 {
		t.Errorf("files of other days: %v", none)
	}
	const rule = "from and to: at most 7 days, none older than 60 days, and to not before from"
	s.want(get(massiveV2+"s?from=2026-11-10&to=2026-11-17"), 400, problem(400, titleBean, rule))
	s.want(get(massiveV2+"s?from=2026-11-10&to=2026-11-09"), 400, problem(400, titleBean, rule))
	s.want(get(massiveV2+"s?from=2026-09-20&to=2026-09-26"), 400, problem(400, titleBean, rule))
	s.want(get(massiveV2+"s?from=2026-09-01&to=2026-09-05"), 410, problem(410, "GONE", "files are kept for 60 days"))
	s.want(get(massiveV2+"s?size=99"), 400, problem(400, titleBean, "getFileIds.size: must be between 100 and 500"))
	s.want(get(massiveV2+"s?size=501"), 400, problem(400, titleBean, "getFileIds.size: must be between 100 and 500"))
	s.want(get(massiveV2+"s").with("X-Continuation-Token", "!"), 400, problem(400, titleBean, "getFileIds.x-continuation-token: must be a token that an answer has given"))

	s.clock.Set(testkit.Noon.AddDate(0, 0, 61))
	s.worked(ids[102])
	if err := s.service.ForgetMassive(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if got := s.do(get(massiveV1 + "/" + ids[0] + "/status")); got.status != http.StatusOK {
		t.Errorf("a file that ended today is forgotten: %d", got.status)
	}
	s.clock.Set(testkit.Noon.AddDate(0, 0, 122))
	if err := s.service.ForgetMassive(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if got := s.do(get(massiveV1 + "/" + ids[0] + "/status")); got.status != http.StatusNotFound {
		t.Errorf("an old file is not forgotten: %d", got.status)
	}
}
