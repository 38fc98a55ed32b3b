package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// filled puts values in the place of a path template's parameters.
func filled(template string, ec bridge.ECCode, object string) string {
	return strings.NewReplacer(":ec", string(ec), ":iupd", object, ":nav", object, ":iuv", object, ":broker", testkit.Broker, ":file", object, ":transfer", "1", ":receipt", object, ":anomaly", "1", ":webhook", "0123456789ab", ":service", "cie", ":mapping", "tari", ":folder", "x", ":template", "x").Replace(template)
}

// TestMatrix is row I2 and reliability-security.md §8 G16, generated from the table of
// operations: a key on another EC gets the gateway's 403, the same to the byte whether
// what it asks for exists or not and whatever it sends along; a new operation is in the
// matrix by being in the table.
func TestMatrix(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{KeyFailures: -1})
	s.created(ours, minimal)
	s.keep("47000000000000012", "RSSMRA80A01H501U", testkit.Noon, nil)
	file := s.uploaded("POST", massiveV2, several(bulkItem(1)))
	existing := []string{"77777777777-0001", "347000000000000012", "47000000000000012", file}
	operations := api.Operations()
	if len(operations) < 35 {
		t.Fatalf("only %d operations", len(operations))
	}
	for _, op := range operations {
		if op.Open || !strings.Contains(op.Path, ":ec") { // TestPrintService_ForeignEC
			continue
		}
		for _, object := range append(existing, "nothing") {
			for _, body := range []string{"", "{", minimal} {
				r := request{method: op.Method, path: filled(op.Path, ourEC, object), body: body}
				for key, want := range map[string]struct {
					status int
					body   string
				}{s.otherKey: {403, gateway403}, "nb_000000000000_x": {401, gateway401}, "": {401, gateway401}} {
					got := s.do(r.with(keyHeader, key))
					if got.status != want.status || strings.TrimSpace(got.body) != want.body {
						t.Fatalf("%s %s: %d %s, want %d", r.method, r.path, got.status, got.body, want.status)
					}
				}
			}
		}
		malformed := request{method: op.Method, path: strings.Replace(filled(op.Path, ourEC, "x"), "77777777777", "7777777777a", 1)}
		if got := s.do(malformed); got.status != http.StatusBadRequest || !strings.Contains(got.body, "organizationFiscalCode") {
			t.Errorf("%s %s: %d %s", malformed.method, malformed.path, got.status, got.body)
		}
	}
	s.want(get(one), http.StatusOK, minimalView)
}

// A key that asks for what is another EC's is written down, once a minute
// (reliability-security.md §9 row 42).
func TestDenied_IsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	noted := func() int {
		t.Helper()
		records, err := s.service.TouchedBy(t.Context(), strings.Split(s.otherKey, "_")[1], testkit.Noon, testkit.Noon.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Action != "access.denied" || r.EC != string(ourEC) || r.Object != "getOrganizationDebtPositions" {
				t.Errorf("written down as %+v", r)
			}
		}
		return len(records)
	}
	for range 5 {
		s.want(get(ours).with(keyHeader, s.otherKey), 403, gateway403)
	}
	if n := noted(); n != 1 {
		t.Errorf("%d records", n)
	}
	s.clock.Set(testkit.Noon.Add(time.Minute))
	s.want(get(ours).with(keyHeader, s.otherKey), 403, gateway403)
	if n := noted(); n != 2 {
		t.Errorf("%d records after a minute", n)
	}
	s.store.fail(errDisk)
	s.clock.Set(testkit.Noon.Add(2 * time.Minute))
	s.want(get(ours).with(keyHeader, s.otherKey), 403, gateway403)
}

// TestScopes: a key does what its scopes say and nothing else, on every operation.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	keys := map[bridge.Scope]string{}
	for _, scope := range []bridge.Scope{bridge.PositionsRead, bridge.PositionsWrite, bridge.ReceiptsRead} {
		keys[scope] = s.newKeyOf(bridge.Key{Name: "test", ECs: []bridge.ECBinding{{EC: ourEC}}, Scopes: []bridge.Scope{scope}})
	}
	seen := map[bridge.Scope]int{}
	for _, op := range api.Operations() {
		if op.Open {
			continue
		}
		seen[op.Scope]++
		for scope, key := range keys {
			got := s.do(request{method: op.Method, path: filled(op.Path, ourEC, "x")}.with(keyHeader, key))
			if forbidden := strings.TrimSpace(got.body) == gateway403; forbidden != (scope != op.Scope) {
				t.Errorf("%s %s with %s: %d %s", op.Method, op.Path, scope, got.status, got.body)
			}
		}
	}
	if len(seen) != len(keys) {
		t.Errorf("operations by scope: %v", seen)
	}
}

