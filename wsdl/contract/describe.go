package contract

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// qnames are the attributes of WSDL and XML Schema whose values are names to
// be expanded; memberTypes holds a list of them.
var qnames = []string{"type", "base", "ref", "itemType", "memberTypes", "substitutionGroup", "refer", "element", "message", "binding"}

// facets are the children of a restriction that constrain values. Neither XML
// Schema nor a validator sees an order among them (Part 2 §4.3).
var facets = []string{
	"length", "minLength", "maxLength", "pattern", "enumeration", "whiteSpace",
	"minInclusive", "minExclusive", "maxInclusive", "maxExclusive", "totalDigits", "fractionDigits",
}

// defaults are the attributes of XML Schema that say nothing when they have
// this value, by element. Occurrence is treated apart, since it is always shown.
var defaults = map[string]map[string]string{
	"schema":         {"elementFormDefault": "unqualified", "attributeFormDefault": "unqualified"},
	"element":        {"nillable": "false", "abstract": "false"},
	"complexType":    {"mixed": "false", "abstract": "false"},
	"complexContent": {"mixed": "false"},
	"attribute":      {"use": "optional"},
}

// particles are the elements of XML Schema that occur a number of times.
var particles = []string{"element", "sequence", "choice", "all", "group", "any"}

// describe reads all that a node says, its children included, into a component.
// The path names the node below the component; skip leaves out attributes and
// children that the caller reads, by local name.
func (c *Component) describe(n *node, path string, skip ...string) error {
	for _, a := range n.attributes {
		if a.Name.Space == "" && slices.Contains(skip, a.Name.Local) || n.defaulted(a) {
			continue
		}
		value, err := n.value(a)
		if err != nil {
			return fmt.Errorf("%s: %w", n.name.Local, err)
		}
		c.add(path, n.label(a.Name), value)
	}
	if path != "" && n.name.Space == schemaSpace && slices.Contains(particles, n.name.Local) {
		for _, bound := range []string{"minOccurs", "maxOccurs"} {
			if _, written := n.attribute(bound); !written {
				c.add(path, bound, "1")
			}
		}
	}
	if n.text != "" {
		c.add(path, "text", n.text)
	}
	return c.describeChildren(n, path, skip)
}

// describeChildren reads the order of the children, then each of them.
func (c *Component) describeChildren(n *node, path string, skip []string) error {
	seen := map[string]int{}
	var members, named []string
	var inner []*node
	for _, child := range n.children {
		if slices.Contains(skip, child.name.Local) {
			continue
		}
		if n.is(schemaSpace, "restriction") && child.facet() {
			err := c.describeFacet(child, path)
			if err != nil {
				return err
			}
			continue
		}
		label, by, err := n.memberLabel(child)
		if err != nil {
			return err
		}
		seen[label]++
		if seen[label] > 1 {
			label += " #" + strconv.Itoa(seen[label])
		}
		members, named, inner = append(members, label), append(named, by), append(inner, child)
	}
	c.add(path, "", members...)
	for i, child := range inner {
		err := c.describe(child, join(path, members[i]), named[i])
		if err != nil {
			return err
		}
	}
	return nil
}

// facet tells whether the node is a facet.
func (n *node) facet() bool {
	return n.name.Space == schemaSpace && slices.Contains(facets, n.name.Local)
}

// describeFacet reads a facet: its value as it is written, white space included.
func (c *Component) describeFacet(n *node, path string) error {
	value, _ := n.attribute("value")
	c.add(path, n.name.Local, value)
	return c.describe(n, join(path, n.name.Local), "value")
}

// memberLabel names a child within its parent: by its kind, and by the name or
// the reference it carries. It also returns which of the two attributes it was.
func (n *node) memberLabel(child *node) (label, by string, err error) {
	label = n.label(child.name)
	if name, ok := child.attribute("name"); ok {
		return label + " " + name, "name", nil
	}
	if ref, ok := child.attribute("ref"); ok {
		name, err := child.expand(ref)
		return label + " " + name, "ref", err
	}
	return label, "", nil
}

// label writes a name as seen from the node: bare in the node's own namespace
// or in none, and with the usual prefix where there is one.
func (n *node) label(name xml.Name) string {
	switch name.Space {
	case "", n.name.Space:
		return name.Local
	case soapSpace:
		return "soap:" + name.Local
	}
	return clark(name.Space, name.Local)
}

// defaulted tells whether an attribute only repeats what holds without it.
func (n *node) defaulted(a xml.Attr) bool {
	if n.name.Space != schemaSpace || a.Name.Space != "" {
		return false
	}
	value, known := defaults[n.name.Local][a.Name.Local]
	return known && value == strings.TrimSpace(a.Value)
}

// value is the meaning of an attribute: names expanded, white space removed.
func (n *node) value(a xml.Attr) (string, error) {
	ours := n.name.Space == schemaSpace || n.name.Space == wsdlSpace
	if !ours || a.Name.Space != "" || !slices.Contains(qnames, a.Name.Local) {
		return strings.TrimSpace(a.Value), nil
	}
	names := strings.Fields(a.Value)
	for i, name := range names {
		expanded, err := n.expand(name)
		if err != nil {
			return "", err
		}
		names[i] = expanded
	}
	return strings.Join(names, " "), nil
}
