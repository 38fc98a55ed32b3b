package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nodobridge/bridge"
)

// maxField bounds a value that comes by name, in characters; the longest of a payload
// that has a bound has it too.
const maxField = 256

// offered is the definition as a portal sees it.
func (d *Definition) offered() bridge.OfferedService {
	s := bridge.OfferedService{Name: d.Name, Description: d.Description}
	for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
		f := d.Fields[name]
		s.Fields = append(s.Fields, bridge.ServiceField{Name: name, Required: f.Required, Pattern: f.Pattern})
	}
	return s
}

// fill checks fields that come by name. There is no payload then, so their own patterns
// stand in for its XSD.
func (d *Definition) fill(given map[string]string) (bridge.ServiceForm, error) {
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !d.has(name) {
			return bridge.ServiceForm{}, wrongField(name, fmt.Sprintf("is no field of the service; the fields are %s", strings.Join(slices.Sorted(maps.Keys(d.Fields)), ", ")))
		}
		value := strings.TrimSpace(given[name])
		if value == "" {
			continue
		}
		if utf8.RuneCountInString(value) > maxField || strings.ContainsFunc(value, unicode.IsControl) {
			return bridge.ServiceForm{}, wrongField(name, fmt.Sprintf("must be a text of at most %d characters, none of them a control character", maxField))
		}
		if p := d.patterns[name]; p != nil && !p.MatchString(value) {
			return bridge.ServiceForm{}, wrongField(name, "must match "+d.Fields[name].Pattern)
		}
		fields[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
		if d.Fields[name].Required && fields[name] == "" {
			return bridge.ServiceForm{}, wrongField(name, "is missing")
		}
	}
	return bridge.ServiceForm{Canonical: bridge.CanonicalFields(fields), Fields: fields}, nil
}

func wrongField(name, rule string) error {
	return &bridge.Error{Code: bridge.CodePayloadInvalid, Field: "fields." + name, Detail: "fields." + name + ": " + rule}
}
