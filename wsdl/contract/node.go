package contract

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Namespaces of the documents that make up a contract.
const (
	schemaSpace = "http://www.w3.org/2001/XMLSchema"
	wsdlSpace   = "http://schemas.xmlsoap.org/wsdl/"
	soapSpace   = "http://schemas.xmlsoap.org/wsdl/soap/"
	xmlSpace    = "http://www.w3.org/XML/1998/namespace"
)

// maxDepth bounds the nesting of a document: a contract needs a tenth of it.
const maxDepth = 100

// node is an element of a document, without its comments and annotations.
type node struct {
	name       xml.Name
	attributes []xml.Attr // without namespace declarations
	scope      map[string]string
	children   []*node
	text       string
}

// parse reads a document into its tree.
func parse(r io.Reader) (*node, error) {
	decoder := xml.NewDecoder(r)
	top := &node{scope: map[string]string{"": "", "xml": xmlSpace}}
	open := []*node{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		parent := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return nil, fmt.Errorf("more than %d levels of elements", maxDepth)
			}
			child, err := parent.open(t)
			if err != nil {
				return nil, err
			}
			open = append(open, child)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			parent.text += string(t)
		case xml.Directive:
			return nil, errors.New("a document type declaration is not accepted")
		}
	}
	if len(top.children) != 1 {
		return nil, errors.New("no root element")
	}
	top.children[0].prune()
	return top.children[0], nil
}

// open adds a child element, with the namespace declarations in force there.
func (n *node) open(start xml.StartElement) (*node, error) {
	child := &node{name: start.Name, scope: map[string]string{}}
	for prefix, space := range n.scope {
		child.scope[prefix] = space
	}
	bound := map[string]bool{"": true}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns":
			child.scope[a.Name.Local] = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			child.scope[""] = a.Value
		default:
			child.attributes = append(child.attributes, a)
		}
	}
	for _, space := range child.scope {
		bound[space] = true
	}
	// encoding/xml leaves a prefix that is not bound where the namespace belongs.
	names := []xml.Name{child.name}
	for _, a := range child.attributes {
		names = append(names, a.Name)
	}
	for _, name := range names {
		if !bound[name.Space] {
			return nil, fmt.Errorf("prefix of %s:%s is not bound", name.Space, name.Local)
		}
	}
	n.children = append(n.children, child)
	return child, nil
}

// prune takes away what is written for people: annotations and white space.
func (n *node) prune() {
	n.text = strings.TrimSpace(n.text)
	kept := n.children[:0]
	for _, child := range n.children {
		if child.is(schemaSpace, "annotation") || child.is(wsdlSpace, "documentation") {
			continue
		}
		child.prune()
		kept = append(kept, child)
	}
	n.children = kept
}

// is tells whether the node is the named element.
func (n *node) is(space, local string) bool {
	return n.name == xml.Name{Space: space, Local: local}
}

// attribute returns the value of an attribute in no namespace.
func (n *node) attribute(local string) (string, bool) {
	for _, a := range n.attributes {
		if a.Name == (xml.Name{Local: local}) {
			return a.Value, true
		}
	}
	return "", false
}

// expand resolves a QName by the declarations in scope at the node. A name
// without prefix is of the default namespace (XML Schema §3.15.3, WSDL §2.1).
func (n *node) expand(name string) (string, error) {
	prefix, local, found := strings.Cut(strings.TrimSpace(name), ":")
	if !found {
		prefix, local = "", prefix
	}
	space, bound := n.scope[prefix]
	if !bound {
		return "", fmt.Errorf("prefix of %q is not bound", name)
	}
	return clark(space, local), nil
}

// clark writes an expanded name, after James Clark: {namespace}local.
func clark(space, local string) string { return "{" + space + "}" + local }
