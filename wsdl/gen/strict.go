package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

const schemaNamespace = "http://www.w3.org/2001/XMLSchema"

// construct is what the generator understands below one parent: the attributes
// of an element and the elements it may hold.
type construct struct{ attributes, children []string }

// constructs holds every construct of XML Schema that the generator understands,
// by parent/name. All else stops it: gowsdl's model would drop it in silence.
var constructs = map[string]construct{
	"/schema":                    {[]string{"version", "targetNamespace", "attributeFormDefault", "elementFormDefault"}, []string{"import", "simpleType", "complexType", "element"}},
	"schema/import":              {[]string{"namespace", "schemaLocation"}, nil},
	"schema/element":             {[]string{"name", "type"}, nil},
	"schema/simpleType":          {[]string{"name"}, []string{"restriction"}},
	"simpleType/restriction":     {[]string{"base"}, []string{"pattern", "enumeration", "length", "minLength", "maxLength", "minInclusive", "maxInclusive"}},
	"restriction/pattern":        {[]string{"value"}, nil},
	"restriction/enumeration":    {[]string{"value"}, nil},
	"restriction/length":         {[]string{"value"}, nil},
	"restriction/minLength":      {[]string{"value"}, nil},
	"restriction/maxLength":      {[]string{"value"}, nil},
	"restriction/minInclusive":   {[]string{"value"}, nil},
	"restriction/maxInclusive":   {[]string{"value"}, nil},
	"schema/complexType":         {[]string{"name"}, []string{"sequence", "complexContent"}},
	"complexType/complexContent": {nil, []string{"extension"}},
	"complexContent/extension":   {[]string{"base"}, []string{"sequence"}},
	"complexType/sequence":       {nil, []string{"element", "choice"}},
	"extension/sequence":         {nil, []string{"element"}}, // gowsdl's model has no choice here
	"sequence/element":           {[]string{"name", "type", "minOccurs", "maxOccurs"}, nil},
	"sequence/choice":            {nil, []string{"element"}},
	"choice/element":             {[]string{"name", "type"}, nil},
}

// repeatable are the children that may stand more than once in their parent.
var repeatable = []string{"import", "simpleType", "complexType", "element", "enumeration"}

// checkConstructs refuses what constructs does not list. Annotations are for
// people and pass.
func checkConstructs(e *etree.Element, parent string) error {
	if e.NamespaceURI() != schemaNamespace {
		return fmt.Errorf("%s: element of another namespace", e.GetPath())
	}
	known, ok := constructs[parent+"/"+e.Tag]
	if !ok {
		return fmt.Errorf("%s: construct not understood here", e.GetPath())
	}
	for _, a := range e.Attr {
		if a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns" || slices.Contains(known.attributes, a.FullKey()) {
			continue
		}
		return fmt.Errorf("%s: attribute %s not understood", e.GetPath(), a.FullKey())
	}
	var seen []string
	for _, child := range e.ChildElements() {
		if child.Tag == "annotation" {
			continue
		}
		if !slices.Contains(known.children, child.Tag) {
			return fmt.Errorf("%s: construct not understood here", child.GetPath())
		}
		if slices.Contains(seen, child.Tag) && !slices.Contains(repeatable, child.Tag) {
			return fmt.Errorf("%s: more than one %s", e.GetPath(), child.Tag)
		}
		seen = append(seen, child.Tag)
		err := checkConstructs(child, e.Tag)
		if err != nil {
			return err
		}
	}
	return nil
}

// checkForms refuses qualified children and attributes: decoder and encoder
// know bare children only.
func checkForms(schema *etree.Element) error {
	for _, form := range []string{"elementFormDefault", "attributeFormDefault"} {
		value := schema.SelectAttrValue(form, "unqualified")
		if value != "unqualified" {
			return fmt.Errorf("%s=%q: only unqualified is understood", form, value)
		}
	}
	return nil
}

// resolve expands a prefixed name by the declarations in scope at e, the
// default namespace included.
func resolve(e *etree.Element, name string) (qname, error) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		prefix, local = "", name
	}
	for ; e != nil; e = e.Parent() {
		for _, a := range e.Attr {
			if a.Space == "xmlns" && a.Key == prefix || a.Space == "" && a.Key == "xmlns" && prefix == "" {
				return qname{a.Value, local}, nil
			}
		}
	}
	if prefix == "" {
		return qname{"", local}, nil
	}
	return qname{}, fmt.Errorf("prefix of %q not bound", name)
}
