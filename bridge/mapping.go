package bridge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mapping says which column of a sheet is which field of a debt position. An EC keeps
// its mappings by name.
type Mapping struct {
	Name   string
	Fields map[string]FieldSource
	// Cents says that amounts are whole cents; else they are euro.
	Cents bool
}

// FieldSource is where a field's value comes from: columns, joined by a blank, or one
// value for all rows. A default stands in for cells that are empty.
type FieldSource struct {
	Columns []string
	Default string
}

// sheetField is a field that a sheet can give.
type sheetField struct {
	name     string
	required bool
	most     int // characters
}

// sheetFields are all of them. A row is an instalment; rows with one iupd, or one group,
// are one position.
var sheetFields = []sheetField{
	{"iupd", false, maxText255}, {"group", false, MaxCell}, {"instalment", false, 20},
	{"iuv", false, 35}, {"nav", false, 255}, {"segregationCode", false, 2},
	{"amount", true, 32}, {"description", true, maxText140}, {"dueDate", true, 40}, {"validityDate", false, 40},
	{"debtorType", false, 1}, {"fiscalCode", true, 35}, {"fullName", true, 140},
	{"streetName", false, maxText255}, {"civicNumber", false, maxText255}, {"postalCode", false, maxText255}, {"city", false, maxText255}, {"province", false, maxText255},
	{"region", false, maxText255}, {"country", false, 2}, {"email", false, maxText255}, {"phone", false, maxText255},
	{"companyName", false, maxText140}, {"officeName", false, maxText140},
	{"category", true, maxText140}, {"remittanceInformation", false, maxText140}, {"iban", true, 35}, {"postalIban", false, 35},
	{"switchToExpired", false, 10}, {"payStandIn", false, 10},
}

const maxText255 = 255

// builtInMappings are those of formats that ECs really have (duties.md §7.1). What the
// formats do not say, the EC's own mapping or the import's defaults must.
var builtInMappings = []Mapping{
	{Name: "gil", Fields: map[string]FieldSource{
		"fiscalCode": {Columns: []string{"CODICE_FISCALE_PIVA"}}, "fullName": {Columns: []string{"NOME", "COGNOME_ANAGRAFICA"}}, "debtorType": {Columns: []string{"TIPO"}},
		"description": {Columns: []string{"CAUSALE"}}, "amount": {Columns: []string{"IMPORTO"}}, "email": {Columns: []string{"EMAIL"}},
		"validityDate": {Columns: []string{"DATA_VALIDITA"}}, "dueDate": {Columns: []string{"DATA_SCADENZA"}}, "instalment": {Columns: []string{"RATA"}},
		"group": {Columns: []string{"CODICE_FISCALE_PIVA", "ANNO_RIFERIMENTO", "CAUSALE"}},
	}},
	{Name: "mypay", Fields: map[string]FieldSource{
		"iupd": {Columns: []string{"IUD"}}, "iuv": {Columns: []string{"codIuv"}}, "debtorType": {Columns: []string{"tipoIdentificativoUnivoco"}},
		"fiscalCode": {Columns: []string{"codiceIdentificativoUnivoco"}}, "fullName": {Columns: []string{"anagraficaPagatore"}},
		"streetName": {Columns: []string{"indirizzoPagatore"}}, "civicNumber": {Columns: []string{"civicoPagatore"}}, "postalCode": {Columns: []string{"capPagatore"}},
		"city": {Columns: []string{"localitaPagatore"}}, "province": {Columns: []string{"provinciaPagatore"}}, "country": {Columns: []string{"nazionePagatore"}},
		"email": {Columns: []string{"mailPagatore"}}, "dueDate": {Columns: []string{"dataEsecuzionePagamento"}}, "amount": {Columns: []string{"importoDovuto"}},
		"description": {Columns: []string{"causaleVersamento"}}, "category": {Columns: []string{"datiSpecificiRiscossione"}},
	}},
}

// SheetFields are the names of the fields that a mapping can give, the required ones
// first among equals.
func SheetFields() []string {
	var names []string
	for _, f := range sheetFields {
		names = append(names, f.name)
	}
	return names
}

// BuiltInMapping gives one of the formats that are known without being saved.
func BuiltInMapping(name string) (Mapping, bool) {
	for _, m := range builtInMappings {
		if m.Name == name {
			return m, true
		}
	}
	return Mapping{}, false
}

// BuiltInMappings lists them.
func BuiltInMappings() []Mapping { return slices.Clone(builtInMappings) }

// Check names the first rule that a mapping breaks.
func (m *Mapping) Check() error {
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		source := m.Fields[name]
		switch {
		case !slices.ContainsFunc(sheetFields, func(f sheetField) bool { return f.name == name }):
			return &Error{Code: CodeInvalid, Field: "fields." + name, Detail: fmt.Sprintf("fields.%s: is no field; the fields are %s", name, strings.Join(SheetFields(), ", "))}
		case len(source.Columns) == 0 && source.Default == "":
			return &Error{Code: CodeInvalid, Field: "fields." + name, Detail: fmt.Sprintf("fields.%s: needs columns or a default", name)}
		case len(source.Columns) > 5 || slices.Contains(source.Columns, ""):
			return &Error{Code: CodeInvalid, Field: "fields." + name, Detail: fmt.Sprintf("fields.%s: needs 1 to 5 names of columns", name)}
		}
	}
	return nil
}

// place is where a mapping finds a field in one sheet.
type place struct {
	columns []int
	names   []string
	or      string
}

// places finds the columns of a sheet, whatever the case of their names. What is missing
// is named all at once.
func (m *Mapping) places(s *Sheet) (map[string]place, []SheetProblem) {
	found := map[string]place{}
	var problems []SheetProblem
	if len(m.Fields["iupd"].Columns)+len(m.Fields["group"].Columns) == 0 {
		problems = append(problems, SheetProblem{Line: 1, Field: "iupd", Rule: "is required: the mapping must give its column, or the columns of group that tell one position from another"})
	}
	for _, f := range sheetFields {
		source, given := m.Fields[f.name]
		if !given && f.required {
			problems = append(problems, SheetProblem{Line: 1, Field: f.name, Rule: "is required, and the mapping gives neither a column nor a default"})
		}
		if !given {
			continue
		}
		at := place{or: source.Default, names: source.Columns}
		for _, name := range source.Columns {
			i := slices.IndexFunc(s.Columns, func(c string) bool { return strings.EqualFold(c, name) })
			if i < 0 && source.Default == "" {
				problems = append(problems, SheetProblem{Line: 1, Field: f.name, Column: name, Rule: "there is no such column"})
			}
			if i >= 0 {
				at.columns = append(at.columns, i)
			}
		}
		found[f.name] = at
	}
	return found, problems
}

// text joins a row's cells for a field. number says that the one cell is a number.
func (p place) text(row *SheetRow) (text string, number bool) {
	var parts []string
	for _, i := range p.columns {
		if i < len(row.Cells) && row.Cells[i].Text != "" {
			parts = append(parts, row.Cells[i].Text)
			number = row.Cells[i].Number && len(p.columns) == 1
		}
	}
	if len(parts) == 0 {
		return p.or, false
	}
	return strings.Join(parts, " "), number
}
