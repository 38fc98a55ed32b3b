package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"nodobridge/bridge"
)

// TestDecode_Hostile is reliability-security.md §9 rows 46 to 48: 400 naming the
// field. Unknown members are ignored on GPD's paths, and read as strictly.
func TestDecode_Hostile(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 20_000)
	tests := []struct {
		id     string
		body   string
		detail string // "" when it is accepted
	}{
		{"46 duplicate key", `{"iupd":"a","iupd":"b"}`, "iupd: is given twice"},
		{"46 duplicate key by an escape", `{"iupd":"a","i\u0075pd":"b"}`, "iupd: is given twice"},
		{"46 duplicate key in an option", `{"paymentOption":[{},{"iuv":"1","iuv":"2"}]}`, "paymentOption[1].iuv: is given twice"},
		{"46 duplicate key in an unknown member", `{"x":{"y":[{"z":1,"z":2}]}}`, "x.y.z: is given twice"},
		{"46 case-variant key is another name", `{"IUPD":"b"}`, ""},
		{"46 unknown field", `{"x":1.5e-3}`, ""},
		{"46 trailing text", `{} x`, "the request body cannot be read: something follows the document, at byte 3"},
		{"46 two documents", `{}{}`, "the request body cannot be read: something follows the document, at byte 2"},
		{"46 null", `null`, "the request body must be an object"},
		{"46 array", `[]`, "the request body must be an object"},
		{"47 fraction", `{"paymentOption":[{"amount":1.0}]}`, "paymentOption[0].amount: must be an integer, without fraction or exponent"},
		{"47 exponent", `{"paymentOption":[{"amount":1e3}]}`, "paymentOption[0].amount: must be an integer, without fraction or exponent"},
		{"47 text", `{"paymentOption":[{"amount":"1"}]}`, "paymentOption[0].amount: must be an integer"},
		{"47 2^63", `{"paymentOption":[{"amount":9223372036854775808}]}`, "paymentOption[0].amount: must be an integer of at most 9223372036854775807"},
		{"47 2^63-1", `{"paymentOption":[{"amount":9223372036854775807}]}`, ""},
		{"47 leading zero", `{"paymentOption":[{"amount":01}]}`, "the request body cannot be read: a comma is missing, at byte 29 in paymentOption[0]"},
		{"47 plus", `{"paymentOption":[{"amount":+1}]}`, "paymentOption[0].amount: must be an integer"},
		{"48 nesting 20,000", deep, "the request body must be an object"},
		{"48 nesting 20,000 in an unknown member", `{"x":` + deep, "the request body cannot be read: it is nested deeper than 32, at byte 37 in x"},
		{"48 nesting 32", `{"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, ""},
		{"48 lone high surrogate", `{"fullName":"\ud800"}`, "the request body cannot be read: a surrogate stands alone, at byte 19 in fullName"},
		{"48 lone low surrogate", `{"fullName":"\udc00x"}`, "the request body cannot be read: a surrogate stands alone, at byte 19 in fullName"},
		{"48 two high surrogates", `{"fullName":"\ud800\ud800"}`, "the request body cannot be read: a surrogate stands alone, at byte 25 in fullName"},
		{"48 surrogate pair", `{"fullName":"\ud83d\ude00"}`, ""},
		{"48 invalid UTF-8", "{\"fullName\":\"\xff\"}", "the request body cannot be read: it is not valid UTF-8, at byte 0"},
		{"48 NUL", `{"fullName":"a\u0000b"}`, "the request body cannot be read: a string has a NUL, at byte 20 in fullName"},
		{"48 NUL in an unknown member", `{"x":"\u0000"}`, "the request body cannot be read: a string has a NUL, at byte 12 in x"},
		{"48 raw control character", "{\"fullName\":\"a\nb\"}", "the request body cannot be read: a control character stands in a string, at byte 14 in fullName"},
		{"wrong type: text", `{"iupd":1}`, "iupd: must be a string"},
		{"wrong type: boolean", `{"payStandIn":"true"}`, "payStandIn: must be true or false"},
		{"wrong type: array", `{"paymentOption":{}}`, "paymentOption: must be an array"},
		{"wrong type: object", `{"paymentOption":[null]}`, "paymentOption[0]: must be an object"},
		{"wrong type: date", `{"validityDate":1767225600}`, "validityDate: must be a string"},
		{"bare date", `{"validityDate":"2026-12-31"}`, "validityDate: " + errDateTime.Error()},
		{"comma missing", `{"a":1 "b":2}`, "the request body cannot be read: a comma is missing, at byte 7"},
		{"comma too many", `{"a":1,}`, "the request body cannot be read: a member's name is missing, at byte 7"},
		{"cut short", `{"a":[1`, "the request body cannot be read: a comma is missing, at byte 7 in a"},
		{"bad escape", `{"a":"\x"}`, "the request body cannot be read: an escape is unknown, at byte 7 in a"},
		{"too many elements", `{"paymentOption":[` + strings.Repeat("{},", maxItems) + `{}]}`, "paymentOption: is too much: the request body has more than 20000 array elements"},
		{"long name", `{"` + strings.Repeat("n", 1000) + `":}`, "the request body cannot be read: a value is missing, at byte 1004 in " + strings.Repeat("n", maxName)},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			_, err := decodePosition([]byte(tt.body))
			got := ""
			if err != nil {
				got = err.(*bridge.Error).Detail
				if bridge.CodeOf(err) != bridge.CodeInvalid {
					t.Errorf("code %q", bridge.CodeOf(err))
				}
			}
			if got != tt.detail {
				t.Errorf("got  %q\nwant %q", got, tt.detail)
			}
		})
	}
}

// TestDateTime_RoundTrip is gpd-api.md §1.6 on the way in and out.
func TestDateTime_RoundTrip(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, out string }{ // out "" is refused
		{"2026-03-01T10:15:30", "2026-03-01T10:15:30"},
		{"2026-03-01T10:15", "2026-03-01T10:15:00"},
		{"2026-03-01T10:15:30.5", "2026-03-01T10:15:30.500"},
		{"2026-03-01T10:15:30.000001", "2026-03-01T10:15:30.000001"},
		{"2026-03-01T10:15:30.123456789", "2026-03-01T10:15:30.123456"},
		{"2026-03-01T10:15:30Z", "2026-03-01T10:15:30"},
		{"2026-03-01T10:15:30.120Z", "2026-03-01T10:15:30.120"},
		{"2026-03-01T00:15:30+01:00", "2026-02-28T23:15:30"},
		{"2026-03-01T23:15:30-01:00", "2026-03-02T00:15:30"},
		{"2024-02-29T00:00:00", "2024-02-29T00:00:00"},
		{"2026-02-29T00:00:00", ""},
		{"2026-03-01", ""},
		{"", ""},
		{"2026-03-01 10:15:30", ""},
		{"2026-03-01T10:15:30,5", ""},
		{"2026-03-01T10:15:30.", ""},
		{"2026-03-01T10:15:60", ""},
		{"2026-03-01T24:00:00", ""},
		{"2026-03-01T10:15:30+0100", ""},
		{"2026-03-01t10:15:30z", ""},
		{"0000-01-01T00:00:00", ""},
		{"0001-01-01T00:00:00", ""},
		{"9999-12-31T23:59:59-01:00", ""},
		{"２０２６-03-01T10:15:30", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			at, err := parseDateTime(tt.in)
			if err != nil {
				if tt.out != "" {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if got := localTime(at).String(); got != tt.out {
				t.Errorf("got %q, want %q", got, tt.out)
			}
		})
	}
}

// FuzzDecode: what is accepted is JSON to a second reader too, has valid text
// only, and means the same to both.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"iupd":"a\u00e8\ud83d\ude00\n","type":"F","payStandIn":true,"validityDate":"2026-12-31T22:59:59.5Z","paymentOption":[{"amount":1050,"transfer":[{"stamp":{}}]}]}`,
		`{"x":[1,-0.5e+3,{"y":null}],"x":1}`, "{\"fullName\":\"\xff\"}", `{"fullName":"\ud800"}`, `{"iupd":"\u0000"}`, `[[[[`, `{"paymentOption":[null]}`, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := decodePosition(body)
		if err != nil {
			refusal, ok := err.(*bridge.Error)
			if !ok || refusal.Code != bridge.CodeInvalid || refusal.Detail == "" {
				t.Fatalf("refused with %#v", err)
			}
			return
		}
		var other map[string]json.RawMessage
		if err := json.Unmarshal(body, &other); err != nil {
			t.Fatalf("accepted, but no JSON: %v", err)
		}
		if m.FullName != nil {
			var name string
			if err := json.Unmarshal(other["fullName"], &name); err != nil || name != *m.FullName {
				t.Fatalf("fullName %q, the other reader has %q (%v)", *m.FullName, name, err)
			}
			if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
				t.Fatalf("fullName %q is no text", name)
			}
		}
		for i := range m.PaymentOption {
			if due := m.PaymentOption[i].DueDate; due != nil {
				again, err := parseDateTime(due.String())
				if err != nil || !again.Equal(time.Time(*due)) {
					t.Fatalf("due date %s does not come back: %v", due, err)
				}
			}
		}
	})
}
