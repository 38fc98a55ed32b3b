package sheet

import (
	"archive/zip"
	"bytes"
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

func readXLSX(file []byte) (*bridge.Sheet, error) {
	if err := judgeZip(file); err != nil {
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
func judgeZip(file []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return refuse("it is no workbook (.xlsx)")
	}
	if len(archive.File) > maxParts {
		return refuse("the workbook has more than %d parts", maxParts)
	}
	var total uint64
	for _, part := range archive.File {
		if part.UncompressedSize64 > maxUnpacked {
			return refuse("the workbook is larger than %d bytes when it is unpacked", maxUnpacked)
		}
		total += part.UncompressedSize64
	}
	if total > maxUnpacked || total > uint64(len(file))*maxRatio {
		return refuse("the workbook is larger than %d bytes, or than %d times its size, when it is unpacked", maxUnpacked, maxRatio)
	}
	return nil
}
