// Package sheet reads the tables that clerks make, CSV in the ways in which Italian
// spreadsheets write it and XLSX (duties.md §7.1), into rows of text. It guesses nothing
// about what the cells mean.
package sheet

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"nodobridge/bridge"
)

// Read reads a file of either form.
func Read(_ context.Context, file []byte) (*bridge.Sheet, error) {
	if len(file) == 0 {
		return nil, refuse("the file is empty")
	}
	if bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return readXLSX(file)
	}
	if bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")) {
		return nil, refuse("it is a file of Excel 97-2003 (.xls): save it as .xlsx or .csv")
	}
	return readCSV(file)
}

func refuse(format string, args ...any) error {
	return &bridge.Error{Code: bridge.CodeSheet, Detail: "the file cannot be read: " + fmt.Sprintf(format, args...)}
}

// table gathers rows: the first that is not blank has the names, blank ones are left out.
type table struct {
	sheet bridge.Sheet
}

func (t *table) add(line int, cells []bridge.Cell) error {
	for len(cells) > 0 && cells[len(cells)-1].Text == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > bridge.MaxSheetColumns {
		return refuse("line %d has more than %d columns", line, bridge.MaxSheetColumns)
	}
	for i, cell := range cells {
		if utf8.RuneCountInString(cell.Text) > bridge.MaxCell {
			return refuse("line %d, column %d has more than %d characters", line, i+1, bridge.MaxCell)
		}
	}
	if t.sheet.Columns == nil {
		return t.name(cells)
	}
	if len(t.sheet.Rows) == bridge.MaxSheetRows {
		return refuse("it has more than %d rows", bridge.MaxSheetRows)
	}
	if len(cells) > len(t.sheet.Columns) {
		return refuse("line %d has %d cells, and there are %d columns", line, len(cells), len(t.sheet.Columns))
	}
	t.sheet.Rows = append(t.sheet.Rows, bridge.SheetRow{Line: line, Cells: cells})
	return nil
}

func (t *table) name(cells []bridge.Cell) error {
	seen := map[string]bool{}
	for _, cell := range cells {
		name := cell.Text
		if name != "" && seen[strings.ToLower(name)] {
			return refuse("the column %q stands twice in the first row", name)
		}
		seen[strings.ToLower(name)] = true
		t.sheet.Columns = append(t.sheet.Columns, name)
	}
	return nil
}

func (t *table) done() (*bridge.Sheet, error) {
	if len(t.sheet.Rows) == 0 {
		return nil, refuse("it has no rows below the names of the columns")
	}
	return &t.sheet, nil
}

// clean takes away what spreadsheets leave around a value: blanks of all kinds, and the
// ="…" that keeps digits a text.
func clean(text string) string {
	text = trim(text)
	if strings.HasPrefix(text, `="`) && strings.HasSuffix(text, `"`) && len(text) > 3 {
		text = trim(strings.ReplaceAll(text[2:len(text)-1], `""`, `"`))
	}
	// The apostrophe with which an export disarms a formula.
	if rest, found := strings.CutPrefix(text, "'"); found && dangerous(rest) {
		text = trim(rest)
	}
	return text
}

// dangerous says whether a line of a text begins as a formula does.
func dangerous(text string) bool {
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line := trim(line); line != "" && strings.ContainsAny(line[:1], "=+-@|%") {
			return true
		}
	}
	return false
}

func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\u00a0' || r == '\ufeff' || r == '\u200b' })
}
