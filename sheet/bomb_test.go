package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"nodobridge/sheet"
)

const (
	spreadsheet = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	sheetPart   = "xl/worksheets/sheet1.xml"
)

// madeBook has one sheet, in a part of the name, and shared strings.
func madeBook(t *testing.T, part, rows, strs string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"xl/workbook.xml", `<workbook ` + spreadsheet + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="x" Target="` + strings.TrimPrefix(part, "xl/") + `"/></Relationships>`},
		{"xl/styles.xml", `<styleSheet ` + spreadsheet + `><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>`},
		{"xl/sharedStrings.xml", `<sst ` + spreadsheet + `>` + strs + `</sst>`},
		{part, `<worksheet ` + spreadsheet + `><sheetData>` + rows + `</sheetData></worksheet>`},
		{"xl/media/noise", noise(2 << 20)}, // so that the ratio is a usual one
	} {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = io.WriteString(w, f[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noise cannot be packed.
func noise(n int) string {
	b := make([]byte, n)
	state := uint32(1)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return string(b)
}

// A file of some hundred kilobytes that a decoder would blow up to a gigabyte is refused
// before it is decoded. A table of the largest size passes (reliability-security.md §8 G9).
func TestRead_Bombs(t *testing.T) {
	text := "<si><t>a</t></si>"
	cell := `<c r="A1"><v>1</v></c>`
	long := strings.Repeat(cell, (30<<20)/len(cell))
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"shared strings":          {madeBook(t, sheetPart, "", strings.Repeat(text, (30<<20)/len(text))), "more than 524288 rows or texts"},
		"a row of cells":          {madeBook(t, sheetPart, `<row r="1">`+long+`</row>`, ""), "a row, or a text, of more than 1048576 bytes"},
		"a row with a prefix":     {madeBook(t, sheetPart, `<x:row xmlns:x="y" r="1">`+long+`</x:row>`, ""), "a row, or a text, of more than 1048576 bytes"},
		"a sheet by another name": {madeBook(t, "xl/media/picture.png", `<row r="1">`+long+`</row>`, ""), "a row, or a text, of more than 1048576 bytes"},
		"one cell":                {madeBook(t, sheetPart, `<row r="1"><c r="A1" t="inlineStr"><is><t>`+strings.Repeat("a", 30<<20)+`</t></is></c></row>`, ""), "a row, or a text, of more than 1048576 bytes"},
		"empty rows":              {madeBook(t, sheetPart, strings.Repeat("<row/>", (30<<20)/6), ""), "more than 524288 rows or texts"},
		"a line of separators":    {[]byte("A;B\n1" + strings.Repeat(";", 16<<20)), "line 2 has more than 1048576 bytes"},
		"many columns":            {[]byte("A;B\n1" + strings.Repeat(";x", 201)), "line 2 has more than 200 columns"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := sheet.Read(t.Context(), c.file)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
	var rows, texts strings.Builder
	for n := range 20_001 {
		fmt.Fprintf(&rows, `<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="%d">`, n+1)
		for column := range 20 {
			fmt.Fprintf(&rows, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+column, n+1, 20*min(n, 5000)+column)
		}
		rows.WriteString(`</x:row>`)
	}
	for n := range 20 * 5001 {
		fmt.Fprintf(&texts, "<si><t>text %d</t></si>", n)
	}
	s, err := sheet.Read(t.Context(), madeBook(t, sheetPart, rows.String(), texts.String()))
	if err != nil || len(s.Rows) != 20_000 || s.Rows[19_999].Cells[19].Text != "text 100019" {
		t.Errorf("the largest table: %v", err)
	}
	if s, err := sheet.Read(t.Context(), []byte("A;B;;;\n1;2"+strings.Repeat(";", 500)+"\n")); err != nil || len(s.Rows) != 1 {
		t.Errorf("separators behind the last column: %v, %v", s, err)
	}
}
