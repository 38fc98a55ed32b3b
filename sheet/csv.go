package sheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"nodobridge/bridge"
)

// separators are those in use, in the order in which they win a tie: the semicolon is
// Italy's, where the comma is decimal.
var separators = []rune{';', '\t', ',', '|'}

// keptDigits is ="0123", written bare: how programs keep a spreadsheet from making a
// number of digits. Within a quoted field the marks would be doubled.
var keptDigits = regexp.MustCompile(`(?m)(^|[;,\t|])="([0-9]+)"`)

func readCSV(file []byte) (*bridge.Sheet, error) {
	text, err := decode(file)
	if err != nil {
		return nil, err
	}
	first := 1
	separator := rune(0)
	// Excel's own line that names the separator.
	if rest, found := strings.CutPrefix(text, "sep="); found && len(rest) > 1 && (rest[1] == '\r' || rest[1] == '\n') {
		separator = rune(rest[0])
		text = strings.TrimLeft(rest[1:], "\r\n")
		first = 2
	}
	if separator == 0 {
		separator = guess(text)
	}
	if line := longLine(text); line > 0 {
		return nil, refuse("line %d has more than %d bytes", line+first-1, maxRecord)
	}
	text = keptDigits.ReplaceAllString(text, `$1"$2"`)
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator, -1, true
	var t table
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t.done()
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, refuse("line %d: a quotation mark stands where none may", broken.Line+first-1)
		}
		if err != nil {
			return nil, refuse("it is no CSV with the separator %q", separator)
		}
		line, _ := r.FieldPos(0)
		for len(record) > 0 && record[len(record)-1] == "" {
			record = record[:len(record)-1] // the separators behind the last column
		}
		if len(record) > bridge.MaxSheetColumns {
			return nil, refuse("line %d has more than %d columns", line+first-1, bridge.MaxSheetColumns)
		}
		cells := make([]bridge.Cell, len(record))
		for i, field := range record {
			cells[i].Text = clean(field)
		}
		if err := t.add(line+first-1, cells); err != nil {
			return nil, err
		}
	}
}

// longLine is the number of the first line that is longer than any row may be, 0 for none:
// the reader makes a field of every separator before anybody can count them.
func longLine(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if len(line) > maxRecord {
			return n
		}
	}
	return 0
}

// decode makes text of what spreadsheets write: UTF-8 with or without its mark, UTF-16
// ("Unicode text"), else Windows-1252.
func decode(file []byte) (string, error) {
	switch {
	case bytes.HasPrefix(file, []byte("\xef\xbb\xbf")):
		file = file[3:]
		if !utf8.Valid(file) {
			return "", refuse("it says that it is UTF-8 and is not")
		}
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		return decode16(file[2:], binary.LittleEndian)
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		return decode16(file[2:], binary.BigEndian)
	}
	if bytes.IndexByte(file, 0) >= 0 {
		return "", refuse("it is no text")
	}
	if utf8.Valid(file) {
		return string(file), nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(file)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", refuse("it is neither UTF-8 nor Windows-1252")
	}
	return string(text), nil
}

func decode16(file []byte, order binary.ByteOrder) (string, error) {
	if len(file)%2 != 0 {
		return "", refuse("it says that it is UTF-16 and is not")
	}
	units := make([]uint16, len(file)/2)
	for i := range units {
		units[i] = order.Uint16(file[2*i:])
	}
	text := string(utf16.Decode(units))
	if strings.ContainsRune(text, utf8.RuneError) || strings.ContainsRune(text, 0) {
		return "", refuse("it says that it is UTF-16 and is not")
	}
	return text, nil
}

// guess takes the separator that occurs most often in the first line that has text,
// outside of quotation marks.
func guess(text string) rune {
	count := map[rune]int{}
	quoted := false
	for _, r := range strings.TrimLeft(text, "\r\n") {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == '\n' || r == '\r'):
			return most(count)
		case !quoted:
			count[r]++
		}
	}
	return most(count)
}

func most(count map[rune]int) rune {
	best := separators[0]
	for _, s := range separators {
		if count[s] > count[best] {
			best = s
		}
	}
	return best
}
