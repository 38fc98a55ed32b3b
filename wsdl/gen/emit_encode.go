package main

import "fmt"

// emitValidators writes a Validate method for each complex type.
func emitValidators(w *writer, c *contract) error {
	for _, t := range c.complex {
		w.p("// Validate adds to rep what XSD %s forbids in v.", t.label)
		w.p("func (v *%s) Validate(rep *Report) {", t.goName)
		if t.root != "" {
			w.p("rep.path = rep.path[:0]\nrep.push(%q, 0)", t.root)
		}
		for _, p := range t.all() {
			if p.choice == nil {
				emitValidate(w, p, "v."+p.goName)
				continue
			}
			w.p("switch v.%s.Kind {", p.goName)
			for _, alternative := range p.choice {
				w.p("case %s%s%s:", t.goName, p.goName, alternative.goName)
				emitValidate(w, alternative, "v."+p.goName+"."+alternative.goName)
			}
			w.p("default:\nrep.violate(RuleChoice)\n}")
		}
		if t.root != "" {
			w.p("rep.pop()")
		}
		w.p("}\n")
	}
	return nil
}

// emitValidate checks one field.
func emitValidate(w *writer, p particle, field string) {
	item, value := "0", field
	if p.min == 0 && p.simple != nil && p.simple.kind == kindBoolean {
		return // both values and none are valid
	}
	switch {
	case p.max > 1:
		rule := "RuleTooFew"
		if p.min == 1 {
			rule = "RuleMissing"
		}
		if p.min > 0 {
			w.p("if len(%s) < %d {\nrep.violateChild(%q, %s)\n}", field, p.min, p.name, rule)
		}
		w.p("if len(%s) > %d {\nrep.violateChild(%q, RuleTooMany)\n}", field, p.max, p.name)
		w.p("for i := range %s {", field)
		item, value = "i+1", field+"[i]"
	case p.min == 0 && p.complex != nil:
		w.p("if %s != nil {", field)
	case p.min == 0:
		w.p("if %s.Set {", field)
		value = field + ".Value"
	}
	switch {
	case p.complex != nil:
		w.p("rep.push(%q, %s)\n%s.Validate(rep)\nrep.pop()", p.name, item, value)
	case p.simple.kind == kindBoolean:
	case p.simple.goType() == "string":
		w.p("rep.violateText(%q, %s, check%s(%s))", p.name, value, p.simple.goName, value)
	default:
		w.p("rep.violateChild(%q, check%s(%s))", p.name, p.simple.goName, value)
	}
	if p.max > 1 || p.min == 0 {
		w.p("}")
	}
}

// emitEncoders writes an exported encoder for each payload root and one function
// for each complex type.
func emitEncoders(w *writer, c *contract) error {
	w.p("import \"strconv\"\n")
	for _, t := range c.complex {
		if t.root != "" {
			w.p("// Append%s appends the payload %s: the root with the prefix paf, which the", t.goName, t.root)
			w.p("// envelope declares, its children bare.")
			w.p("func Append%s(dst []byte, v *%s) []byte {", t.goName, t.goName)
			w.p("dst = append(dst, \"<paf:%s>\"...)\ndst = append%s(dst, v)\nreturn append(dst, \"</paf:%s>\"...)\n}\n", t.root, t.goName, t.root)
		}
		w.p("// append%s appends the children of XSD %s.", t.goName, t.label)
		w.p("func append%s(dst []byte, v *%s) []byte {", t.goName, t.goName)
		for _, p := range t.all() {
			if p.choice == nil {
				emitAppend(w, p, "v."+p.goName)
				continue
			}
			w.p("switch v.%s.Kind {", p.goName)
			for _, alternative := range p.choice {
				w.p("case %s%s%s:", t.goName, p.goName, alternative.goName)
				emitAppend(w, alternative, "v."+p.goName+"."+alternative.goName)
			}
			w.p("}")
		}
		w.p("return dst\n}\n")
	}
	return nil
}

// emitAppend writes one field.
func emitAppend(w *writer, p particle, field string) {
	value := field
	if p.max > 1 {
		w.p("for i := range %s {", field)
		value = field + "[i]"
	} else if p.min == 0 && p.complex != nil {
		w.p("if %s != nil {", field)
	} else if p.min == 0 {
		w.p("if %s.Set {", field)
		value = field + ".Value"
	}
	w.p("dst = append(dst, \"<%s>\"...)", p.name)
	switch {
	case p.complex != nil && p.min == 0 && p.max == 1:
		w.p("dst = append%s(dst, %s)", p.complex.goName, value)
	case p.complex != nil:
		w.p("dst = append%s(dst, &%s)", p.complex.goName, value)
	default:
		w.p("dst = %s", appendCall(p.simple, value))
	}
	w.p("dst = append(dst, \"</%s>\"...)", p.name)
	if p.max > 1 || p.min == 0 {
		w.p("}")
	}
}

// appendCall is the call that writes a value of a simple type.
func appendCall(s *simpleType, value string) string {
	switch s.kind {
	case kindBoolean:
		return fmt.Sprintf("strconv.AppendBool(dst, %s)", value)
	case kindInt:
		return fmt.Sprintf("strconv.AppendInt(dst, int64(%s), 10)", value)
	case kindCents:
		return fmt.Sprintf("appendCents(dst, %s)", value)
	}
	return fmt.Sprintf("appendText(dst, %s)", value)
}
