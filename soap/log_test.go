package soap_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"nodobridge/internal/testkit"
	"nodobridge/soap"
	"nodobridge/wsdl"
	"nodobridge/wsdl/contract"
)

// One line a call, from a fixed list of keys, and nothing in it that is a person's
// or a bearer's (style.md §20).
func TestLog_OneLineWithoutPersonalData(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	s.create(t, testkit.Single(1), true)
	nav := string(testkit.NAV(1))
	calls := []string{
		verifyOf(nav), getV2Of(nav), getV1Of(nav), receiptOf(nav, "r1"), receiptOf(nav, "r1"), receiptOf(nav, "r2")[:900], verifyOf(nav),
		strings.Replace(verifyOf(nav), "<idPA>77777777777", "<idPA>RSSMRA80A01H501U", 1), "not xml: Mario Rossi",
	}
	for _, call := range calls {
		s.post(t, call, "SOAPAction: paSendRTV2", "X-Request-Id: req-1")
	}
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	if len(lines) != len(calls) {
		t.Fatalf("%d lines for %d calls:\n%s", len(lines), len(calls), s.log)
	}
	allowed := map[string]bool{
		"time": true, "level": true, "msg": true, "status": true, "us": true, "request_id": true, "operation": true, "outcome": true, "fault_code": true,
		"ec": true, "notice": true, "unsayable": true, "soap_action_differs": true, "unknown_elements": true, "probe": true, "kept": true, "cause": true, "write_error": true,
	}
	for _, line := range lines {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		for key := range entry {
			if !allowed[key] {
				t.Errorf("key %q is not in the list: %s", key, line)
			}
		}
		if entry["request_id"] != "req-1" {
			t.Errorf("no request id: %s", line)
		}
	}
	for _, secret := range []string{"RSSMRA80A01H501U", "Mario", "Rossi", "IT60X", "example.org", nav, "TARI"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, s.log)
		}
	}
}

// soap-node.md §6 T13: what ?wsdl and ?xsd= serve is the contract, reachable, with
// the public address.
func TestContract_IsServedWhole(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	const public = "https://pagamenti.example.org/paForNode"
	served := fstest.MapFS{}
	for name, suffix := range map[string]string{"paForNode.wsdl": "?wsdl", "xsd/paForNode.xsd": "?xsd=paForNode.xsd", "xsd/commonTypes.xsd": "?xsd=commonTypes.xsd"} {
		a := s.send(t, http.MethodGet, s.url+suffix, "")
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Fatalf("%s: HTTP %d", suffix, a.status)
		}
		if name == "paForNode.wsdl" && !bytes.Contains(a.body, []byte(`location="`+public+`"`)) {
			t.Errorf("the WSDL does not show the public address:\n%s", a.body)
		}
		served[name] = &fstest.MapFile{Data: a.body}
	}
	for name, folder := range map[string]string{"paForNode.wsdl": "xsd/", "xsd/paForNode.xsd": ""} {
		if !bytes.Contains(served[name].Data, []byte(public+"?xsd=")) {
			t.Errorf("%s does not import by public address", name)
		}
		// Back to file names, so that the loader finds them.
		served[name].Data = bytes.ReplaceAll(served[name].Data, []byte(public+"?xsd="), []byte(folder))
	}
	ours, err := contract.Load(wsdl.Files, "paForNode.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	got, err := contract.Load(served, "paForNode.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range contract.Diff(ours, got) {
		if !strings.Contains(d.String(), "location") {
			t.Errorf("served differently: %s", d)
		}
	}
}
