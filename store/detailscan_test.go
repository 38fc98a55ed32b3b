package store

import (
	"encoding/json"
	"reflect"
	"testing"

	"nodobridge/bridge"
)

// details are of every shape that is written, and of some that are not.
var details = []string{
	`{"debtor":{"type":"F"},"transfers":[]}`,
	`{"debtor":{"type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Ròssi","street":"Via Roma","civic":"1","postalCode":"00100","city":"Roma","province":"RM","region":"Lazio","country":"IT","email":"m@example.org","phone":"1"},"transfers":[{"id":1,"ec":"77777777777","companyName":"Comune","amountCents":12000,"remittance":"r","category":"9/0101108TS/","iban":"IT60X0542811101000000123456","postalIban":"IT60X0760111101000000123456","metadata":[{"k":"a","v":"b"},{"k":"c","v":""}],"status":"T_UNREPORTED"},{"id":3,"ec":"88888888888","amountCents":1,"stamp":{"hash":"aGFzaA==","type":"01","province":"RM"},"status":"T_REPORTED"}],"metadata":[{"k":"x","v":"y"}]}`,
	`{"debtor":{"type":"G","fullName":"A \u0026 B \"C\""},"transfers":null}`,
	`{"transfers":[],"debtor":{}}`, `{"debtor":{"type":"F","type":"G"},"transfers":[]}`, `{"Debtor":{"TYPE":"F"}}`,
	`{"debtor":{},"transfers":[{"id":01}]}`, `{"debtor":{},"transfers":[{"id":1.0}]}`, `{"debtor":{},"transfers":[{"id":1e2}]}`, `{"debtor":{},"transfers":[{"id":-1}]}`,
	`{"debtor":{},"transfers":[{"id":99999999999999999999}]}`, `{"debtor":{},"transfers":[{},]}`, `{"debtor":{},"transfers":[,{}]}`, `{"debtor":{}"transfers":[]}`,
	`{,"debtor":{}}`, `{"debtor":{,"type":"F"}}`, `{"debtor":{"type":"F",}}`, `{"debtor":{}} `, `{"debtor":{}}x`, `{"debtor":{"type":"a` + "\n" + `"}}`, `{"debtor":{"type":"` + "\xff" + `"}}`,
	`{"debtor":{},"metadata":[]}`, `{}`, ``, `{`, `null`, `[]`, `{"debtor":null}`, `{"debtor":{"type":null}}`, `{"debtor":{"type":1}}`,
}

// plainly is what encoding/json makes of a text.
func plainly(text string) (bridge.Notice, error) {
	var n bridge.Notice
	var d detail
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return n, err
	}
	fillDetail(&n, &d)
	return n, nil
}

// What the scanner takes, encoding/json takes too, and reads the same from.
func agrees(t *testing.T, text string) {
	t.Helper()
	var scanned bridge.Notice
	if !scanDetail(text, &scanned) {
		return
	}
	want, err := plainly(text)
	if err != nil {
		t.Fatalf("%q is read, and encoding/json says %v", text, err)
	}
	if len(scanned.Transfers) == 0 && len(want.Transfers) == 0 {
		scanned.Transfers, want.Transfers = nil, nil
	}
	if !reflect.DeepEqual(scanned, want) {
		t.Fatalf("%q is read as\n%+v\nwant\n%+v", text, scanned, want)
	}
}

func TestScanDetail_AgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	for i, text := range details {
		agrees(t, text)
		var n bridge.Notice
		if taken := scanDetail(text, &n); i < 2 && !taken {
			t.Errorf("%q is not read", text)
		}
	}
}

// What is written is read without encoding/json, as long as it needs no escapes.
func TestScanDetail_TakesWhatIsWritten(t *testing.T) {
	t.Parallel()
	n, err := plainly(details[1])
	if err != nil {
		t.Fatal(err)
	}
	text, err := encodeDetail(&n)
	if err != nil {
		t.Fatal(err)
	}
	var got bridge.Notice
	if !scanDetail(text, &got) || !reflect.DeepEqual(got, n) {
		t.Errorf("%s is read as\n%+v", text, got)
	}
}

func FuzzScanDetail(f *testing.F) {
	for _, text := range details {
		f.Add(text)
	}
	f.Fuzz(agrees)
}
