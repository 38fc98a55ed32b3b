package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const (
	ourEC   bridge.ECCode = testkit.EC
	otherEC bridge.ECCode = "88888888888"
	base                  = "/gpd/debt-positions-service/v1"
	ours                  = base + "/organizations/77777777777/debtpositions"
	theirs                = base + "/organizations/88888888888/debtpositions"
)

// station is a real API server on a loopback port.
type station struct {
	t        testing.TB
	url      string
	store    *faultyStore
	clock    *testkit.Clock
	service  *bridge.Service
	server   *api.Server
	key      string // bound to ourEC
	otherKey string // bound to otherEC
	logs     *logs
	compat   bool
}

type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newStation(t *testing.T, limits api.Limits) *station {
	t.Helper()
	return newStationWith(t, api.Config{Limits: limits})
}

// newStationWith completes the configuration.
func newStationWith(t testing.TB, config api.Config) *station {
	t.Helper()
	ecs := map[bridge.ECCode]bridge.CreditorInstitution{
		ourEC:   {Code: ourEC, Name: "Comune di Prova"},
		otherEC: {Code: otherEC, Name: "Comune Altrui"},
	}
	registry, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{testkit.Station: {ID: testkit.Station, ECs: ecs}}}})
	if err != nil {
		t.Fatal(err)
	}
	s := &station{t: t, store: newStore(t), clock: testkit.NewClock(), logs: &logs{}, compat: config.Compat}
	s.service = bridge.NewService(s.store, s.clock, registry)
	s.key = s.newKey(ourEC)
	s.otherKey = s.newKey(otherEC)

	config.Service, config.Name, config.Version, config.Environment = s.service, "nodobridge", "0.1.0", "test"
	config.Log = slog.New(slog.NewJSONHandler(s.logs, nil))
	server := api.New(config)
	s.server = server
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.HTTP().Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.HTTP().Shutdown(ctx); err != nil {
			t.Errorf("cannot shut down: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

func (s *station) newKey(ecs ...bridge.ECCode) string {
	s.t.Helper()
	order := bridge.Key{Name: "test"}
	for _, ec := range ecs {
		order.ECs = append(order.ECs, bridge.ECBinding{EC: ec})
	}
	return s.newKeyOf(order)
}

func (s *station) newKeyOf(order bridge.Key) string {
	s.t.Helper()
	key, err := s.service.CreateKey(context.Background(), order)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// edit changes a stored position as a payment or another API would.
func (s *station) edit(iupd bridge.IUPD, change func(*bridge.Position)) {
	s.t.Helper()
	ctx := context.Background()
	err := s.store.Update(ctx, func(tx bridge.Tx) error {
		p, err := tx.Position(ctx, ourEC, iupd)
		if err != nil {
			return err
		}
		change(p)
		return tx.UpdatePositionState(ctx, p)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// insert stores a position that v1 cannot make.
func (s *station) insert(p *bridge.Position) {
	s.t.Helper()
	ctx := context.Background()
	err := s.store.Update(ctx, func(tx bridge.Tx) error { return tx.InsertPosition(ctx, p) })
	if err != nil {
		s.t.Fatal(err)
	}
}

// stored reads a position from the store.
func (s *station) stored(iupd bridge.IUPD) *bridge.Position {
	s.t.Helper()
	ctx := context.Background()
	var p *bridge.Position
	err := s.store.View(ctx, func(tx bridge.ReadTx) (err error) {
		p, err = tx.Position(ctx, ourEC, iupd)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// request is what a client sends; headers with "" are left out.
type request struct {
	method string
	path   string
	body   string
	header map[string]string
}

func post(path, body string) request { return request{method: http.MethodPost, path: path, body: body} }
func get(path string) request        { return request{method: http.MethodGet, path: path} }
func remove(path string) request     { return request{method: http.MethodDelete, path: path} }

func (r request) with(header, value string) request {
	r.header = maps.Clone(r.header)
	if r.header == nil {
		r.header = map[string]string{}
	}
	r.header[header] = value
	return r
}

type response struct {
	status int
	header http.Header
	body   string
}

func (s *station) do(r request) response {
	s.t.Helper()
	answer, err := s.send(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.conforms(r, answer)
	return answer
}

// send is do for goroutines that are not the test's own.
func (s *station) send(r request) (response, error) {
	req, err := http.NewRequestWithContext(context.Background(), r.method, s.url+r.path, strings.NewReader(r.body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Ocp-Apim-Subscription-Key", s.key)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return response{}, err
	}
	body, err := io.ReadAll(answer.Body)
	return response{answer.StatusCode, answer.Header, string(body)}, errors.Join(err, answer.Body.Close())
}

// want asserts the whole answer: status, content type, request id and every
// member of the body.
func (s *station) want(r request, status int, body string) {
	s.t.Helper()
	got := s.do(r)
	if got.status != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", r.method, r.path, got.status, status, got.body)
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		s.t.Errorf("%s %s: content type %q", r.method, r.path, kind)
	}
	if got.header.Get("X-Request-Id") == "" {
		s.t.Errorf("%s %s: no X-Request-Id", r.method, r.path)
	}
	if have, want := parse(s.t, got.body), parse(s.t, body); !reflect.DeepEqual(have, want) {
		s.t.Errorf("%s %s answered\n %s\nwant\n %s", r.method, r.path, got.body, body)
	}
}

// created creates a position and asserts no more than the status.
func (s *station) created(path, body string) {
	s.t.Helper()
	if got := s.do(post(path, body)); got.status != http.StatusCreated {
		s.t.Fatalf("POST %s: status %d: %s", path, got.status, got.body)
	}
}

func parse(t testing.TB, text string) any {
	t.Helper()
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("cannot parse %q: %v", text, err)
	}
	return v
}

func problem(status int, title, detail string) string {
	text, err := json.Marshal(map[string]any{"title": title, "status": status, "detail": detail})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// absent, as an edit, takes a member away.
type absent struct{}

// edited is a JSON document with values put at paths such as
// "paymentOption.0.iuv"; an index one past the end appends.
func edited(document string, edits ...any) string {
	var root any
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		panic(err)
	}
	for i := 0; i < len(edits); i += 2 {
		root = put(root, strings.Split(edits[i].(string), "."), edits[i+1])
	}
	text, err := json.Marshal(root)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func put(node any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch node := node.(type) {
	case map[string]any:
		if _, gone := value.(absent); gone && len(path) == 1 {
			delete(node, path[0])
			return node
		}
		node[path[0]] = put(node[path[0]], path[1:], value)
		return node
	case []any:
		index, err := strconv.Atoi(path[0])
		if err != nil {
			panic(err)
		}
		if index == len(node) {
			return append(slices.Clone(node), put(nil, path[1:], value))
		}
		node[index] = put(node[index], path[1:], value)
		return node
	}
	panic("no such path: " + strings.Join(path, "."))
}

func object(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}

const (
	transferJSON = `{"idTransfer":"1","amount":1050,"remittanceInformation":"TARI 2026","category":"9/0101108TS/","iban":"IT60X0542811101000000123456"}`
	optionJSON   = `{"iuv":"47000000000000012","amount":1050,"description":"TARI 2026","isPartialPayment":false,"dueDate":"2026-12-31T22:59:59","transfer":[` + transferJSON + `]}`
	// minimal is gpd-api.md §4.4; the clock stands at 2026-11-23T12:00.
	minimal = `{"iupd":"77777777777-0001","type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","companyName":"Comune X","switchToExpired":false,"paymentOption":[` + optionJSON + `]}`

	transferAnswer = `{"idTransfer":"1","amount":1050,"organizationFiscalCode":"77777777777","remittanceInformation":"TARI 2026","category":"9/0101108TS/",
		"iban":"IT60X0542811101000000123456","postalIban":null,"stamp":null,"companyName":null,"transferMetadata":[]}`
	// minimalAnswer is the whole answer to creating minimal as a draft.
	minimalAnswer = `{"iupd":"77777777777-0001","type":"F","payStandIn":true,"fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","streetName":null,"civicNumber":null,
		"postalCode":null,"city":null,"province":null,"region":null,"country":null,"email":null,"phone":null,"switchToExpired":false,"companyName":"Comune X","officeName":null,
		"validityDate":null,"paymentDate":null,"status":"DRAFT","paymentOption":[{"nav":"347000000000000012","iuv":"47000000000000012","amount":1050,"description":"TARI 2026",
		"isPartialPayment":false,"dueDate":"2026-12-31T22:59:59","retentionDate":null,"fee":0,"notificationFee":0,"transfer":[` + transferAnswer + `],"paymentOptionMetadata":[]}]}`

	// minimalView is the whole answer to reading it.
	minimalView = `{"iupd":"77777777777-0001","organizationFiscalCode":"77777777777","type":"F","companyName":"Comune X","officeName":null,"insertedDate":"2026-11-23T12:00:00",
		"publishDate":null,"validityDate":null,"paymentDate":null,"status":"DRAFT","lastUpdatedDate":"2026-11-23T12:00:00","paymentOption":[{"nav":"347000000000000012",
		"iuv":"47000000000000012","organizationFiscalCode":"77777777777","amount":1050,"description":"TARI 2026","isPartialPayment":false,"dueDate":"2026-12-31T22:59:59",
		"retentionDate":null,"paymentDate":null,"reportingDate":null,"insertedDate":"2026-11-23T12:00:00","paymentMethod":null,"fee":0,"notificationFee":0,"pspCompany":null,
		"idReceipt":null,"idFlowReporting":null,"status":"PO_UNPAID","lastUpdatedDate":"2026-11-23T12:00:00","paymentOptionMetadata":[],"transfer":[{
		"organizationFiscalCode":"77777777777","companyName":null,"idTransfer":"1","amount":1050,"remittanceInformation":"TARI 2026","category":"9/0101108TS/",
		"iban":"IT60X0542811101000000123456","postalIban":null,"stamp":null,"insertedDate":"2026-11-23T12:00:00","status":"T_UNREPORTED",
		"lastUpdatedDate":"2026-11-23T12:00:00","transferMetadata":[]}]}]}`
)
