package main

import "fmt"

// emitParticles writes the tables that say what each sequence holds.
func emitParticles(w *writer, c *contract) error {
	for _, t := range c.complex {
		if t.root != "" {
			w.p("// root%s is the payload root itself.", t.goName)
			w.p("var root%s = particle{name: %q, typeSpace: %q, typeLocal: %q, max: 1}\n", t.goName, t.root, t.name.space, t.name.local)
		}
		w.p("// particles%s is the sequence of XSD %s.", t.goName, t.label)
		w.p("var particles%s = [...]particle{", t.goName)
		for place, p := range t.all() {
			if p.choice == nil {
				emitParticle(w, p, place, 0)
			}
			for i, alternative := range p.choice {
				emitParticle(w, alternative, place, i+1)
			}
		}
		w.p("}\n")
	}
	return nil
}

func emitParticle(w *writer, p particle, place, choice int) {
	space := fmt.Sprintf("%q", p.typeName.space)
	if p.typeName.space == schemaNamespace {
		space = "xsdNamespace"
	}
	extra := ""
	if choice > 0 {
		extra = fmt.Sprintf(", choice: %d", choice)
	}
	w.p("{name: %q, typeSpace: %s, typeLocal: %q, place: %d, max: %d%s},", p.name, space, p.typeName.local, place, p.max, extra)
}

// emitDecoders writes an exported decoder for each payload root and one function
// for each complex type.
func emitDecoders(w *writer, c *contract) error {
	w.p("import \"nodobridge/wsdl/xmlpull\"\n")
	for _, t := range c.complex {
		if t.root != "" {
			w.p("// Decode%s reads the payload %s, on whose start tag r stands, up to and with its", t.goName, t.root)
			w.p("// end tag. What it reads replaces *v; what the schema forbids is added to rep.")
			w.p("func Decode%s(r *xmlpull.Reader, v *%s, rep *Report) error {", t.goName, t.goName)
			w.p("*v = %s{}\nd := decoder{r, rep}\nerr := d.root(&root%s)\nif err != nil {\nreturn err\n}", t.goName, t.goName)
			w.p("err = decode%s(&d, v)\nif err != nil {\nreturn err\n}\nrep.pop()\nreturn nil\n}\n", t.goName)
		}
		emitDecoder(w, t)
	}
	return nil
}

// emitDecoder writes the function that reads the children of one complex type.
func emitDecoder(w *writer, t *complexType) {
	w.p("// decode%s reads the children of XSD %s.", t.goName, t.label)
	w.p("func decode%s(d *decoder, v *%s) error {", t.goName, t.goName)
	w.p("var s sequence\nfor {\nmore, err := d.r.Child()\nif err != nil {\nreturn err\n}\nif !more {\nbreak\n}")
	w.p("_, local := d.r.Name()\nswitch local {")
	index, required := 0, uint64(0)
	for place, p := range t.all() {
		if p.min > 0 {
			required |= 1 << place
		}
		if p.choice == nil {
			w.p("case %q:", p.name)
			w.p("err = d.begin(&s, &particles%s[%d])\nif err == nil {", t.goName, index)
			emitRead(w, p, "v."+p.goName)
			w.p("}")
			index++
		}
		for _, alternative := range p.choice {
			w.p("case %q:", alternative.name)
			w.p("err = d.begin(&s, &particles%s[%d])\nif err == nil {", t.goName, index)
			w.p("v.%s.Kind = %s%s%s", p.goName, t.goName, p.goName, alternative.goName)
			emitRead(w, alternative, "v."+p.goName+"."+alternative.goName)
			w.p("}")
			index++
		}
	}
	w.p("default:\nerr = d.unknown()\nif err != nil {\nreturn err\n}\ncontinue\n}")
	w.p("if err != nil {\nreturn err\n}\nd.rep.pop()\n}")
	w.p("d.end(&s, %#x, particles%s[:])\nreturn nil\n}\n", required, t.goName)
}

// emitRead reads the current element into a field.
func emitRead(w *writer, p particle, field string) {
	switch {
	case p.complex != nil && p.max > 1:
		w.p("%s = append(%s, %s{})", field, field, p.complex.goName)
		w.p("err = decode%s(d, &%s[len(%s)-1])", p.complex.goName, field, field)
	case p.complex != nil && p.min == 0:
		w.p("%s = new(%s)\nerr = decode%s(d, %s)", field, p.complex.goName, p.complex.goName, field)
	case p.complex != nil:
		w.p("err = decode%s(d, &%s)", p.complex.goName, field)
	case p.max > 1:
		w.p("var item %s\nitem, err = %s", p.simple.goType(), readCall(p.simple))
		w.p("%s = append(%s, item)", field, field)
	case p.min == 0:
		w.p("%s.Set = true\n%s.Value, err = %s", field, field, readCall(p.simple))
	default:
		w.p("%s, err = %s", field, readCall(p.simple))
	}
}

// readCall is the call that reads a value of a simple type.
func readCall(s *simpleType) string {
	method := map[kind]string{
		kindText: "text", kindBase64: "base64", kindDate: "token", kindDateTime: "token",
		kindInt: "int32", kindCents: "cents",
	}[s.kind]
	if s.kind == kindBoolean {
		return "d.boolean()"
	}
	return fmt.Sprintf("d.%s(check%s)", method, s.goName)
}
