package main

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"
	"github.com/hooklift/gowsdl"
)

// resolver turns named components into linked ones.
type resolver struct {
	set     *schemaSet
	complex map[qname]*complexType
	simple  map[qname]*simpleType
}

// element resolves a global element, whose type must be complex.
func (r *resolver) element(name qname) (*element, error) {
	file, tree, err := r.set.named("element", name)
	if err != nil {
		return nil, err
	}
	for _, e := range file.model.Elements {
		if e.Name != name.local {
			continue
		}
		typeName, err := resolve(tree, e.Type)
		if err != nil {
			return nil, err
		}
		typ, err := r.complexType(typeName)
		if err != nil {
			return nil, err
		}
		if typ.root != "" && typ.root != e.Name {
			return nil, fmt.Errorf("elements %s and %s share a type", typ.root, e.Name)
		}
		typ.root = e.Name
		return &element{name: name, typ: typ}, nil
	}
	return nil, fmt.Errorf("gowsdl has no element %s", name.local)
}

// complexType resolves a named complex type.
func (r *resolver) complexType(name qname) (*complexType, error) {
	if have := r.complex[name]; have != nil {
		if have.goName == "" {
			return nil, fmt.Errorf("complexType %s contains itself", name.local)
		}
		return have, nil
	}
	file, tree, err := r.set.named("complexType", name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(file.model.ComplexTypes, func(c *gowsdl.XSDComplexType) bool { return c.Name == name.local })
	if i < 0 {
		return nil, fmt.Errorf("gowsdl has no complexType %s", name.local)
	}
	model := file.model.ComplexTypes[i]
	c := &complexType{name: name, label: r.label(name)}
	r.complex[name] = c
	if content := tree.SelectElement("complexContent"); content != nil {
		err = r.extension(c, model, content.SelectElement("extension"))
	} else {
		c.particles, err = r.sequence(tree.SelectElement("sequence"), model.Sequence, model.SequenceChoice)
	}
	if err != nil {
		return nil, fmt.Errorf("complexType %s: %w", name.local, err)
	}
	c.goName = typeName(name.local)
	return c, nil
}

// extension resolves a type that adds a sequence, or nothing, to a base.
func (r *resolver) extension(c *complexType, model *gowsdl.XSDComplexType, tree *etree.Element) error {
	if tree == nil {
		return fmt.Errorf("complexContent without extension")
	}
	base, err := resolve(tree, model.ComplexContent.Extension.Base)
	if err != nil {
		return err
	}
	c.base, err = r.complexType(base)
	if err != nil {
		return err
	}
	sequence := tree.SelectElement("sequence")
	if sequence == nil {
		return nil
	}
	var elements []*gowsdl.XSDElement
	for i := range model.ComplexContent.Extension.Sequence {
		elements = append(elements, &model.ComplexContent.Extension.Sequence[i])
	}
	c.particles, err = r.sequence(sequence, elements, nil)
	return err
}

// sequence puts gowsdl's elements and the alternatives of its choice into the
// order of the tree: the model holds them in two lists.
func (r *resolver) sequence(tree *etree.Element, elements, alternatives []*gowsdl.XSDElement) ([]particle, error) {
	if tree == nil {
		return nil, fmt.Errorf("no sequence")
	}
	var out []particle
	for _, child := range tree.ChildElements() {
		switch child.Tag {
		case "element":
			p, err := r.particle(child, &elements)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		case "choice":
			choice := particle{goName: "Choice", min: 1, max: 1}
			for _, alternative := range child.SelectElements("element") {
				p, err := r.particle(alternative, &alternatives)
				if err != nil {
					return nil, err
				}
				choice.choice = append(choice.choice, p)
			}
			if len(choice.choice) < 2 {
				return nil, fmt.Errorf("choice with fewer than two alternatives")
			}
			out = append(out, choice)
		}
	}
	if len(elements)+len(alternatives) > 0 {
		return nil, fmt.Errorf("gowsdl has elements that the tree has not")
	}
	return out, nil
}

// particle takes the next element off gowsdl's list; it must be the tree's.
func (r *resolver) particle(tree *etree.Element, next *[]*gowsdl.XSDElement) (particle, error) {
	name := tree.SelectAttrValue("name", "")
	if len(*next) == 0 || (*next)[0].Name != name {
		return particle{}, fmt.Errorf("gowsdl has not element %q here", name)
	}
	e := (*next)[0]
	*next = (*next)[1:]
	p := particle{name: name, goName: fieldName(name)}
	var err error
	p.min, err = occurs(e.MinOccurs)
	if err == nil {
		p.max, err = occurs(e.MaxOccurs)
	}
	if err != nil || p.min > 1 || p.max < 1 {
		return particle{}, fmt.Errorf("element %s: minOccurs %q, maxOccurs %q not understood", name, e.MinOccurs, e.MaxOccurs)
	}
	p.typeName, err = resolve(tree, e.Type)
	if err != nil {
		return particle{}, err
	}
	p.label = r.label(p.typeName)
	_, _, notComplex := r.set.named("complexType", p.typeName)
	if notComplex == nil {
		p.complex, err = r.complexType(p.typeName)
	} else {
		p.simple, err = r.simpleType(p.typeName)
	}
	if err != nil {
		return particle{}, fmt.Errorf("element %s: %w", name, err)
	}
	return p, nil
}

// occurs reads minOccurs and maxOccurs, both 1 by default; unbounded lists are
// not understood, every list has a limit.
func occurs(s string) (int, error) {
	if s == "" {
		return 1, nil
	}
	return strconv.Atoi(s)
}

// simpleType resolves a built-in type or a restriction.
func (r *resolver) simpleType(name qname) (*simpleType, error) {
	if have := r.simple[name]; have != nil {
		return have, nil
	}
	s := &simpleType{name: name, label: r.label(name), goName: upperFirst(name.local)}
	if name.space == schemaNamespace {
		k, ok := builtins[name.local]
		if !ok || k == kindCents {
			return nil, fmt.Errorf("type xsd:%s not understood here", name.local)
		}
		s.kind, s.goName = k, "Xsd"+upperFirst(name.local)
		r.simple[name] = s
		return s, nil
	}
	file, tree, err := r.set.named("simpleType", name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(file.model.SimpleType, func(m *gowsdl.XSDSimpleType) bool { return m.Name == name.local })
	restriction := tree.SelectElement("restriction")
	if i < 0 || restriction == nil {
		return nil, fmt.Errorf("simpleType %s is no restriction", name.local)
	}
	model := file.model.SimpleType[i].Restriction
	base, err := resolve(restriction, model.Base)
	if err != nil {
		return nil, err
	}
	s.kind = builtins[base.local]
	if base.space != schemaNamespace || s.kind == "" {
		return nil, fmt.Errorf("simpleType %s: base %s not understood", name.local, model.Base)
	}
	s.facets, err = readFacets(model, restriction)
	if err == nil {
		err = checkFacets(s)
	}
	if err != nil {
		return nil, fmt.Errorf("simpleType %s: %w", name.local, err)
	}
	r.simple[name] = s
	return s, nil
}

// label is a qualified name for comments.
func (r *resolver) label(name qname) string {
	if name.space == schemaNamespace {
		return "xsd:" + name.local
	}
	for i, file := range r.set.list {
		if file.model.TargetNamespace == name.space && i > 0 {
			return strings.TrimSuffix(path.Base(file.path), ".xsd") + ":" + name.local
		}
	}
	return name.local
}

// collect lists the types in a fixed order: as the operations reach them.
func (r *resolver) collect(c *contract) {
	seenComplex, seenSimple := map[*complexType]bool{}, map[*simpleType]bool{}
	var visit func(t *complexType)
	visitParticle := func(p particle) {
		if p.complex != nil {
			visit(p.complex)
		}
		if p.simple != nil && !seenSimple[p.simple] {
			seenSimple[p.simple] = true
			c.simple = append(c.simple, p.simple)
		}
	}
	visit = func(t *complexType) {
		if seenComplex[t] {
			return
		}
		seenComplex[t] = true
		c.complex = append(c.complex, t)
		if t.base != nil {
			visit(t.base)
		}
		for _, p := range t.particles {
			visitParticle(p)
			for _, alternative := range p.choice {
				visitParticle(alternative)
			}
		}
	}
	for _, o := range c.operations {
		visit(o.request.typ)
		visit(o.response.typ)
	}
}
