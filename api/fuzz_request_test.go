package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
)

// answered sends a request straight to the handler.
func (s *station) answered(t *testing.T, method, target string, body []byte, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	at, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(target, "/") {
		t.Skip("net/http refuses such a target")
	}
	r := httptest.NewRequest(method, "/", bytes.NewReader(body))
	r.URL, r.RequestURI = at, target
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, r)
	return answer
}

// FuzzTarget throws paths and queries at the whole server: every answer is one that the
// contract knows, and a key of another EC sees nothing of ours, whatever the path looks
// like (reliability-security.md §8 G10, §9 rows 42, 43 and 50).
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		ours, one, ours + "?page=0&limit=10&status=VALID", ours + "?page=-1", ours + "?due_date_from=2026-01-01&due_date_to=2026-01-02", "/bridge/v1/organizations/77777777777/positions?nav=347000000000000012",
		"/bridge/v1/organizations/88888888888/positions?debtor=RSSMRA80A01H501U", base + "/organizations/88888888888%2F..%2F77777777777/debtpositions", base + "/organizations/88888888888/../77777777777/debtpositions",
		base + "//organizations/77777777777/debtpositions", receiptsPath + "?page=0", "/info", massiveV2 + "/x/status", ours + "/%ff%00", ours + "?segregationCodes=47,48&x=%zz", "/bridge/v1/organizations/88888888888/events?after=1&types=position.created",
	} {
		f.Add(seed)
	}
	s := newStationWith(f, api.Config{Limits: api.Limits{KeyFailures: -1}})
	s.created(ours, minimal)
	f.Fuzz(func(t *testing.T, target string) {
		mine := s.answered(t, http.MethodGet, target, nil, keyHeader, s.key)
		if mine.Code >= 500 && mine.Code != http.StatusNotImplemented {
			t.Fatalf("%d %s", mine.Code, mine.Body)
		}
		if strings.Contains(mine.Header().Get("Content-Type"), "json") && mine.Body.Len() > 0 && !json.Valid(mine.Body.Bytes()) {
			t.Fatalf("no JSON: %s", mine.Body)
		}
		foreign := s.answered(t, http.MethodGet, target, nil, keyHeader, s.otherKey)
		if foreign.Code == http.StatusOK && strings.Contains(foreign.Body.String(), "77777777777-0001") {
			t.Fatalf("another EC's key is shown %s", foreign.Body)
		}
		if none := s.answered(t, http.MethodGet, target, nil); none.Code == http.StatusOK && !strings.HasSuffix(strings.Split(target, "?")[0], "/info") {
			t.Fatalf("without a key: %s", none.Body)
		}
	})
}

// FuzzUpload throws zips at massive upload: each is taken or refused with a reason, and
// its temporary file is gone (reliability-security.md §8 G10, §9 row 53).
func FuzzUpload(f *testing.F) {
	good := zipped(f, "positions.json", several(bulkItem(1)))
	for _, seed := range [][]byte{
		good, good[:len(good)/2], zipped(f), zipped(f, "a.json", "{}", "b.json", "{}"), zipped(f, "../a.json", "{}"), zipped(f, "a.json", string(good)), zipped(f, "a.json", `{"paymentPositions":[]}`),
		zipped(f, "a.json", `{"paymentPositions":[{"iupd":"x"},{}]}`), []byte("PK\x05\x06"), nil,
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	s := newStationWith(f, api.Config{Limits: api.Limits{KeyFailures: -1}, TempDir: dir})
	f.Fuzz(func(t *testing.T, content []byte) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", "p.zip")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got := s.answered(t, http.MethodPost, massiveV2, body.Bytes(), keyHeader, s.key, "Content-Type", w.FormDataContentType())
		switch got.Code {
		case http.StatusAccepted:
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			if !strings.Contains(got.Body.String(), `"detail"`) {
				t.Fatalf("refused without a reason: %s", got.Body)
			}
		default:
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v, %v", left, err)
		}
	})
}

// The directory that uploads go to is the one that FuzzUpload looks at.
func TestUpload_KeepsNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not there")
	s := newStationWith(t, api.Config{TempDir: dir})
	if got := s.do(upload(t, "POST", massiveV2, "p.zip", zipped(t, "p.json", several(bulkItem(1))))); got.status != http.StatusInternalServerError {
		t.Errorf("without the folder: %d %s", got.status, got.body)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.uploaded("POST", massiveV2, several(bulkItem(1)))
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// More files at once than have a place are refused, and taken when there is one.
func TestUpload_Places(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{Uploads: 1})
	whole := upload(t, "POST", massiveV2, "p.zip", zipped(t, "p.json", several(bulkItem(1))))
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.url+massiveV2, r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(keyHeader, s.key)
	req.Header.Set("Content-Type", whole.header["Content-Type"])
	req.Header.Set("Expect", "100-continue") // the file is asked for once it has its place
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	answered := make(chan int, 1)
	go func() {
		res, err := client.Do(req)
		if err != nil {
			answered <- 0
			return
		}
		_ = res.Body.Close() // the status is all that is looked at
		answered <- res.StatusCode
	}()
	half := len(whole.body) / 2
	if _, err := io.WriteString(w, whole.body[:half]); err != nil { // returns when it is read
		t.Fatal(err)
	}
	if got := s.do(whole); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "try again") {
		t.Errorf("a second file: %d %s", got.status, got.body)
	}
	if _, err := io.WriteString(w, whole.body[half:]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if status := <-answered; status != http.StatusAccepted {
		t.Errorf("the first file: %d", status)
	}
	if got := s.do(whole); got.status != http.StatusAccepted {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}
