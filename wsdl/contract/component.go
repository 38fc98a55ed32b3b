package contract

import (
	"slices"
	"strings"
)

// Component is one named part of a contract and all that is said about it.
type Component struct {
	Kind       string // complexType, element, message, portType operation, ...
	Name       string // {namespace}local, or empty where there can be only one
	Properties []Property
}

// Property is one statement about a component, or about an element within it.
type Property struct {
	// Of is the element the statement is about, as a path below the component
	// (sequence/element dueDate); empty for the component itself.
	Of string
	// Name is an attribute or a facet; empty for the list of the members of Of,
	// which is there, if only as an empty list, for each element of a component.
	Name string
	// Values holds one value, or one for each repetition (enumeration, pattern),
	// or the members.
	Values []string
}

// String names the component: its kind and its name.
func (c Component) String() string { return strings.TrimSpace(c.Kind + " " + c.Name) }

// find returns the values of a property and whether there is one.
func (c Component) find(of, name string) ([]string, bool) {
	i := slices.IndexFunc(c.Properties, func(p Property) bool { return p.Of == of && p.Name == name })
	if i < 0 {
		return nil, false
	}
	return c.Properties[i].Values, true
}

// add puts more values under a name.
func (c *Component) add(of, name string, values ...string) {
	for i := range c.Properties {
		if p := &c.Properties[i]; p.Of == of && p.Name == name {
			p.Values = append(p.Values, values...)
			return
		}
	}
	c.Properties = append(c.Properties, Property{Of: of, Name: name, Values: values})
}

// title names a property for a reader. The facets of a simple type read as its
// own: "maxLength" and not "restriction/maxLength".
func (c Component) title(p Property) string {
	title := join(p.Of, p.Name)
	switch {
	case title == "":
		return "content"
	case c.Kind == "simpleType":
		return strings.TrimPrefix(title, "restriction/")
	}
	return title
}

// join writes a path.
func join(path, step string) string {
	if path == "" || step == "" {
		return path + step
	}
	return path + "/" + step
}
