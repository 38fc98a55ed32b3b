package main

import (
	"fmt"
	"strconv"
	"strings"
)

// emitFacets writes a check for each simple type. It returns the broken rule or
// "", and serves the decoder and the validator alike.
func emitFacets(w *writer, c *contract) error {
	w.p("import \"unicode/utf8\"\n")
	for _, s := range c.simple {
		if s.kind == kindBoolean {
			continue
		}
		w.p("// check%s checks a value against XSD %s.", s.goName, s.label)
		switch s.kind {
		case kindInt:
			emitIntCheck(w, s)
		case kindCents:
			err := emitCentsCheck(w, s)
			if err != nil {
				return err
			}
		default:
			emitStringCheck(w, s)
		}
		w.p("return \"\"\n}\n")
	}
	return nil
}

func emitIntCheck(w *writer, s *simpleType) {
	if len(s.facets.enumeration) == 0 {
		w.p("func check%s(int32) string {", s.goName)
		return
	}
	w.p("func check%s(v int32) string {", s.goName)
	w.p("switch v {\ncase %s:", strings.Join(s.facets.enumeration, ", "))
	w.p("default:\nreturn RuleEnumeration\n}")
}

func emitCentsCheck(w *writer, s *simpleType) error {
	w.p("func check%s(v int64) string {", s.goName)
	w.p("if v < 0 { // the pattern %s has no sign\nreturn RulePattern\n}", s.facets.pattern)
	for _, bound := range []struct{ value, operator, rule string }{
		{s.facets.minInclusive, "<", "RuleMinInclusive"},
		{s.facets.maxInclusive, ">", "RuleMaxInclusive"},
	} {
		if bound.value == "" {
			continue
		}
		limit, err := cents(bound.value)
		if err != nil {
			return err
		}
		w.p("if v %s %d { // %s", bound.operator, limit, bound.value)
		w.p("return %s\n}", bound.rule)
	}
	return nil
}

func emitStringCheck(w *writer, s *simpleType) {
	f := s.facets
	switch s.kind {
	case kindDate:
		w.p("func check%s(s string) string {\nif lexicalDate(s) != \"\" {\nreturn RuleLexical\n}", s.goName)
		return
	case kindDateTime:
		w.p("func check%s(s string) string {\nif lexicalDateTime(s) != \"\" {\nreturn RuleLexical\n}", s.goName)
		return
	case kindBase64:
		w.p("func check%s(s string) string {\nif lexicalBase64(s) != \"\" {\nreturn RuleLexical\n}", s.goName)
		if f.pattern != "" {
			w.p("if !pattern%s.match(collapse(s)) { // %s\nreturn RulePattern\n}", s.goName, f.pattern)
		}
		return
	}
	if f.length+f.minLength+f.maxLength+f.pattern == "" && len(f.enumeration) == 0 {
		w.p("func check%s(string) string {", s.goName)
		return
	}
	w.p("func check%s(s string) string {", s.goName)
	emitLengths(w, f)
	if f.pattern != "" {
		w.p("if !pattern%s.match(s) { // %s\nreturn RulePattern\n}", s.goName, f.pattern)
	}
	if len(f.enumeration) > 0 {
		var quoted []string
		for _, value := range f.enumeration {
			quoted = append(quoted, strconv.Quote(value))
		}
		w.p("switch s {\ncase %s:", strings.Join(quoted, ", "))
		w.p("default:\nreturn RuleEnumeration\n}")
	}
}

// emitLengths checks lengths in characters, as XML Schema counts them.
func emitLengths(w *writer, f facets) {
	if f.length+f.minLength+f.maxLength != "" {
		w.p("n := utf8.RuneCountInString(s)")
	}
	for _, limit := range []struct{ value, operator, rule string }{
		{f.length, "!=", "RuleLength"},
		{f.minLength, "<", "RuleMinLength"},
		{f.maxLength, ">", "RuleMaxLength"},
	} {
		if limit.value != "" {
			w.p("if n %s %s {\nreturn %s\n}", limit.operator, limit.value, limit.rule)
		}
	}
}

// emitPatterns writes the automata.
func emitPatterns(w *writer, c *contract) error {
	for _, s := range c.simple {
		a := s.match
		if a == nil {
			continue
		}
		w.p("// pattern%s is %s, XSD %s.", s.goName, s.facets.pattern, s.label)
		w.p("var pattern%s = pattern{\nclass: \"\" +", s.goName)
		for from := 0; from < symbols; from += 32 {
			var line strings.Builder
			for _, class := range a.class[from:min(from+32, symbols)] {
				fmt.Fprintf(&line, `\x%02x`, class)
			}
			w.p("\"%s\"%s", line.String(), map[bool]string{true: " +", false: ","}[from+32 < symbols])
		}
		w.p("width: %d,\nstart: %d,\naccept: %d,\nnext: []uint8{", a.width, a.start, a.accept)
		for state, row := range a.next {
			w.p("%s, // %d", strings.Trim(strings.ReplaceAll(fmt.Sprint(row), " ", ", "), "[]"), state)
		}
		w.p("},\n}\n")
	}
	return nil
}
