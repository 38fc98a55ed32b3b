package service

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"nodobridge/bridge"
)

// AmountSpec says how much is due; exactly one member is set. A definition may
// leave it to the enrolments, because the same service costs another amount at
// another creditor institution.
type AmountSpec struct {
	Fixed    Cents         `yaml:"fixed" mapstructure:"fixed"`
	Field    string        `yaml:"field" mapstructure:"field"` // the payload says it, as 12.50
	Table    []TableRow    `yaml:"table" mapstructure:"table"` // the first row that fits
	Callback *CallbackSpec `yaml:"callback" mapstructure:"callback"`
}

// Cents is an amount in a file: a whole number of cents. The YAML library would cut
// a fraction off and read a leading zero as octal, both in silence.
type Cents int64

// UnmarshalYAML reads decimal digits only.
func (c *Cents) UnmarshalYAML(n *yaml.Node) error {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if n.ShortTag() != "!!int" || err != nil || strconv.FormatInt(v, 10) != n.Value {
		return fmt.Errorf("line %d: an amount must be a whole number of cents", n.Line)
	}
	*c = Cents(v)
	return nil
}

// TableRow is an amount for values of fields; no condition fits everything.
type TableRow struct {
	When  map[string]string `yaml:"when" mapstructure:"when"` // field: value
	Cents Cents             `yaml:"cents" mapstructure:"cents"`
}

// quote is what a source says is due. An empty description leaves the template's.
type quote struct {
	amount      bridge.Cents
	description string
	due         bridge.Day
}

// question is what a source is asked.
type question struct {
	service string
	ec      bridge.ECCode
	fields  map[string]string
}

// source is one way of knowing the amount.
type source interface {
	quote(ctx context.Context, q question) (quote, error)
}

// The refusals that citizens may be shown at the PSP.
var (
	errNothingDue = &bridge.Error{Code: bridge.CodeNoticeUnknown, Detail: "nessun importo dovuto per i dati indicati"}
	errPaid       = &bridge.Error{Code: bridge.CodeNoticePaid, Detail: "importo già pagato"}
)

func (a *AmountSpec) validate(has func(field string) bool) error {
	ways := 0
	for _, set := range []bool{a.Fixed != 0, a.Field != "", len(a.Table) > 0, a.Callback != nil} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("fixed, field, table, callback: exactly one must be given")
	}
	switch {
	case a.Fixed != 0 && !payable(a.Fixed):
		return fmt.Errorf("fixed: must be 1 to %d cents", bridge.MaxAmount)
	case a.Field != "" && !has(a.Field):
		return fmt.Errorf("field: there is no field %q", a.Field)
	case a.Callback != nil:
		return a.Callback.validate()
	}
	for i, row := range a.Table {
		if !payable(row.Cents) {
			return fmt.Errorf("table[%d].cents: must be 1 to %d", i, bridge.MaxAmount)
		}
		for field := range row.When {
			if !has(field) {
				return fmt.Errorf("table[%d].when: there is no field %q", i, field)
			}
		}
	}
	return nil
}

func payable(c Cents) bool { return c >= 1 && bridge.Cents(c) <= bridge.MaxAmount }

// source makes the one that the spec describes.
func (a *AmountSpec) source() (source, error) {
	switch {
	case a.Callback != nil:
		return newCallback(*a.Callback)
	case a.Field != "":
		return fieldAmount(a.Field), nil
	case len(a.Table) > 0:
		return tableAmount(a.Table), nil
	default:
		return tableAmount{{Cents: a.Fixed}}, nil
	}
}

// fieldAmount takes the amount from the payload, as the CUP service does.
type fieldAmount string

func (f fieldAmount) quote(_ context.Context, q question) (quote, error) {
	text, given := q.fields[string(f)]
	amount, err := bridge.ParseCents(text)
	switch {
	case !given || err != nil || amount > bridge.MaxAmount:
		return quote{}, invalid("field " + string(f) + " is not an amount")
	case amount < 1:
		return quote{}, errNothingDue
	}
	return quote{amount: amount}, nil
}

// tableAmount looks the amount up; what no row fits has no tariff.
type tableAmount []TableRow

func (t tableAmount) quote(_ context.Context, q question) (quote, error) {
	for _, row := range t {
		if row.fits(q.fields) {
			return quote{amount: bridge.Cents(row.Cents)}, nil
		}
	}
	return quote{}, errNothingDue
}

func (r TableRow) fits(fields map[string]string) bool {
	for field, want := range r.When {
		if got, given := fields[field]; !given || got != want {
			return false
		}
	}
	return true
}
