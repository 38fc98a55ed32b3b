package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"nodobridge/bridge"
)

// Tables of clerks (duties.md §7.1): saved mappings of their columns, and the import of
// a table with a dry run.
const (
	paramMapping = "mapping"
	ownMappings  = ownPath + "/mappings"
	ownMapping   = ownMappings + "/:" + paramMapping
)

var mappingForm = &numberForm{paramMapping, regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`), "must be 1 to 64 letters, digits, _ and -"}

func sheetOperations() []operation {
	return []operation{
		{method: http.MethodGet, path: ownMappings, name: "listMappings", handle: (*Server).listMappings},
		{method: http.MethodPut, path: ownMapping, number: mappingForm, name: "saveMapping", body: true, handle: (*Server).saveMapping},
		{method: http.MethodDelete, path: ownMapping, number: mappingForm, name: "deleteMapping", handle: (*Server).deleteMapping},
		{method: http.MethodPost, path: ownPath + "/imports", name: "importPositions", sheet: true, long: true, handle: (*Server).importSheet},
		{method: http.MethodGet, path: ownPath + "/positions.csv", name: "exportPositions", long: true, handle: (*Server).exportPositions},
		{method: http.MethodGet, path: ownPath + "/receipts.csv", name: "exportReceipts", long: true, handle: (*Server).exportReceipts},
	}
}

type mappingsList struct {
	Mappings []mappingView `json:"mappings"`
	// Fields are the fields that a mapping can give.
	Fields []string `json:"fields"`
}

// mappingView is a mapping; those that are built in have no time.
type mappingView struct {
	Name       string                     `json:"name"`
	BuiltIn    bool                       `json:"builtIn"`
	AmountUnit string                     `json:"amountUnit"` // euro or cents
	Fields     map[string]fieldSourceView `json:"fields"`
	SavedAt    *instant                   `json:"savedAt"`
}

// fieldSourceView is where a field comes from: columns, joined by a blank, or a default
// where they are empty.
type fieldSourceView struct {
	Columns []string `json:"columns,omitempty"`
	Default string   `json:"default,omitempty"`
}

const (
	unitEuro  = "euro"
	unitCents = "cents"
)

func mappingViewOf(m *bridge.Mapping) mappingView {
	v := mappingView{Name: m.Name, AmountUnit: unitEuro, Fields: map[string]fieldSourceView{}}
	if m.Cents {
		v.AmountUnit = unitCents
	}
	for name, source := range m.Fields {
		v.Fields[name] = fieldSourceView{source.Columns, source.Default}
	}
	return v
}

func (s *Server) listMappings(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	saved, err := s.service.Mappings(ctx, c.by, c.ec)
	if err != nil {
		return reply{}, err
	}
	out := mappingsList{Mappings: []mappingView{}, Fields: bridge.SheetFields()}
	own := map[string]bool{}
	for i := range saved {
		v := mappingViewOf(&saved[i].Mapping)
		v.SavedAt = instantOf(saved[i].SavedAt)
		out.Mappings, own[v.Name] = append(out.Mappings, v), true
	}
	for _, m := range bridge.BuiltInMappings() {
		if v := mappingViewOf(&m); !own[v.Name] {
			v.BuiltIn = true
			out.Mappings = append(out.Mappings, v)
		}
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// readMapping reads the body of saveMapping.
func readMapping(name string, body []byte) (bridge.Mapping, error) {
	m := bridge.Mapping{Name: name, Fields: map[string]bridge.FieldSource{}}
	err := decodeKnown(body, func(r *reader) error {
		return r.object(func(member string) error {
			switch member {
			case "amountUnit":
				unit, err := r.text()
				if err == nil && unit != unitEuro && unit != unitCents {
					err = r.wrong("must be euro or cents")
				}
				m.Cents = unit == unitCents
				return err
			case "fields":
				return r.object(func(field string) error {
					source, err := readSource(r)
					m.Fields[field] = source
					return err
				})
			}
			return r.wrong("is no member of a mapping")
		})
	})
	return m, err
}

func readSource(r *reader) (bridge.FieldSource, error) {
	var source bridge.FieldSource
	err := r.object(func(member string) (err error) {
		switch member {
		case "columns":
			return r.array(func() error {
				text, err := r.text()
				source.Columns = append(source.Columns, text)
				return err
			})
		case "default":
			source.Default, err = r.text()
			return err
		}
		return r.wrong("is no member; the members are columns and default")
	})
	return source, err
}

func (s *Server) saveMapping(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	m, err := readMapping(c.given, c.body)
	if err != nil {
		return reply{}, err
	}
	saved, err := s.service.SaveMapping(ctx, c.by, c.ec, m)
	if err != nil {
		return reply{}, err
	}
	v := mappingViewOf(&saved.Mapping)
	v.SavedAt = instantOf(saved.SavedAt)
	return reply{status: http.StatusOK, body: v}, nil
}

func (s *Server) deleteMapping(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, s.service.DeleteMapping(ctx, c.by, c.ec, c.given)
}

// importReport is what became of a table.
type importReport struct {
	DryRun       bool               `json:"dryRun"`
	Rows         int                `json:"rows"`
	Positions    []importedPosition `json:"positions"` // made, or that would be
	Problems     []importProblem    `json:"problems"`
	MoreProblems bool               `json:"moreProblems"`
}

type importedPosition struct {
	Line int                   `json:"line"`
	IUPD bridge.IUPD           `json:"iupd"`
	NAVs []bridge.NoticeNumber `json:"navs"`
}

type importProblem struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Field  string `json:"field"`
	Rule   string `json:"rule"`
}

// importSheet makes positions of a table. 200 says that every row was good (or, with
// partial, what was); 422 that nothing was made and why.
func (s *Server) importSheet(ctx context.Context, c *call) (reply, error) {
	if err := c.only("mapping", "dryRun", "toPublish", "partial"); err != nil {
		return reply{}, err
	}
	order := bridge.SheetImport{EC: c.ec}
	for name, to := range map[string]*bool{"dryRun": &order.DryRun, "toPublish": &order.Publish, "partial": &order.Partial} {
		yes, err := c.flag(name)
		if err != nil {
			return reply{}, err
		}
		*to = yes
	}
	name := c.query.Get("mapping")
	if !mappingForm.pattern.MatchString(name) {
		return reply{}, c.constraint("mapping", mappingForm.rule)
	}
	if s.readSheet == nil {
		return reply{}, errors.New("no reader of tables is plugged in")
	}
	var err error
	if order.Mapping, err = s.service.MappingOf(ctx, c.by, c.ec, name); err != nil {
		return reply{}, err
	}
	select {
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	default:
		return reply{}, &bridge.Error{Code: codeBusy, Detail: fmt.Sprintf("%d tables are being imported already; try again", cap(s.importing))}
	}
	if order.Sheet, err = s.readSheet(ctx, c.body); err != nil {
		return reply{}, err
	}
	report, err := s.service.ImportSheet(ctx, c.by, order)
	if err != nil {
		return reply{}, err
	}
	status := http.StatusOK
	if len(report.Problems) > 0 && !order.Partial && !order.DryRun {
		status = http.StatusUnprocessableEntity
	}
	return reply{status: status, body: importReportOf(report)}, nil
}

func importReportOf(r *bridge.SheetReport) importReport {
	out := importReport{DryRun: r.DryRun, Rows: r.Rows, MoreProblems: r.More, Positions: []importedPosition{}, Problems: []importProblem{}}
	for _, p := range r.Positions {
		one := importedPosition{p.Line, p.IUPD, p.NAVs}
		if one.NAVs == nil {
			one.NAVs = []bridge.NoticeNumber{}
		}
		out.Positions = append(out.Positions, one)
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, importProblem{p.Line, p.Column, p.Field, p.Rule})
	}
	return out
}

// fileName is for who saves an export.
func fileName(what string, ec bridge.ECCode) http.Header {
	return http.Header{"Content-Disposition": {fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-%s.csv", what, ec))}}
}
