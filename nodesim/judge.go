package nodesim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// The namespaces of the contract (soap-node §1.1).
const (
	soapNamespace    = "http://schemas.xmlsoap.org/soap/envelope/"
	payloadNamespace = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"
	xsiNamespace     = "http://www.w3.org/2001/XMLSchema-instance"
)

// readAnswer gives the root of a well-formed document without DTD. The contract is UTF-8 (soap-node §1.1): another
// encoding is refused as soon as it shows.
func readAnswer(body []byte) (*etree.Element, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("the answer is empty")
	}
	doc := etree.NewDocument()
	doc.ReadSettings = etree.ReadSettings{ValidateInput: true, PreserveDuplicateAttrs: true, MaxDepth: 64}
	err := doc.ReadFromBytes(body)
	if err != nil {
		return nil, fmt.Errorf("the answer is not well-formed XML: %w", err)
	}
	for _, token := range doc.Child {
		_, directive := token.(*etree.Directive)
		if directive {
			return nil, errors.New("the answer carries a DTD")
		}
	}
	if doc.Root() == nil {
		return nil, errors.New("the answer has no element")
	}
	return doc.Root(), nil
}

// openEnvelope gives the one child of a SOAP 1.1 body (soap-node §1.1); a SOAP Fault is not an answer.
func openEnvelope(root *etree.Element) (*etree.Element, error) {
	if root.Tag != "Envelope" || root.NamespaceURI() != soapNamespace {
		return nil, fmt.Errorf("the root is %s, want a SOAP 1.1 Envelope", nameOf(root))
	}
	parts := root.ChildElements()
	if len(parts) > 0 && parts[0].Tag == "Header" && parts[0].NamespaceURI() == soapNamespace {
		parts = parts[1:]
	}
	if len(parts) != 1 || parts[0].Tag != "Body" || parts[0].NamespaceURI() != soapNamespace {
		return nil, errors.New("the Envelope does not hold one Body")
	}
	payload := parts[0].ChildElements()
	if len(payload) != 1 {
		return nil, fmt.Errorf("the Body holds %d elements, want 1", len(payload))
	}
	if payload[0].Tag == "Fault" && payload[0].NamespaceURI() == soapNamespace {
		return nil, fmt.Errorf("the answer is a SOAP Fault: %s", collapse(valueOf(payload[0], "faultstring")))
	}
	return payload[0], nil
}

// judgeRoot wants the response element of the operation, in the contract's namespace.
func judgeRoot(payload *etree.Element, want string) error {
	if payload.Tag != want || payload.NamespaceURI() != payloadNamespace {
		return fmt.Errorf("the answer is %s, want {%s}%s", nameOf(payload), payloadNamespace, want)
	}
	return nil
}

// judgeSequence walks the children of a branch against their shape: order, occurrence, text, and no namespace at all,
// because the contract has no elementFormDefault (soap-node §0 rule 1).
func judgeSequence(parent *etree.Element, path string, shape []element) error {
	err := judgeBranch(parent, path)
	if err != nil {
		return err
	}
	rest := parent.ChildElements()
	for _, want := range shape {
		n := 0
		for len(rest) > 0 && n < want.max && rest[0].Tag == want.name {
			err := judgeElement(rest[0], path+"/"+want.name, want)
			if err != nil {
				return err
			}
			rest = rest[1:]
			n++
		}
		if n < want.min {
			return fmt.Errorf("%s/%s is missing here: found %s", path, want.name, firstOf(rest))
		}
	}
	if len(rest) == 0 {
		return nil
	}
	if slices.ContainsFunc(shape, func(e element) bool { return e.name == rest[0].Tag }) {
		return fmt.Errorf("%s/%s is repeated too often or stands out of order", path, rest[0].Tag)
	}
	return fmt.Errorf("%s/%s is not in the contract", path, rest[0].Tag)
}

func judgeElement(e *etree.Element, path string, want element) error {
	if e.Space != "" || e.NamespaceURI() != "" {
		return fmt.Errorf("%s is qualified with a namespace, and children must not be", path)
	}
	if want.children != nil {
		return judgeSequence(e, path, want.children)
	}
	err := judgeAttributes(e, path)
	if err != nil {
		return err
	}
	if len(e.ChildElements()) > 0 {
		return fmt.Errorf("%s holds elements, want text", path)
	}
	err = want.text(textOf(e))
	if err != nil {
		return fmt.Errorf("%s %w", path, err)
	}
	return nil
}

// judgeBranch refuses what a sequence may not hold besides its elements.
func judgeBranch(e *etree.Element, path string) error {
	for _, token := range e.Child {
		data, isText := token.(*etree.CharData)
		if isText && collapse(data.Data) != "" {
			return fmt.Errorf("%s holds loose text", path)
		}
	}
	return judgeAttributes(e, path)
}

// judgeAttributes allows namespace declarations and xsi attributes, as the XSD does; nothing here is nillable.
func judgeAttributes(e *etree.Element, path string) error {
	for _, a := range e.Attr {
		if a.Space == "xmlns" || (a.Space == "" && a.Key == "xmlns") {
			continue
		}
		if a.Space == "" || a.NamespaceURI() != xsiNamespace || a.Key == "nil" {
			return fmt.Errorf("%s has the attribute %s, which the contract does not know", path, a.FullKey())
		}
	}
	return nil
}

// judgeOutcome is the rule about outcome and fault that the XSD cannot say (soap-node §0 rule 2): KO needs a fault that
// names itself, OK must not have one.
func judgeOutcome(payload *etree.Element) (*Fault, error) {
	bean := childOf(payload, "fault")
	ok := valueOf(payload, "outcome") == "OK"
	if ok && bean != nil {
		return nil, errors.New("the outcome is OK and there is a fault")
	}
	if ok {
		return nil, nil
	}
	if bean == nil {
		return nil, errors.New("the outcome is KO and there is no fault")
	}
	for _, name := range []string{"faultCode", "faultString", "id"} {
		if strings.TrimSpace(valueOf(bean, name)) == "" {
			return nil, fmt.Errorf("the outcome is KO and the fault's %s is empty", name)
		}
	}
	return &Fault{
		Code: valueOf(bean, "faultCode"), String: valueOf(bean, "faultString"),
		ID: valueOf(bean, "id"), Description: valueOf(bean, "description"),
	}, nil
}

// firstOf names what stands in the place of a missing element.
func firstOf(rest []*etree.Element) string {
	if len(rest) == 0 {
		return "the end"
	}
	return rest[0].FullTag()
}

// nameOf writes an element's expanded name.
func nameOf(e *etree.Element) string { return "{" + e.NamespaceURI() + "}" + e.Tag }

// childOf gives the first child of that local name, or nil.
func childOf(e *etree.Element, name string) *etree.Element {
	for c := range e.ChildElementsSeq() {
		if c.Tag == name {
			return c
		}
	}
	return nil
}

// valueOf gives the text of a child, empty where there is none.
func valueOf(e *etree.Element, name string) string {
	c := childOf(e, name)
	if c == nil {
		return ""
	}
	return textOf(c)
}

// textOf is the whole text of a leaf; etree's own Text stops at the first comment.
func textOf(e *etree.Element) string {
	var b strings.Builder
	for _, token := range e.Child {
		data, isText := token.(*etree.CharData)
		if isText {
			b.WriteString(data.Data)
		}
	}
	return b.String()
}
