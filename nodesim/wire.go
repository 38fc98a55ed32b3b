package nodesim

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// pen writes one document in one Spelling. It is a writer of its own on purpose: an XML library chooses one way of
// writing and keeps to it, and a station that has only ever seen that one has not been tried.
type pen struct {
	Spelling
	out   []byte
	marks int // attributes and comments written so far, for what alternates
	depth int
}

// attribute is a name with its value, both in UTF-8.
type attribute struct{ name, value string }

// write puts a payload, whose root is still without prefix, into an envelope. The payload is left as it was. A stand-in
// mark beside the receipt is made here, because no XSD in force knows it (soap-node §1.1, "Historical changes").
func (s Spelling) write(payload *etree.Element) []byte {
	p := &pen{Spelling: s}
	if s.StandInBeside {
		payload = standInBeside(payload)
	}
	p.prolog()
	p.open(p.soapName("Envelope"), p.onEnvelope())
	if s.Header {
		p.open(p.soapName("Header"), nil)
		p.open("hdr:cursor", []attribute{{"xmlns:hdr", "urn:example:cursor"}, {p.mustUnderstand(), "0"}})
		p.text("12 < 13")
		p.close("hdr:cursor", true)
		p.close(p.soapName("Header"), false)
	}
	p.open(p.soapName("Body"), p.declared(AtBody))
	p.payload(payload)
	p.close(p.soapName("Body"), false)
	p.close(p.soapName("Envelope"), false)
	p.gap()
	return p.out
}

// standInBeside moves the mark from inside the receipt to its place before SANP 3.9: beside it, all lower case.
func standInBeside(payload *etree.Element) *etree.Element {
	receipt := childOf(payload, "receipt")
	if receipt == nil || childOf(receipt, "standIn") == nil {
		return payload
	}
	payload = payload.Copy()
	receipt = childOf(payload, "receipt")
	mark := childOf(receipt, "standIn")
	receipt.RemoveChild(mark)
	put(payload, "standin", textOf(mark))
	return payload
}

func (p *pen) prolog() {
	if p.Encoding == UTF8WithMark {
		p.out = append(p.out, "\xef\xbb\xbf"...)
	}
	if p.Encoding != UTF8Undeclared {
		p.out = append(p.out, "<?xml"...)
		p.attributes([]attribute{{"version", "1.0"}, {"encoding", p.Encoding.declared()}})
		p.out = append(p.out, "?>"...)
	}
	p.comment()
}

// onEnvelope is what the root declares: its own namespace, the payload's if that is the place, and those that SOAP
// libraries declare whether anything uses them or not.
func (p *pen) onEnvelope() []attribute {
	declared := []attribute{{declaration(p.Envelope), soapNamespace}}
	if p.Spare {
		declared = append([]attribute{{"xmlns:xsi", xsiNamespace}, {"xmlns:xsd", "http://www.w3.org/2001/XMLSchema"}}, declared...)
	}
	return append(declared, p.declared(AtEnvelope)...)
}

// declared is the declaration of the payload's namespace, if it belongs at this place.
func (p *pen) declared(here Place) []attribute {
	if p.place() != here {
		return nil
	}
	return []attribute{{declaration(p.Payload), payloadNamespace}}
}

func declaration(prefix string) string {
	if prefix == "" {
		return "xmlns"
	}
	return "xmlns:" + prefix
}

