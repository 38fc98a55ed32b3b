package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"nodobridge/api"
	"nodobridge/bridge"
)

// TestLog_HoldsNoPersonalData seeds a person, accounts and keys in every place
// of a request and looks for them in the log: one record per request, of known
// keys, and none of the seeds.
func TestLog_HoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	seeds := []string{
		"RSSMRA80A01H501U", "Rossi", "Mario", "mario.rossi", "Via Segreta", "333-5550199", "IT60X0542811101000000123456", "canary",
		s.key, strings.SplitN(s.key, "_", 3)[2], strings.SplitN(s.otherKey, "_", 3)[2], "disk I/O is private",
	}
	body := edited(minimal, "streetName", "Via Segreta", "phone", "333-5550199", "email", "mario.rossi@example.org", option0+"description", "canary", option0+"paymentOptionMetadata", object(`[{"key":"canary","value":"Rossi"}]`))
	requests := []request{
		post(ours+"?toPublish=canary", body),
		post(ours, body), post(ours, body),
		post(ours, edited(body, transfer0+"iban", "IT60X0542811101000000123456 !")),
		post(ours, edited(body, option0+"amount", 1)),
		post(ours, strings.Replace(body, `"iupd"`, `"canary":1,"canary":2,"iupd"`, 1)),
		post(ours, body).with("Content-Type", "text/canary"),
		get(one), get(ours), get(ours + "?status=RSSMRA80A01H501U"), get(ours + "/RSSMRA80A01H501U"), remove(ours + "/Rossi"),
		get("/RSSMRA80A01H501U?name=Rossi"), get(base + "/organizations/RSSMRA80A01H501U/debtpositions"),
		{method: "CANARY", path: "/"}, {method: "RSSMRA80A01H501U", path: one},
		get(ours).with(keyHeader, "nb_canary_Rossi"), get(ours).with("User-Agent", "canary").with("Referer", "canary").with("X-Forwarded-For", "canary"),
		post(one+"/publish", ""), remove(one), get("/info"),
	}
	for _, r := range requests {
		s.do(r)
	}
	log := s.logs.String()
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if len(lines) != len(requests) {
		t.Errorf("%d records for %d requests", len(lines), len(requests))
	}
	for _, seed := range seeds {
		if strings.Contains(log, seed) {
			t.Errorf("the log holds %q", seed)
		}
	}
	known := []string{"time", "level", "msg", "request_id", "method", "route", "ec", "key", "status", "duration", "code", "cause", "stack"}
	for _, line := range lines {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for key := range record {
			if !slices.Contains(known, key) {
				t.Errorf("unknown key %q", key)
			}
		}
	}
}

// TestFailure_IsNeutral: a store that fails is a 500 with the operation's title;
// the cause is logged and not told (gpd-api.md §4.2, style.md 10).
func TestFailure_IsNeutral(t *testing.T) {
	t.Parallel()
	titles := map[string]string{
		"create": "The debt position creation is failed", "list": "INTERNAL SERVER ERROR", "get": "INTERNAL SERVER ERROR",
		"publish": "The debt position publish is failed", "delete": "The debt position delete is failed",
	}
	for name, r := range everyOperation(ours) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			s.store.fail(errDisk)
			s.want(r, http.StatusInternalServerError, problem(500, titles[name], "The request could not be carried out; it may be tried again"))
			if log := s.logs.String(); !strings.Contains(log, "disk I/O error") || !strings.Contains(log, `"code":"store_unavailable"`) || !strings.Contains(log, `"level":"ERROR"`) {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// TestFullDisk: on a full disk every operation that needs the store is answered with 507
// and when to come again, whatever lies around the cause.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, r := range everyOperation(ours) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			for _, cause := range []error{bridge.ErrNoRoom, &os.PathError{Op: "write", Path: "/var/lib/x", Err: syscall.ENOSPC}} {
				s.store.fail(fmt.Errorf("cannot store: %w", cause))
				s.want(r, http.StatusInsufficientStorage, problem(507, "INSUFFICIENT STORAGE", "There is no room to store anything now; nothing of the request was stored, and it may be tried again"))
				if got := s.do(r); got.header.Get("Retry-After") != "60" {
					t.Errorf("headers %v", got.header)
				}
			}
			if log := s.logs.String(); !strings.Contains(log, `"code":"no_room"`) {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// TestPanic_IsAnswered: the station lives on, and the panic's value stays out of
// answer and log.
func TestPanic_IsAnswered(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.store.panicWith("Mario Rossi")
	s.want(get(ours), http.StatusInternalServerError, problem(500, "INTERNAL SERVER ERROR", "The request could not be carried out; it may be tried again"))
	s.store.panicWith(nil)
	s.want(get(ours), http.StatusOK, page(0, 10, 0))
	if log := s.logs.String(); strings.Contains(log, "Rossi") || !strings.Contains(log, "panic with a string") || !strings.Contains(log, "fault_test.go") {
		t.Errorf("log: %s", log)
	}
}
