package service

import (
	"errors"
	"fmt"
	"strings"
)

// template is a text with {field} in it. A field's value is put in as it is: it
// is never read as a template again.
type template []part

// part is a literal text or, with field set, a value.
type part struct {
	text  string
	field bool
}

func parseTemplate(s string, has func(field string) bool) (template, error) {
	var t template
	for s != "" {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			return append(t, part{text: s}), nil
		}
		length := strings.IndexByte(s[open:], '}')
		if s[open] == '}' || length < 0 {
			return nil, errors.New("every { needs its }")
		}
		name := s[open+1 : open+length]
		if !has(name) {
			return nil, fmt.Errorf("there is no field %q", name)
		}
		if open > 0 {
			t = append(t, part{text: s[:open]})
		}
		t = append(t, part{name, true})
		s = s[open+length+1:]
	}
	if len(t) == 0 {
		return nil, errors.New("must say what is paid, in Italian")
	}
	return t, nil
}

// fill puts the values in; bridge makes the result fit for the wire.
func (t template) fill(fields map[string]string) string {
	var b strings.Builder
	for _, p := range t {
		if p.field {
			b.WriteString(fields[p.text])
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}
