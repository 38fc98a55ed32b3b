package service

import (
	"bytes"
	"encoding/xml"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"nodobridge/bridge"
	"nodobridge/wsdl/xmlpull"
)

// node is one element of a payload as the gate has read it.
type node struct {
	space, local string
	attrs        []xmlpull.Attr
	text         string // of an element without children
	children     []*node
}

// The gate's refusals that the reader leaves to its user.
const (
	ruleMixed  = "text beside child elements"
	ruleBroken = "a comment inside a value"
	ruleHint   = "xsi:type and xsi:nil are not accepted"
)

const xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"

// maxDetail keeps the text of a refusal short; the XSD's paths are the longest.
const maxDetail = 200

// invalid refuses a payload. The text names rules and elements, never values.
func invalid(text string) error {
	if r := []rune(text); len(r) > maxDetail {
		text = string(r[:maxDetail])
	}
	return &bridge.Error{Code: bridge.CodePayloadInvalid, Field: "datiSpecificiServizioRequest", Detail: "datiSpecificiServizioRequest: " + text}
}

// parse runs the payload through the gate (reliability-security.md §4) and keeps
// what it says.
func parse(payload []byte) (*node, error) {
	r, err := xmlpull.NewReader(payload, xmlpull.DefaultLimits())
	if err != nil {
		return nil, gateError(err)
	}
	kind, err := r.Next()
	if err != nil {
		return nil, gateError(err)
	}
	if kind != xmlpull.StartElement {
		return nil, invalid(xmlpull.RuleNoRoot)
	}
	root, err := parseElement(r)
	if err != nil {
		return nil, gateError(err)
	}
	if _, err := r.Next(); err != nil {
		return nil, gateError(err)
	}
	return root, nil
}

// gateError keeps the reader's fixed text; it never repeats the document.
func gateError(err error) error {
	var syntax *xmlpull.SyntaxError
	if errors.As(err, &syntax) {
		return invalid(syntax.Rule)
	}
	return err
}

// parseElement reads the element whose start tag r is on. Its depth is bounded by
// the reader's limit.
func parseElement(r *xmlpull.Reader) (*node, error) {
	n := new(node)
	n.space, n.local = r.Name()
	for _, a := range r.Attrs() {
		if a.Space != xsiNamespace {
			n.attrs = append(n.attrs, xmlpull.Attr{Space: a.Space, Local: a.Local, Value: a.Value})
		} else if a.Local == "type" || a.Local == "nil" {
			return nil, invalid(ruleHint)
		}
	}
	slices.SortFunc(n.attrs, func(a, b xmlpull.Attr) int {
		return strings.Compare(a.Space+" "+a.Local, b.Space+" "+b.Local)
	})
	var runs []string
	for {
		kind, err := r.Next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case xmlpull.StartElement:
			child, err := parseElement(r)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		case xmlpull.EndElement:
			return n, n.settle(runs)
		default:
			runs = append(runs, r.Text())
		}
	}
}

// settle decides what the runs of text mean: a value that no comment splits, or
// the white space between children.
func (n *node) settle(runs []string) error {
	if len(n.children) == 0 {
		if len(runs) > 1 {
			return invalid(ruleBroken)
		}
		n.text = strings.Join(runs, "")
		return nil
	}
	for _, run := range runs {
		if strings.Trim(run, " \t\r\n") != "" {
			return invalid(ruleMixed)
		}
	}
	return nil
}

// canonical writes the one form of all documents that say the same: no prefixes
// on elements, no comments, no white space between elements, attributes in order.
func (n *node) canonical() []byte {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func (n *node) write(b *bytes.Buffer) {
	escape := func(s string) { xml.EscapeText(b, []byte(s)) } //nolint:errcheck // a bytes.Buffer cannot fail
	b.WriteString("<" + n.local + ` xmlns="`)
	escape(n.space)
	b.WriteByte('"')
	for i, a := range n.attrs {
		name := a.Local
		if a.Space == xmlNamespace {
			name = "xml:" + a.Local
		} else if a.Space != "" {
			prefix := "a" + strconv.Itoa(i)
			b.WriteString(" xmlns:" + prefix + `="`)
			escape(a.Space)
			b.WriteByte('"')
			name = prefix + ":" + a.Local
		}
		b.WriteString(" " + name + `="`)
		escape(a.Value)
		b.WriteByte('"')
	}
	b.WriteByte('>')
	escape(n.text)
	for _, c := range n.children {
		c.write(b)
	}
	b.WriteString("</" + n.local + ">")
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// tree gives the element for paths: names without prefixes, as the definitions
// write them. The XSD has settled the namespaces by then.
func (n *node) tree() *etree.Element {
	e := etree.NewElement(n.local)
	for _, a := range n.attrs {
		e.CreateAttr(a.Local, a.Value)
	}
	if n.text != "" {
		e.SetText(n.text)
	}
	for _, c := range n.children {
		e.AddChild(c.tree())
	}
	return e
}
