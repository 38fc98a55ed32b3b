package nodesim

import (
	"cmp"
	"fmt"

	"github.com/beevik/etree"
)

// ActionStyle says how the SOAPAction header is written. All of these have been seen (soap-node §1.1, cases T3).
type ActionStyle int

// The ways of writing SOAPAction.
const (
	ActionQuoted  ActionStyle = iota // "paVerifyPaymentNotice"
	ActionBare                       // paVerifyPaymentNotice
	ActionMissing                    // no header at all
	ActionEmpty                      // ""
)

// WireStyle chooses among the ways of writing one and the same request; a station must answer all of them alike
// (soap-node §6, T2 to T5). The zero value is how the node writes.
type WireStyle struct {
	EnvelopePrefix  string      // prefix of the envelope; soapenv when empty
	PayloadPrefix   string      // prefix of the payload's root; pafn when empty
	DefaultEnvelope bool        // the envelope takes the default namespace instead of a prefix
	LocalPayload    bool        // the payload's prefix is declared on the Body child instead of on the Envelope
	Header          bool        // an empty SOAP Header stands before the Body
	Indent          bool        // white space between the elements
	Action          ActionStyle // how SOAPAction is written
	ContentType     string      // text/xml;charset=UTF-8 when empty
}

func (s WireStyle) contentType() string { return cmp.Or(s.ContentType, "text/xml;charset=UTF-8") }

// action gives the SOAPAction of an operation, and whether the header is sent at all.
func (s WireStyle) action(operation string) (string, bool) {
	switch s.Action {
	case ActionQuoted:
		return `"` + operation + `"`, true
	case ActionBare:
		return operation, true
	case ActionEmpty:
		return `""`, true
	default:
		return "", false
	}
}

// write puts a payload, whose root is still without prefix, into an envelope. The payload is left as it was.
func (s WireStyle) write(payload *etree.Element) ([]byte, error) {
	prefix := cmp.Or(s.PayloadPrefix, "pafn")
	payload = payload.Copy()
	payload.Space = prefix

	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	envelope := s.envelope(doc)
	owner := envelope
	if s.LocalPayload {
		owner = payload
	}
	owner.CreateAttr("xmlns:"+prefix, payloadNamespace)
	if s.DefaultEnvelope {
		// The payload's children have no namespace, so they must not inherit the envelope's.
		payload.CreateAttr("xmlns", "")
	}
	if s.Header {
		s.soap(envelope, "Header")
	}
	s.soap(envelope, "Body").AddChild(payload)
	if s.Indent {
		doc.Indent(2)
	}
	out, err := doc.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("cannot write request: %w", err)
	}
	return out, nil
}

func (s WireStyle) envelope(doc *etree.Document) *etree.Element {
	envelope := s.soap(&doc.Element, "Envelope")
	declaration := "xmlns"
	if !s.DefaultEnvelope {
		declaration = "xmlns:" + envelope.Space
	}
	envelope.CreateAttr(declaration, soapNamespace)
	return envelope
}

// soap adds an element of the envelope's own namespace.
func (s WireStyle) soap(parent *etree.Element, tag string) *etree.Element {
	e := parent.CreateElement(tag)
	if !s.DefaultEnvelope {
		e.Space = cmp.Or(s.EnvelopePrefix, "soapenv")
	}
	return e
}

// put adds a leaf.
func put(parent *etree.Element, name, text string) { parent.CreateElement(name).SetText(text) }

// putIf adds a leaf unless its text is empty: the contract knows no empty optional element (soap-node §2.1).
func putIf(parent *etree.Element, name, text string) {
	if text != "" {
		put(parent, name, text)
	}
}

// putCents adds an amount, if there is one.
func putCents(parent *etree.Element, name string, c *Cents) {
	if c != nil {
		put(parent, name, c.String())
	}
}
