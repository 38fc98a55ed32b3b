package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"nodobridge/api"
)

// judge holds answers against a document.
type judge struct {
	name   string
	router routers.Router
	strip  string // what stands before the document's paths
	ours   bool
}

// ourNames are the documents that the server tells of, coreNames those of a compat one.
var (
	ourNames  = []string{"gpd-v1", "gpd-v2", "gpd-v3", "gpd-receipts", "gpd-massive-v1", "gpd-massive-v2", "print-v1", "bridge-v1"}
	coreNames = []string{"gpd-core", "gpd-core-v3"}
)

// names are the documents that this station tells of.
func (s *station) names() []string {
	if s.compat {
		return coreNames
	}
	return ourNames
}

// official are pagoPA's documents and where we serve what they describe.
var official = map[string]string{
	"gpd.json": "/gpd/debt-positions-service/v1", "gpd_v3.json": "/gpd/debt-positions-service/v3", "gpd_payments.json": "/gpd/payments-receipts-service/v1",
	"gpd_massive.json": "/upload/gpd/debt-positions-service/v1", "gpd_massive_v2.json": "/upload/gpd/debt-positions-service/v2",
	"print-payment-notice-service.json": "/print-payment-notice-service/external/v1",
}

// officialCore are those that a compat server serves, and where.
var officialCore = map[string]string{"gpd.json": "", "gpd_v3.json": "/v3", "gpd_payments.json": ""}

// bench is the judges of one kind of station.
type bench struct {
	once   sync.Once
	judges []judge
	err    error
}

var publicBench, coreBench bench

// allJudges loads our documents from a server and pagoPA's from their folder, if it is
// at hand.
func (s *station) allJudges() []judge {
	s.t.Helper()
	b, theirs := &publicBench, official
	if s.compat {
		b, theirs = &coreBench, officialCore
	}
	b.once.Do(func() {
		b.err = errors.Join(b.summonOurs(s), b.summonTheirs(theirs))
	})
	if b.err != nil {
		s.t.Fatal(b.err)
	}
	return b.judges
}

func (b *bench) summonOurs(s *station) error {
	for _, name := range s.names() {
		res, err := http.DefaultTransport.RoundTrip(must(http.NewRequest(http.MethodGet, s.url+"/openapi/"+name+".json", nil)))
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return err
		}
		j, err := newJudge(name, text, "", true)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.judges = append(b.judges, j)
	}
	return nil
}

func must(r *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return r
}

func (b *bench) summonTheirs(documents map[string]string) error {
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = "../../shared/pagopa-api"
	}
	for name, at := range documents {
		text, err := os.ReadFile(filepath.Join(dir, "openapi", name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // TestAnswers_HaveTheOfficialShape says so
		}
		if err != nil {
			return err
		}
		j, err := newJudge(name, readable(text), at, false)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.judges = append(b.judges, j)
	}
	return nil
}

var (
	patterns  = regexp.MustCompile(`"pattern"\s*:\s*"([^"\\]|\\.)*"\s*,?`)
	dateTimes = regexp.MustCompile(`"format"\s*:\s*"date-time"\s*,?`) // GPD's are without a zone (gpd-api.md §1.6)
	trailing  = regexp.MustCompile(`,(\s*})`)
	servers   = regexp.MustCompile(`(?s)"servers"\s*:\s*\[.*?\]\s*,`)
)

// readable patches pagoPA's documents at load: patterns that RE2 does not read are left
// out, and so are their servers, which are not this one.
func readable(text []byte) []byte {
	text = patterns.ReplaceAllFunc(text, func(p []byte) []byte {
		var member struct{ Pattern string }
		if json.Unmarshal([]byte("{"+strings.TrimSuffix(strings.TrimSpace(string(p)), ",")+"}"), &member) != nil {
			return nil
		}
		if _, err := regexp.Compile(member.Pattern); err != nil {
			return nil
		}
		return p
	})
	text = dateTimes.ReplaceAll(text, nil)
	return servers.ReplaceAll(trailing.ReplaceAll(text, []byte("$1")), nil)
}

