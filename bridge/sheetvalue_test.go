package bridge

import (
	"strings"
	"testing"
	"time"
)

// Reaches inside the package: the forms of values are many, and a sheet for each would
// hide them. duties.md §7.1 names the traps.
func TestSheetAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text   string
		number bool
		cents  bool
		want   Cents // 0: refused
	}{
		{"1.234,50", false, false, 123450}, {"1234,5", false, false, 123450}, {"1234", false, false, 123400}, {"12.50", false, false, 1250}, {"12,50", false, false, 1250},
		{"€ 12,50", false, false, 1250}, {"12,50 €", false, false, 1250}, {"1.234", false, false, 123400}, {"1.234.567,89", false, false, 123456789}, {"0,01", false, false, 1},
		{"1,234.50", false, false, 0}, {"12,345", false, false, 0}, {"1.23,4", false, false, 0}, {"12.345.6", false, false, 0}, {"-5,00", false, false, 0}, {"0", false, false, 0},
		{"", false, false, 0}, {"abc", false, false, 0}, {"1e3", false, false, 0}, {"1,5E+3", false, false, 0}, {"12,50;", false, false, 0}, {"99999999999", false, false, 0},
		{"12.5", true, false, 1250}, {"12", true, false, 1200}, {"12.3", true, false, 1230}, {"12.299999999999999", true, false, 1230}, {"12.300000000000001", true, false, 1230},
		{"12.345", true, false, 0}, {"12.999999", true, false, 1300}, {"12.3000", true, false, 1230}, {"1.2E+3", true, false, 0},
		{"1250", false, true, 1250}, {"12,50", false, true, 0}, {"12.5", true, true, 0}, {"0", false, true, 0},
	} {
		got, err := sheetAmount(tt.text, tt.number, tt.cents)
		if tt.want == 0 && err == nil || tt.want != 0 && (err != nil || got != tt.want) {
			t.Errorf("%q (number %v, cents %v): %d, %v; want %d", tt.text, tt.number, tt.cents, got, err, tt.want)
		}
	}
}

func TestSheetDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"31/12/2026": "2026-12-31", "1/2/2026": "2026-02-01", "01-02-2026": "2026-02-01", "1.2.2026": "2026-02-01", "2026-12-31": "2026-12-31", "31/12/2026 00:00": "2026-12-31",
		"2026-12-31T00:00:00": "2026-12-31", "31/12/26": "", "31/02/2026": "", "12/31/2026": "", "2026/12/31": "", "46000": "", "": "", "31/12/2026 10:30": "",
	} {
		got, err := sheetDay(text)
		if want == "" && err == nil || want != "" && (err != nil || got.Format(time.DateOnly) != want) {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
	day, err := sheetDay("31/12/2026")
	if err != nil || !endOfRomanDay(day).Equal(time.Date(2026, 12, 31, 22, 59, 59, 0, time.UTC)) {
		t.Errorf("the end of the day: %v, %v", endOfRomanDay(day), err)
	}
}

func TestSheetCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"rssmra80a01h501u": "RSSMRA80A01H501U", " RSSMRA80A01H501U": "RSSMRA80A01H501U", "RSSMRA80A01H501X": "", "ANONIMO": "ANONIMO",
		"00488410010": "00488410010", "488410010": "00488410010", "488410011": "", "4,8841E+08": "", "": "",
	} {
		got, err := sheetFiscalCode(text)
		if got != want || (want == "") != (err != nil) {
			t.Errorf("fiscal code %q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, lost := range []struct {
		text   string
		number bool
	}{{"3,02E+17", false}, {"3.02E+17", true}, {"302000000000000100", true}, {"3,02000000000001E+17", false}} {
		if got, err := sheetNumber(lost.text, lost.number); err == nil || !strings.Contains(err.Error(), "lost digits") {
			t.Errorf("%+v: %q, %v", lost, got, err)
		}
	}
	if got, err := sheetNumber("302 0000 0000 0000 101", false); err != nil || got != "302000000000000101" {
		t.Errorf("with blanks: %q, %v", got, err)
	}
	for text, want := range map[string]bool{"sì": true, "SI": true, "x": true, "no": false, "FALSO": false} {
		if got, err := sheetFlag(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if _, err := sheetFlag("forse"); err == nil {
		t.Error("forse is neither")
	}
}
