package bridge

// Sheet is a table that an EC's clerk has made, as the room sheet reads it from CSV or
// XLSX: what the cells mean is a Mapping's to say.
type Sheet struct {
	Columns []string // the names in the first row, without blanks around them
	Rows    []SheetRow
}

// SheetRow is one row below the names. Cells may be fewer than columns.
type SheetRow struct {
	Line  int // as a spreadsheet numbers it; the names stand in line 1
	Cells []Cell
}

// Cell is one value. Number says that the spreadsheet holds a number and not a text:
// its decimals then stand behind a point, and digits may have been lost.
type Cell struct {
	Text   string
	Number bool
}

// Bounds of a sheet.
const (
	MaxSheetRows    = 20_000
	MaxSheetColumns = 200
	MaxCell         = 4096 // characters
)
