package contract

import "fmt"

// definitions reads a WSDL and the schemas below its types.
func (l *loader) definitions(file string) error {
	root, err := l.document(file)
	if err != nil {
		return err
	}
	if !root.is(wsdlSpace, "definitions") {
		return fmt.Errorf("%s: the root is not wsdl:definitions", file)
	}
	whole := Component{Kind: "definitions"}
	var inner []string
	for _, child := range root.children {
		inner = append(inner, child.name.Local)
	}
	err = whole.describe(root, "", inner...)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	l.components = append(l.components, whole)
	space, _ := root.attribute("targetNamespace")
	for _, child := range root.children {
		err = l.definition(child, space)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, child := range root.children {
		if !child.is(wsdlSpace, "types") {
			continue
		}
		err = l.types(child, space, file)
		if err != nil {
			return err
		}
	}
	return nil
}

// types reads the schemas that a WSDL holds or imports.
func (l *loader) types(n *node, space, file string) error {
	for _, child := range n.children {
		var err error
		if child.is(schemaSpace, "schema") {
			err = l.schema(child, file)
		} else {
			err = l.definition(child, space)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// definition reads one child of a WSDL: a message, a portType, a binding, a
// service, or whatever else stands there. The operations of a portType or a
// binding and the ports of a service are components of their own: their order
// means nothing, their names do.
func (l *loader) definition(n *node, space string) error {
	if n.is(wsdlSpace, "types") {
		return nil
	}
	name, _ := n.attribute("name")
	c := Component{Kind: n.name.Local, Name: clark(space, name)}
	if n.name.Space != wsdlSpace {
		c.Kind = clark(n.name.Space, n.name.Local)
	}
	split := map[string]string{"portType": "operation", "binding": "operation", "service": "port"}[c.Kind]
	err := c.describe(n, "", "name", split)
	if err != nil {
		return fmt.Errorf("%s: %w", c, err)
	}
	l.components = append(l.components, c)
	for _, child := range n.children {
		if split == "" || child.name.Local != split {
			continue
		}
		inner, _ := child.attribute("name")
		part := Component{Kind: c.Kind + " " + split, Name: clark(space, name+"/"+inner)}
		err = part.describe(child, "", "name")
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		l.components = append(l.components, part)
	}
	return nil
}
