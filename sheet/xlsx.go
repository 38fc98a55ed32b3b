package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/thedatashed/xlsxreader"

	"nodobridge/bridge"
)

// Bounds of a workbook before anything of it is unpacked: what a zip says of its sizes
// is held to by archive/zip.
const (
	maxParts    = 1000
	maxUnpacked = 128 << 20
	maxRatio    = 200 // of what is unpacked to what is packed
)

// Bounds of its parts before they are decoded, since the decoder holds a row whole, and all
// shared strings: 80 bytes for one of a letter, 270 for a cell. A workbook of 800 KB could
// take 1.2 GB by one row of five million cells.
const (
	maxRecord  = 1 << 20 // bytes of a row, of a shared string, of what stands around them
	maxRecords = 1 << 19 // rows, or shared strings, of a part
)

func readXLSX(file []byte) (*bridge.Sheet, error) {
	archive, err := judgeZip(file)
	if err != nil {
		return nil, err
	}
	if err := judgeParts(archive); err != nil {
		return nil, err
	}
	book, err := xlsxreader.NewReader(file)
	if err != nil {
		return nil, refuse("it is no workbook (.xlsx)")
	}
	if len(book.Sheets) == 0 {
		return nil, refuse("the workbook has no sheet")
	}
	var t table
	broken := error(nil)
	rows := book.ReadRows(book.Sheets[0])
	for row := range rows {
		if broken != nil {
			continue // the reader's goroutine ends with its last row
		}
		if row.Error != nil {
			broken = refuse("the first sheet of the workbook is malformed")
			continue
		}
		broken = addRow(&t, row)
	}
	if broken != nil {
		return nil, broken
	}
	return t.done()
}

func addRow(t *table, row xlsxreader.Row) error {
	var cells []bridge.Cell
	for _, c := range row.Cells {
		at := c.ColumnIndex()
		if at < 0 || at >= bridge.MaxSheetColumns {
			return refuse("line %d has more than %d columns", row.Index, bridge.MaxSheetColumns)
		}
		for len(cells) <= at {
			cells = append(cells, bridge.Cell{})
		}
		cells[at] = bridge.Cell{Text: clean(c.Value), Number: c.Type == xlsxreader.TypeNumerical}
		if c.Type == xlsxreader.TypeDateTime {
			cells[at].Text = strings.TrimSuffix(cells[at].Text, "T00:00:00Z") // a day
		}
	}
	return t.add(row.Index, cells)
}

// judgeZip refuses a bomb.
func judgeZip(file []byte) (*zip.Reader, error) {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, refuse("it is no workbook (.xlsx)")
	}
	if len(archive.File) > maxParts {
		return nil, refuse("the workbook has more than %d parts", maxParts)
	}
	var total uint64
	for _, part := range archive.File {
		if part.UncompressedSize64 > maxUnpacked {
			return nil, refuse("the workbook is larger than %d bytes when it is unpacked", maxUnpacked)
		}
		total += part.UncompressedSize64
	}
	if total > maxUnpacked || total > uint64(len(file))*maxRatio {
		return nil, refuse("the workbook is larger than %d bytes, or than %d times its size, when it is unpacked", maxUnpacked, maxRatio)
	}
	return archive, nil
}

// relationships says which parts hold the workbook's sheets, whatever they are called.
const relationships = "xl/_rels/workbook.xml.rels"

// judgeParts looks at every part that may be decoded as XML: by its name, or because the
// workbook names it.
func judgeParts(archive *zip.Reader) error {
	named := map[string]bool{}
	for _, part := range archive.File {
		name := strings.ToLower(part.Name)
		if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
			continue
		}
		if err := judgePart(part); err != nil {
			return err
		}
		if part.Name == relationships {
			if err := targets(part, named); err != nil {
				return err
			}
		}
	}
	for _, part := range archive.File {
		if named[part.Name] {
			if err := judgePart(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// targets adds the parts that the workbook names, as the reader resolves them.
func targets(part *zip.File, named map[string]bool) error {
	f, err := part.Open()
	if err != nil {
		return refuse("the workbook is malformed")
	}
	defer f.Close()
	var list struct {
		Relationships []struct {
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := xml.NewDecoder(f).Decode(&list); err != nil {
		return refuse("the workbook is malformed")
	}
	for _, r := range list.Relationships {
		named["xl/"+r.Target] = true
		named[strings.TrimPrefix(r.Target, "/")] = true
	}
	return nil
}

// judgePart looks at a part's tags, without decoding it, for more records than a sheet may
// have and for one that is too long.
func judgePart(part *zip.File) error {
	f, err := part.Open()
	if err != nil {
		return refuse("the workbook is malformed")
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 64<<10)
	records, since := 0, 0
	for {
		text, err := r.ReadSlice('<')
		since += len(text)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return tooLong(since)
		case err != nil:
			return refuse("the workbook is malformed")
		default:
			head, _ := r.Peek(64) // fewer at the end
			if !beginsRecord(head) {
				break
			}
			records++
			if records > maxRecords {
				return refuse("the workbook has a part with more than %d rows or texts", maxRecords)
			}
			since = 0
		}
		if err := tooLong(since); err != nil {
			return err
		}
	}
}

func tooLong(bytes int) error {
	if bytes > maxRecord {
		return refuse("the workbook has a row, or a text, of more than %d bytes", maxRecord)
	}
	return nil
}

// beginsRecord says whether a tag, behind its <, opens a row or a shared string, whatever
// its prefix is.
func beginsRecord(tag []byte) bool {
	end := bytes.IndexAny(tag, " \t\r\n/>")
	if end < 0 {
		return false
	}
	name := tag[:end]
	if at := bytes.LastIndexByte(name, ':'); at >= 0 {
		name = name[at+1:]
	}
	return string(name) == "row" || string(name) == "si"
}