func qualified(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

func (p *pen) soapName(local string) string { return qualified(p.Envelope, local) }

// mustUnderstand is an attribute of the envelope's namespace, and attributes have no default namespace.
func (p *pen) mustUnderstand() string {
	if p.Envelope == "" {
		return "optional"
	}
	return p.Envelope + ":mustUnderstand"
}

// payload writes the Body's child, whose children must have no namespace: a default one has to be undone.
func (p *pen) payload(e *etree.Element) {
	name := qualified(p.Payload, e.Tag)
	declared := p.declared(AtPayload)
	late := p.UndoLate || p.Payload == ""
	if !late && p.Envelope == "" {
		declared = append(declared, attribute{"xmlns", ""})
	}
	p.open(name, declared)
	for child := range e.ChildElementsSeq() {
		var undo []attribute
		if late {
			undo = []attribute{{"xmlns", ""}}
		}
		p.element(child, undo)
	}
	p.close(name, false)
}

// element writes an element without namespace and all below it.
func (p *pen) element(e *etree.Element, declared []attribute) {
	children := e.ChildElements()
	p.open(e.Tag, declared)
	for _, child := range children {
		p.element(child, nil)
	}
	if len(children) == 0 {
		p.text(textOf(e))
	}
	p.close(e.Tag, len(children) == 0)
}

func (p *pen) open(name string, attributes []attribute) {
	p.gap()
	p.out = append(p.out, '<')
	p.out = append(p.out, name...)
	p.attributes(attributes)
	p.loose()
	p.out = append(p.out, '>')
	p.depth++
}

// close ends an element; before the end of a leaf nothing may be added to its text.
func (p *pen) close(name string, leaf bool) {
	p.depth--
	if !leaf {
		p.gap()
		p.comment()
	}
	p.out = append(p.out, "</"...)
	p.out = append(p.out, name...)
	p.loose()
	p.out = append(p.out, '>')
}

// gap is the white space between two elements.
func (p *pen) gap() {
	switch p.Gaps {
	case GapIndent:
		if len(p.out) > 0 {
			p.out = append(p.out, "\n"+strings.Repeat("  ", p.depth)...)
		}
	case GapWindows:
		if len(p.out) > 0 {
			p.out = append(p.out, "\r\n"+strings.Repeat("\t", p.depth)...)
		}
	}
}

// loose is white space inside a tag, where XML allows it.
func (p *pen) loose() {
	if p.LooseTags {
		p.out = append(p.out, " \n"...)
	}
}

func (p *pen) attributes(list []attribute) {
	for _, a := range list {
		quote := p.quote()
		equals := "="
		p.out = append(p.out, ' ')
		if p.LooseTags && a.name != "version" && a.name != "encoding" {
			p.out = append(p.out, '\t')
			equals = " = "
		}
		p.out = append(p.out, a.name...)
		p.out = append(p.out, equals...)
		p.out = append(p.out, quote)
		p.out = append(p.out, a.value...) // ours: no value holds a quote, & or <
		p.out = append(p.out, quote)
	}
}

func (p *pen) quote() byte {
	p.marks++
	if p.Quotes == QuoteSingle || (p.Quotes == QuoteBoth && p.marks%2 == 0) {
		return '\''
	}
	return '"'
}

// comment stands between elements only. What it says must not be read: a notice, an amount, an end of everything.
func (p *pen) comment() {
	if !p.Comments {
		return
	}
	p.marks++
	sayings := []string{
		"<noticeNumber>000000000000000000</noticeNumber>", " </Body></Envelope> ", "<paymentAmount>0.01</paymentAmount>", " & ]]> ",
	}
	p.out = append(p.out, "<!--"+sayings[p.marks%len(sayings)]+"-->"...)
}

// text writes the whole text of a leaf.
func (p *pen) text(s string) {
	switch p.Text {
	case TextCDATA:
		p.section(s)
	case TextMixed:
		half := len(s) / 2
		for half < len(s) && !utf8.RuneStart(s[half]) {
			half++
		}
		p.characters(s[:half], false)
		p.section(s[half:])
	default:
		p.characters(s, p.Text == TextDecimal || p.Text == TextHex)
	}
}

// characters writes text outside of CDATA sections, with every character as a reference if asked for.
func (p *pen) characters(s string, references bool) {
	for _, r := range s {
		switch {
		case references || !p.Encoding.holds(r) || r == '\r': // a bare CR would be read as LF
			p.reference(r)
		case r == '<':
			p.out = append(p.out, "&lt;"...)
		case r == '>':
			p.out = append(p.out, "&gt;"...)
		case r == '&':
			p.out = append(p.out, "&amp;"...)
		default:
			p.out = p.Encoding.append(p.out, r)
		}
	}
}

func (p *pen) reference(r rune) {
	form := "&#%d;"
	if p.Text == TextHex || p.Text == TextMixed {
		form = "&#x%X;"
	}
	p.out = fmt.Appendf(p.out, form, r)
}

// section writes text as CDATA, leaving the section for what cannot stand in one.
func (p *pen) section(s string) {
	const begin, end = "<![CDATA[", "]]>"
	p.out = append(p.out, begin...)
	for i, r := range s {
		switch {
		case !p.Encoding.holds(r) || r == '\r':
			p.out = append(p.out, end...)
			p.reference(r)
			p.out = append(p.out, begin...)
		case r == '>' && strings.HasSuffix(s[:i], "]]"):
			p.out = append(p.out, end+begin+">"...)
		default:
			p.out = p.Encoding.append(p.out, r)
		}
	}
	p.out = append(p.out, end...)
}
