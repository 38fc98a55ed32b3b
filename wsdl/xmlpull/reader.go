package xmlpull

import (
	"strings"
	"unicode/utf8"
)

// Kind is the kind of what Next has read.
type Kind uint8

// The kinds. Comments are checked and passed over.
const (
	None Kind = iota
	StartElement
	EndElement
	Text
	EOF
)

// Reader reads one document from its first byte to its last.
type Reader struct {
	doc      string // the document as UTF-8
	pos      int
	limits   Limits
	encoding encoding
	err      error // sticky

	kind     Kind
	current  element // the element Next has opened or closed
	text     string  // of the last Text
	emptyTag bool    // <a/> read, its end not yet reported
	rootSeen bool
	tokens   int

	elements []element
	bindings []binding
	attrs    []Attr
}

// element is an open element.
type element struct {
	qname, space, local string
	bindings            int // bindings in scope outside it
}

// NewReader prepares a reader for doc, which it does not keep.
func NewReader(doc []byte, limits Limits) (*Reader, error) {
	r := new(Reader)
	err := r.Reset(doc, limits)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Reset makes r read another document, keeping its buffers.
func (r *Reader) Reset(doc []byte, limits Limits) error {
	*r = Reader{limits: limits.orDefaults(), elements: r.elements[:0], bindings: r.bindings[:0], attrs: r.attrs[:0]}
	if r.elements == nil {
		r.elements = make([]element, 0, 12)
		r.bindings = make([]binding, 0, 8)
		r.attrs = make([]Attr, 0, 8)
	}
	return r.open(doc)
}

// Forget drops the document, of which whatever was read may keep parts, and keeps the
// buffers for the next Reset.
func (r *Reader) Forget() {
	clear(r.elements[:cap(r.elements)])
	clear(r.bindings[:cap(r.bindings)])
	clear(r.attrs[:cap(r.attrs)])
	*r = Reader{elements: r.elements[:0], bindings: r.bindings[:0], attrs: r.attrs[:0]}
}

// Next reads on to the next start tag, end tag or run of text, or to the end of
// the document. After an error it returns the same error for ever.
func (r *Reader) Next() (Kind, error) {
	if r.err != nil {
		return None, r.err
	}
	if r.emptyTag {
		r.emptyTag = false
		return r.closeElement()
	}
	for r.pos < len(r.doc) {
		if r.doc[r.pos] != '<' || strings.HasPrefix(r.doc[r.pos:], sectionOpen) {
			if len(r.elements) > 0 {
				text, err := r.scanText(r.limits.MaxBase64LeafBytes)
				r.text = text
				return r.is(Text, err)
			}
			if !isSpace(r.doc[r.pos]) {
				return None, r.outside()
			}
			r.pos++
			continue
		}
		comment, err := r.comment()
		if err != nil {
			return None, err
		}
		if !comment {
			return r.tag()
		}
	}
	if len(r.elements) > 0 {
		return None, r.fail(r.pos, RuleTruncated)
	}
	if !r.rootSeen {
		return None, r.fail(r.pos, RuleNoRoot)
	}
	return r.is(EOF, nil)
}

// tag reads the start or end tag at r.pos.
func (r *Reader) tag() (Kind, error) {
	if strings.HasPrefix(r.doc[r.pos:], "</") {
		return r.endTag()
	}
	if len(r.elements) == 0 && r.rootSeen {
		return None, r.fail(r.pos, RuleTrailing)
	}
	return r.is(StartElement, r.startTag())
}

// is sets what was read last.
func (r *Reader) is(kind Kind, err error) (Kind, error) {
	if err != nil {
		return None, err
	}
	r.kind = kind
	return kind, nil
}

// outside refuses content beside the root element.
func (r *Reader) outside() error {
	if r.rootSeen {
		return r.fail(r.pos, RuleTrailing)
	}
	return r.fail(r.pos, RuleLeading)
}

// Name returns the expanded name of the element that Next has just opened or
// closed.
func (r *Reader) Name() (space, local string) { return r.current.space, r.current.local }

// Text returns the run of text that Next has just read, references resolved
// and line ends normalised. One value may come in several runs, split by
// comments; Leaf is the way to read a value.
func (r *Reader) Text() string { return r.text }

// Depth returns the number of open elements.
func (r *Reader) Depth() int { return len(r.elements) }

// Offset returns how many bytes of the received document have been read.
func (r *Reader) Offset() int { return r.received(r.pos) }

// received turns an offset in r.doc into one in the document as received.
func (r *Reader) received(at int) int {
	if r.encoding == latin1Encoding {
		return utf8.RuneCountInString(r.doc[:at]) // one received byte each
	}
	return at
}

// Child reads on to the next child of an element whose content is elements
// only, or to its end: true with the reader on a start tag, false with the
// reader on the parent's end tag. Text other than white space is refused.
func (r *Reader) Child() (bool, error) {
	for {
		kind, err := r.Next()
		switch {
		case err != nil:
			return false, err
		case kind == StartElement:
			return true, nil
		case kind == EndElement:
			return false, nil
		case kind == EOF:
			return false, r.fail(r.pos, RuleUse)
		}
		for i := range len(r.text) {
			if !isSpace(r.text[i]) {
				return false, r.fail(r.pos, RuleMixed)
			}
		}
	}
}

// Leaf reads the value of the element whose start tag Next has just read, up to
// and with its end tag. Child elements, comments and instructions inside the
// value are refused: they are how one value becomes two readings.
func (r *Reader) Leaf() (string, error) { return r.leaf(r.limits.MaxLeafBytes) }

// Base64Leaf is Leaf under the larger limit for base64 values.
func (r *Reader) Base64Leaf() (string, error) { return r.leaf(r.limits.MaxBase64LeafBytes) }

func (r *Reader) leaf(limit int) (string, error) {
	if r.err != nil {
		return "", r.err
	}
	if r.kind != StartElement {
		return "", r.fail(r.pos, RuleUse)
	}
	if r.emptyTag {
		r.emptyTag = false
		_, err := r.closeElement()
		return "", err
	}
	text := ""
	if !strings.HasPrefix(r.doc[r.pos:], "</") {
		var err error
		text, err = r.scanText(limit)
		if err != nil {
			return "", err
		}
	}
	rest := r.doc[r.pos:]
	switch {
	case strings.HasPrefix(rest, "</"):
		_, err := r.endTag()
		return text, err
	case rest == "":
		return "", r.fail(r.pos, RuleTruncated)
	case strings.HasPrefix(rest, "<!--"):
		return "", r.fail(r.pos, RuleLeafComment)
	case strings.HasPrefix(rest, "<!"):
		return "", r.fail(r.pos, RuleDoctype)
	case strings.HasPrefix(rest, "<?"):
		return "", r.fail(r.pos, RuleInstruction)
	}
	return "", r.fail(r.pos, RuleLeafChild)
}

// Skip reads past the element whose start tag Next has just read, with all its
// content, under the same rules and limits.
func (r *Reader) Skip() error {
	if r.err != nil {
		return r.err
	}
	if r.kind != StartElement {
		return r.fail(r.pos, RuleUse)
	}
	outer := len(r.elements) - 1
	for len(r.elements) > outer {
		_, err := r.Next()
		if err != nil {
			return err
		}
	}
	return nil
}

// fail makes the error that ends the reading.
func (r *Reader) fail(at int, rule string) error {
	if r.err == nil {
		r.err = &SyntaxError{Offset: r.received(at), Rule: rule}
		r.kind = None
	}
	return r.err
}

// count takes one token off the allowance.
func (r *Reader) count() error {
	r.tokens++
	if r.tokens > r.limits.MaxTokens {
		return r.fail(r.pos, RuleMaxTokens)
	}
	return nil
}
