package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// split takes a document apart and gives its rows.
func split(document string) ([]string, error) {
	s := newSplitter(iotest.OneByteReader(strings.NewReader(document)), "rows")
	var rows []string
	for {
		raw, err := s.next()
		if err != nil || raw == nil {
			return rows, err
		}
		rows = append(rows, string(raw))
	}
}

func TestSplitter(t *testing.T) {
	t.Parallel()
	for document, want := range map[string][]string{
		`{"rows":[]}`: nil,
		" {\n\"rows\" : [ {\"a\":1} , {\"b\":[{}]} ] }\n": {`{"a":1}`, `{"b":[{}]}`},
		`{"rows":["a","b\"]}"]}`:                          {`"a"`, `"b\"]}"`},
		`{"rows":[{"a":"}\\"},{"b":"]\u005d"}]}`:          {`{"a":"}\\"}`, `{"b":"]\u005d"}`},
	} {
		if got, err := split(document); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", document, got, err)
		}
	}
	for document, want := range map[string]string{
		``:                        "the document ends too early",
		`[]`:                      `the document must be {"rows":[…]}`,
		`{"other":[]}`:            "the document must have one member, rows",
		`{"rows":{}}`:             `the document must be {"rows":[…]}`,
		`{"rows":[1]}`:            "row 0 is neither an object nor a string",
		`{"rows":[{} {}]}`:        "a comma is missing behind row 1",
		`{"rows":[{},]}`:          "row 1 is neither an object nor a string",
		`{"rows":[{}],"rows":[]}`: `the document must be {"rows":[…]}`,
		`{"rows":[{}]`:            "the document ends too early",
		`{"rows":[{"a":"`:         "the document ends too early",
		`{"rows":[{}]} {}`:        "something follows the document",
		`{"rows":[` + strings.Repeat(`{"a":`, 40):    "row 0 is larger than 1048576 bytes or nested deeper than 32",
		`{"rows":["` + strings.Repeat("a", maxRow+1): "row 0 is larger than 1048576 bytes",
	} {
		if _, err := split(document); err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", document, err, want)
		}
	}
}

// FuzzSplitter: a document that encoding/json reads has the rows that it reads, and the
// splitter accepts no document whose rows all are JSON and which is none itself.
func FuzzSplitter(f *testing.F) {
	for _, seed := range []string{`{"rows":[]}`, `{"rows":[{"a":"}\\"},"b",{"c":[1,{"d":null}]}]}`, `{"rows":["\u005d"]} `, `{"rows":[{}],"x":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		rows, err := split(document)
		var judged struct{ Rows []json.RawMessage }
		judgement := json.Unmarshal([]byte(document), &judged)
		if err != nil {
			return
		}
		well := true
		for _, row := range rows {
			well = well && json.Valid([]byte(row))
		}
		if !well {
			return // the reader's to refuse
		}
		if judgement != nil || len(judged.Rows) != len(rows) {
			t.Fatalf("%q: %d rows, encoding/json %d, %v", document, len(rows), len(judged.Rows), judgement)
		}
		for i, row := range rows {
			if row != string(judged.Rows[i]) {
				t.Fatalf("%q: row %d is %q, to encoding/json %q", document, i, row, judged.Rows[i])
			}
		}
	})
}
