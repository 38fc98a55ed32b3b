package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/sheet"
)

// plain writes a sheet as names and lines.
func plain(s *bridge.Sheet) string {
	if s == nil {
		return ""
	}
	out := strings.Join(s.Columns, "|")
	for _, row := range s.Rows {
		out += fmt.Sprintf("\n%d:", row.Line)
		for i, c := range row.Cells {
			if i > 0 {
				out += "|"
			}
			out += c.Text
			if c.Number {
				out += "#"
			}
		}
	}
	return out
}

// TestRead_CSV is the ways in which Italian spreadsheets write tables (duties.md §7.1).
func TestRead_CSV(t *testing.T) {
	t.Parallel()
	const want = "NOME|CITTÀ|IMPORTO\n2:Niccolò|Forlì|1.234,50"
	utf16 := func(order func(r uint16) []byte, text string) string {
		var b bytes.Buffer
		for _, r := range text {
			b.Write(order(uint16(r)))
		}
		return b.String()
	}
	little := func(r uint16) []byte { return []byte{byte(r), byte(r >> 8)} }
	big := func(r uint16) []byte { return []byte{byte(r >> 8), byte(r)} }
	for name, file := range map[string]string{
		"UTF-8":             "NOME;CITTÀ;IMPORTO\r\nNiccolò;Forlì;1.234,50\r\n",
		"with a mark":       "\ufeffNOME;CITTÀ;IMPORTO\nNiccolò;Forlì;1.234,50",
		"Windows-1252":      "NOME;CITT\xc0;IMPORTO\r\nNiccol\xf2;Forl\xec;1.234,50",
		"UTF-16 little":     "\xff\xfe" + utf16(little, "NOME\tCITTÀ\tIMPORTO\r\nNiccolò\tForlì\t1.234,50"),
		"UTF-16 big":        "\xfe\xff" + utf16(big, "NOME\tCITTÀ\tIMPORTO\r\nNiccolò\tForlì\t1.234,50"),
		"commas, quoted":    "NOME,CITTÀ,IMPORTO\nNiccolò,Forlì,\"1.234,50\"\n",
		"with sep":          "sep=|\r\nNOME|CITTÀ|IMPORTO\r\nNiccolò|Forlì|1.234,50",
		"blanks and =\"…\"": "NOME ; CITTÀ;IMPORTO\u00a0\n Niccolò;\"=\"\"Forlì\"\"\";1.234,50;;\n;;\n",
	} {
		s, err := sheet.Read(t.Context(), []byte(file))
		line := want
		if name == "with sep" {
			line = strings.Replace(want, "2:", "3:", 1)
		}
		if err != nil || plain(s) != line {
			t.Errorf("%s: %v\n%s", name, err, plain(s))
		}
	}
	s, err := sheet.Read(t.Context(), []byte("A;B\n\"x\ny\";\"a\"\"b\"\n1;2\n"))
	if err != nil || plain(s) != "A|B\n2:x\ny|a\"b\n4:1|2" {
		t.Errorf("lines within quotation marks: %v\n%s", err, plain(s))
	}
	digits, err := sheet.Read(t.Context(), []byte("A;B;C\n=\"007\";x;=\"302\"\n"))
	if err != nil || plain(digits) != "A|B|C\n2:007|x|302" {
		t.Errorf("digits kept as text: %v\n%s", err, plain(digits))
	}
	euro, err := sheet.Read(t.Context(), []byte("A;B\n\x80 5;\x92\n"))
	if err != nil || euro.Rows[0].Cells[0].Text != "€ 5" || euro.Rows[0].Cells[1].Text != "’" {
		t.Errorf("the signs of Windows-1252: %v, %v", euro, err)
	}
}

func TestRead_Refuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ file, rule string }{
		"empty":             {"", "empty"},
		"names alone":       {"A;B\n", "no rows"},
		"twice one name":    {"A;a\n1;2\n", "twice"},
		"too many cells":    {"A;B\n1;2;3\n", "line 2 has 3 cells"},
		"quotation mark":    {"A;B\n1\"2;3\n", "line 2: a quotation mark"},
		"old Excel":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"},
		"binary":            {"A;B\n\x00;1\n", "no text"},
		"false mark":        {"\xef\xbb\xbfA;B\n\xe0;1\n", "says that it is UTF-8"},
		"odd UTF-16":        {"\xff\xfeA", "UTF-16"},
		"long cell":         {"A;B\n" + strings.Repeat("x", 4097) + ";1\n", "4096 characters"},
		"wide":              {strings.Repeat("A;", 201) + "x\n1\n", "200 columns"},
		"many rows":         {"A\n" + strings.Repeat("1\n", 20_001), "20000 rows"},
		"no zip":            {"PK\x03\x04xxxx", "workbook"},
		"zip of other kind": {archive(t, map[string]string{"a.txt": "x"}), "workbook"},
		"bomb":              {archive(t, map[string]string{"xl/worksheets/sheet1.xml": strings.Repeat("0", 20<<20)}), "unpacked"},
	} {
		_, err := sheet.Read(t.Context(), []byte(tt.file))
		if bridge.CodeOf(err) != bridge.CodeSheet || !strings.Contains(err.Error(), tt.rule) {
			t.Errorf("%s: %v, want %q", name, err, tt.rule)
		}
	}
}

func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// workbook is a small one with these rows of cells, as Excel writes it.
func workbook(t *testing.T, rows string) []byte {
	t.Helper()
	return []byte(archive(t, map[string]string{
		"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":                `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Foglio1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml":              `<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`,
	}))
}

// TestRead_XLSX: texts, numbers, days, cells that are left out, rows that are blank.
func TestRead_XLSX(t *testing.T) {
	t.Parallel()
	text := func(at, value string) string {
		return `<c r="` + at + `" t="inlineStr"><is><t>` + value + `</t></is></c>`
	}
	file := workbook(t, `<row r="1">`+text("A1", "CODICE")+text("B1", "IMPORTO")+text("C1", "SCADENZA")+text("D1", "NOTE")+`</row>`+
		`<row r="2">`+text("A2", "007")+`<c r="B2"><v>12.5</v></c><c r="C2" s="1"><v>46387</v></c></row>`+
		`<row r="3"><c r="B3"/></row>`+
		`<row r="4">`+text("A4", "x")+text("D4", " fine ")+`</row>`)
	s, err := sheet.Read(t.Context(), file)
	if err != nil || plain(s) != "CODICE|IMPORTO|SCADENZA|NOTE\n2:007|12.5#|2026-12-31\n4:x|||fine" {
		t.Errorf("%v\n%s", err, plain(s))
	}
}

// FuzzRead: no file makes the reader panic, and whatever it accepts is within bounds.
func FuzzRead(f *testing.F) {
	f.Add([]byte("A;B\n1;2\n"))
	f.Add([]byte("sep=,\nA,B\n\"1\n\",2"))
	f.Add([]byte("\xff\xfeA\x00\n\x001\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := sheet.Read(t.Context(), file)
		if err != nil {
			if bridge.CodeOf(err) != bridge.CodeSheet {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		for _, row := range s.Rows {
			if len(row.Cells) > len(s.Columns) || row.Line < 2 {
				t.Errorf("line %d has %d cells of %d", row.Line, len(row.Cells), len(s.Columns))
			}
		}
	})
}