func newJudge(name string, text []byte, strip string, ours bool) (judge, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return judge{}, err
	}
	if ours {
		if err := doc.Validate(context.Background()); err != nil {
			return judge{}, err
		}
	} else {
		allowNull(doc)
	}
	router, err := gorillamux.NewRouter(doc)
	return judge{name, router, strip, ours}, err
}

// allowNull: GPD writes null for what is not given, which its documents do not say
// (gpd-api.md §1.1). Arrays and what is required are never null.
func allowNull(doc *openapi3.T) {
	for _, schema := range doc.Components.Schemas {
		for name, property := range schema.Value.Properties {
			if property.Value == nil || property.Value.Type.Is("array") || slices.Contains(schema.Value.Required, name) {
				continue
			}
			property.Value.Nullable = true
			if strings.HasPrefix(doc.OpenAPI, "3.1") && property.Value.Type != nil && !property.Value.Type.Includes("null") {
				types := append(slices.Clone(*property.Value.Type), "null")
				property.Value.Type = &types
			}
			if len(property.Value.Enum) > 0 {
				property.Value.Enum = append(property.Value.Enum, nil)
			}
		}
	}
}

// conforms holds an answer against every document that describes its request.
func (s *station) conforms(r request, got response) {
	s.t.Helper()
	for _, fault := range s.faults(r, got) {
		s.t.Errorf("%s %s: %d is not what %s", r.method, r.path, got.status, fault)
	}
}

// faults says which documents say otherwise, and what.
func (s *station) faults(r request, got response) []string {
	s.t.Helper()
	switch got.status {
	case http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge, http.StatusMethodNotAllowed:
		return nil // of the door, before any operation
	}
	var faults []string
	for _, j := range s.allJudges() {
		path, mine := strings.CutPrefix(r.path, j.strip)
		if !mine {
			continue
		}
		req, err := http.NewRequest(r.method, "http://station"+path, nil)
		if err != nil {
			continue // a request that no client could write
		}
		route, params, err := j.router.FindRoute(req)
		if err != nil {
			continue
		}
		input := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
			Status:                 got.status, Header: got.header, Options: &openapi3filter.Options{IncludeResponseStatus: j.ours},
		}
		input.Options.ExcludeResponseBody = !strings.HasPrefix(got.header.Get("Content-Type"), "application/json")
		input.SetBodyBytes([]byte(got.body))
		if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
			faults = append(faults, j.name+" says: "+firstLines(err))
		}
	}
	return faults
}

// TestJudges_CanSayNo: an answer with a member too few, of another type or of another
// status is found out by our document, and by pagoPA's where it is at hand.
func TestJudges_CanSayNo(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours, minimal)
	good := s.do(get(one))
	if faults := s.faults(get(one), good); len(faults) != 0 {
		t.Fatal(faults)
	}
	judged := len(s.faults(get(one), response{200, good.header, `{"iupd":7}`}))
	if _, err := os.Stat(filepath.Join(os.Getenv("PAGOPA_API_DIR"), "openapi", "gpd.json")); err == nil && judged != 2 || judged == 0 {
		t.Errorf("%d documents say no to an answer of another shape", judged)
	}
	if faults := s.faults(get(one), response{418, good.header, `{"title":7}`}); len(faults) == 0 {
		t.Error("nobody says no to a refusal of another shape")
	}
}

func firstLines(err error) string {
	text := err.Error()
	if len(text) > 600 {
		text = text[:600]
	}
	return text
}