// TestKeyBounds: segregation codes of a key overwrite the parameter (gpd-api.md §5.2), a
// key ends when it expires, its successor goes on, and its use is noted.
func TestKeyBounds(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	held := s.newKeyOf(bridge.Key{Name: "partner", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}, ExpiresAt: testkit.Noon.Add(time.Hour)})
	s.created(ours, minimal)
	forbidden := problem(403, titleForbidden, "debt position 77777777777-0001 of organization 77777777777 has a payment option outside of the segregation codes")
	s.want(get(one+"?segregationCodes=47").with(keyHeader, held), 403, forbidden)
	s.want(get(ours).with(keyHeader, held), 200, page(0, 10, 0))
	s.want(get(ours).with(keyHeader, "").with("X-Api-Key", held), 200, page(0, 10, 0))
	s.want(get(ours).with("X-Api-Key", held), 401, gateway401) // two keys are none

	id := strings.Split(held, "_")[1]
	if err := s.service.NoteUses(t.Context()); err != nil {
		t.Fatal(err)
	}
	next, err := s.service.RotateKey(t.Context(), id, 30*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.service.Keys(t.Context())
	if err != nil || len(keys) != 4 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, k := range keys {
		if k.ID == id && (!k.LastUsedAt.Equal(testkit.Noon) || !k.ExpiresAt.Equal(testkit.Noon.Add(30*time.Minute))) {
			t.Errorf("the old key: used %s, expires %s", k.LastUsedAt, k.ExpiresAt)
		}
	}
	s.clock.Set(testkit.Noon.Add(30 * time.Minute))
	s.want(get(ours).with(keyHeader, held), 401, gateway401)
	s.want(get(ours).with(keyHeader, next), 200, page(0, 10, 0))
	if _, err := s.service.RotateKey(t.Context(), id, 0); bridge.CodeOf(err) != bridge.CodeInvalid {
		t.Errorf("an expired key was rotated: %v", err)
	}
	s.clock.Set(testkit.Noon.Add(time.Hour))
	s.want(get(ours).with(keyHeader, next), 401, gateway401)
}

// TestRateLimit is row I3: the 101st call within ten seconds, each class by itself.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{Calls: 100})
	other := s.newKey(ourEC)
	for n := range 100 {
		got := s.do(get(ours + "/none"))
		if left := got.header.Get("X-Remaining-Calls-Per-Min"); got.status != 404 || left != []string{"99", "0"}[min(n/99, 1)] && (n == 0 || n == 99) {
			t.Fatalf("call %d: %d, %s left", n, got.status, left)
		}
	}
	const tooMany = `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 10 seconds."}`
	s.want(get(ours+"/none"), 429, tooMany)
	if got := s.do(get(ours + "/none")); got.header.Get("Retry-After") != "10" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	s.want(get(ours+"/none").with(keyHeader, other), 404, unknown("none"))
	s.want(get(receiptsPath), 200, `{"currentPageNumber":0,"length":0,"totalPages":1,"results":[]}`)
	s.clock.Set(testkit.Noon.Add(10 * time.Second))
	s.want(get(ours+"/none"), 404, unknown("none"))
}

// TestKeyFailures is reliability-security.md §9 row 44: the eleventh failure of one
// address within a minute has to wait, and so has then a good key from there.
func TestKeyFailures(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	for range 10 {
		s.want(get(ours).with(keyHeader, "nb_x"), 401, gateway401)
	}
	const wait = `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 60 seconds."}`
	s.want(get(ours).with(keyHeader, "nb_x"), 429, wait)
	s.want(get(ours), 429, wait)
	s.clock.Set(testkit.Noon.Add(time.Minute))
	s.want(get(ours), 200, page(0, 10, 0))
}

// TestKeyFailures_BehindAProxy: a declared proxy says who calls, and one caller's failures
// do not lock out another; nobody else is believed (reliability-security.md §0.6).
func TestKeyFailures_BehindAProxy(t *testing.T) {
	t.Parallel()
	behind := newStationWith(t, api.Config{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	from := func(r request, hops string) request { return r.with("X-Forwarded-For", hops) }
	for range 10 {
		behind.want(from(get(ours).with(keyHeader, "nb_x"), "203.0.113.9, 198.51.100.7"), 401, gateway401)
	}
	for _, hops := range []string{"198.51.100.7", "203.0.113.1, 198.51.100.7", "203.0.113.9,198.51.100.7, 127.0.0.5", "198.51.100.7:4711"} {
		if got := behind.do(from(get(ours), hops)); got.status != 429 {
			t.Errorf("%s: %d %s", hops, got.status, got.body)
		}
	}
	for _, hops := range []string{"198.51.100.8", "198.51.100.7, 203.0.113.9"} {
		behind.want(from(get(ours), hops), 200, page(0, 10, 0))
	}

	direct := newStation(t, api.Limits{})
	for n := range 10 {
		direct.want(from(get(ours).with(keyHeader, "nb_x"), fmt.Sprintf("198.51.100.%d", n)), 401, gateway401)
	}
	if got := direct.do(from(get(ours), "198.51.100.99")); got.status != 429 {
		t.Errorf("a header of nobody's was believed: %d", got.status)
	}
}