// TestDocuments: every operation stands in one document, the pages come from the program
// alone, and collections have every operation too.
func TestDocuments(t *testing.T) {
	t.Parallel()
	s := newSheetStation(t)
	if described, all := s.describedOperations(), len(operationsOf()); described != all {
		t.Errorf("%d operations are described, there are %d", described, all)
	}
	cores := 5 // the calls of GPD's own services
	for _, op := range operationsOf() {
		for _, prefix := range []string{"/gpd/debt-positions-service/v1/", "/gpd/debt-positions-service/v3/", "/gpd/payments-receipts-service/v1/"} {
			if strings.HasPrefix(op.Path, prefix) {
				cores++
			}
		}
	}
	if described := newCore(t).describedOperations(); described != cores {
		t.Errorf("%d operations of the compat server are described, there are %d", described, cores)
	}
	for _, path := range []string{"/docs/", "/docs/start.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui-standalone-preset.js"} {
		got := s.do(get(path).with(keyHeader, ""))
		if got.status != http.StatusOK || len(got.body) < 200 {
			t.Errorf("%s: %d, %d bytes", path, got.status, len(got.body))
		}
		if path == "/docs/" && (bytes.Contains([]byte(got.body), []byte("https://")) || !strings.Contains(got.header.Get("Content-Security-Policy"), "default-src 'none'")) {
			t.Errorf("%s: %v\n%s", path, got.header, got.body)
		}
	}
	if got := s.do(get("/docs/../routes.go")); got.status == http.StatusOK {
		t.Errorf("a file beside the pages: %s", got.body)
	}
}

// describedOperations counts what the station's documents describe; each has as many
// requests in its collection.
func (s *station) describedOperations() int {
	s.t.Helper()
	described := 0
	for _, name := range s.names() {
		var doc struct {
			Paths map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal([]byte(s.do(get("/openapi/"+name+".json").with(keyHeader, "")).body), &doc); err != nil {
			s.t.Fatalf("%s: %v", name, err)
		}
		operations := 0
		for _, methods := range doc.Paths {
			operations += len(methods)
		}
		described += operations
		var collection struct{ Item []struct{ Name string } }
		if err := json.Unmarshal([]byte(s.do(get("/openapi/"+name+".postman.json").with(keyHeader, "")).body), &collection); err != nil || len(collection.Item) != operations {
			s.t.Errorf("%s: %d requests in the collection, %d operations, %v", name, len(collection.Item), operations, err)
		}
	}
	return described
}

// TestExamples: what a document gives as an example is carried out, in the state that
// the operation is for, with the status that the document gives.
func TestExamples(t *testing.T) {
	t.Parallel()
	if n := triedExamples(t, ourNames, newExampleStation); n < 20 {
		t.Errorf("only %d examples", n)
	}
	if n := triedExamples(t, coreNames, newCore); n < 10 {
		t.Errorf("only %d examples of the compat server", n)
	}
}

func triedExamples(t *testing.T, names []string, open func(*testing.T) *station) int {
	t.Helper()
	examples := 0
	for _, name := range names {
		var doc struct {
			Servers []struct{ URL string }
			Paths   map[string]map[string]struct {
				OperationID string
				RequestBody struct {
					Content map[string]struct{ Example json.RawMessage }
				}
				Responses map[string]json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(open(t).do(get("/openapi/"+name+".json")).body), &doc); err != nil {
			t.Fatal(err)
		}
		for path, methods := range doc.Paths {
			for method, op := range methods {
				for kind, content := range op.RequestBody.Content {
					if len(content.Example) == 0 {
						continue
					}
					examples++
					s := open(t)
					body := string(content.Example)
					if kind != "application/json" {
						if err := json.Unmarshal(content.Example, &body); err != nil {
							t.Fatal(err)
						}
					}
					at := strings.TrimSuffix(doc.Servers[0].URL, "/") + s.prepare(op.OperationID, path)
					got := s.do(request{method: strings.ToUpper(method), path: at, body: body}.with("Content-Type", kind).with("Idempotency-Key", "example"))
					if op.Responses[fmt.Sprint(got.status)] == nil || got.status >= 300 {
						t.Errorf("%s %s of %s: %d %s", method, at, name, got.status, got.body)
					}
				}
			}
		}
	}
	return examples
}
