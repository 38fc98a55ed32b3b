package xmlpull

import "strings"

const (
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)

// Attr is one attribute that is not a namespace declaration.
type Attr struct {
	Space, Local, Value string
	qname               string
}

// binding is one namespace declaration in scope.
type binding struct{ prefix, space string }

// Attrs returns the attributes of the element that Next has just opened; the
// slice is valid until the next call.
func (r *Reader) Attrs() []Attr { return r.attrs }

// Lookup resolves a prefix ("" for the default namespace) in the current scope.
func (r *Reader) Lookup(prefix string) (space string, bound bool) {
	for i := len(r.bindings) - 1; i >= 0; i-- {
		if r.bindings[i].prefix == prefix {
			return r.bindings[i].space, true
		}
	}
	switch prefix {
	case "":
		return "", true
	case "xml":
		return xmlNamespace, true
	}
	return "", false
}

// startTag reads the start tag at r.pos.
func (r *Reader) startTag() error {
	err := r.count()
	if err != nil {
		return err
	}
	if len(r.elements) >= r.limits.MaxDepth {
		return r.fail(r.pos, RuleMaxDepth)
	}
	tag := r.pos
	r.pos++
	qname, err := r.name()
	if err != nil {
		return err
	}
	outer := len(r.bindings)
	r.attrs = r.attrs[:0]
	if r.pos < len(r.doc) && r.doc[r.pos] == '>' { // the common tag has nothing more
		r.pos++
	} else {
		err = r.attributes()
		if err != nil {
			return err
		}
	}
	space, local, err := r.expand(qname, tag, true)
	if err != nil {
		return err
	}
	if len(r.attrs) > 0 {
		err = r.expandAttributes(tag)
		if err != nil {
			return err
		}
	}
	r.rootSeen = true
	r.current = element{qname: qname, space: space, local: local, bindings: outer}
	r.elements = append(r.elements, r.current)
	return nil
}

// attributes reads the rest of a start tag behind its name.
func (r *Reader) attributes() error {
	for {
		before := r.pos
		r.space()
		if r.pos >= len(r.doc) {
			return r.fail(r.pos, RuleTruncated)
		}
		switch r.doc[r.pos] {
		case '>':
			r.pos++
			return nil
		case '/':
			if !strings.HasPrefix(r.doc[r.pos:], "/>") {
				return r.fail(r.pos, RuleMarkup)
			}
			r.pos += 2
			r.emptyTag = true
			return nil
		}
		if r.pos == before { // XML 1.0 production 40 wants white space
			return r.fail(r.pos, RuleAttribute)
		}
		err := r.attribute()
		if err != nil {
			return err
		}
	}
}

// attribute reads one name="value".
func (r *Reader) attribute() error {
	at := r.pos
	if len(r.attrs) >= r.limits.MaxAttributes {
		return r.fail(at, RuleMaxAttrs)
	}
	qname, err := r.name()
	if err != nil {
		return err
	}
	for i := range r.attrs {
		if r.attrs[i].qname == qname {
			return r.fail(at, RuleDuplicate)
		}
	}
	r.space()
	if r.pos >= len(r.doc) || r.doc[r.pos] != '=' {
		return r.fail(r.pos, RuleAttribute)
	}
	r.pos++
	r.space()
	value, err := r.attributeValue()
	if err != nil {
		return err
	}
	// Declarations stay in the list until the tag is read, so that repeated
	// ones are seen and all count.
	r.attrs = append(r.attrs, Attr{qname: qname, Value: value})
	if qname == "xmlns" {
		return r.bind(at, "", value)
	}
	if prefix, ok := strings.CutPrefix(qname, "xmlns:"); ok {
		return r.bind(at, prefix, value)
	}
	return nil
}

// bind takes up a namespace declaration, under the constraints of Namespaces in
// XML 1.0 §3 and §5.
func (r *Reader) bind(at int, prefix, space string) error {
	switch {
	case prefix == "xmlns", space == xmlnsNamespace,
		(prefix == "xml") != (space == xmlNamespace),
		prefix != "" && space == "":
		return r.fail(at, RuleNamespace)
	case len(r.bindings) >= r.limits.MaxNamespaces:
		return r.fail(at, RuleMaxNamespace)
	}
	r.bindings = append(r.bindings, binding{prefix, space})
	return nil
}

// expand resolves a qualified name. Unprefixed elements take the default
// namespace, unprefixed attributes none.
func (r *Reader) expand(qname string, at int, isElement bool) (space, local string, err error) {
	colon := strings.IndexByte(qname, ':')
	if colon < 0 {
		if isElement {
			space, _ = r.Lookup("")
		}
		return space, qname, nil
	}
	space, bound := r.Lookup(qname[:colon])
	if !bound {
		return "", "", r.fail(at, RulePrefix)
	}
	return space, qname[colon+1:], nil
}

// expandAttributes drops the declarations, resolves the other names and refuses
// two attributes of one expanded name.
func (r *Reader) expandAttributes(at int) error {
	kept := r.attrs[:0]
	for _, a := range r.attrs {
		if a.qname == "xmlns" || strings.HasPrefix(a.qname, "xmlns:") {
			continue
		}
		var err error
		a.Space, a.Local, err = r.expand(a.qname, at, false)
		if err != nil {
			return err
		}
		for i := range kept {
			if kept[i].Local == a.Local && kept[i].Space == a.Space {
				return r.fail(at, RuleDuplicate)
			}
		}
		kept = append(kept, a)
	}
	r.attrs = kept
	return nil
}

// endTag reads the end tag at r.pos, which must close the innermost element.
func (r *Reader) endTag() (Kind, error) {
	if len(r.elements) == 0 {
		return None, r.outside()
	}
	qname := r.elements[len(r.elements)-1].qname
	at := r.pos
	if !strings.HasPrefix(r.doc[at+2:], qname) {
		return None, r.fail(at, RuleEndTag)
	}
	r.pos += 2 + len(qname)
	r.space()
	if r.pos >= len(r.doc) {
		return None, r.fail(r.pos, RuleTruncated)
	}
	if r.doc[r.pos] != '>' {
		return None, r.fail(at, RuleEndTag)
	}
	r.pos++
	return r.closeElement()
}

// closeElement leaves the innermost element and its namespace scope.
func (r *Reader) closeElement() (Kind, error) {
	last := len(r.elements) - 1
	r.current = r.elements[last]
	r.elements = r.elements[:last]
	r.bindings = r.bindings[:r.current.bindings]
	r.attrs = r.attrs[:0]
	return r.is(EndElement, r.count())
}

// comment passes over the comment at r.pos, if there is one, and refuses the
// other `<!` and `<?` constructs.
func (r *Reader) comment() (bool, error) {
	rest := r.doc[r.pos:]
	if strings.HasPrefix(rest, "<?") {
		return false, r.fail(r.pos, RuleInstruction)
	}
	if !strings.HasPrefix(rest, "<!") {
		return false, nil
	}
	body, ok := strings.CutPrefix(rest, "<!--")
	if !ok {
		return false, r.fail(r.pos, RuleDoctype)
	}
	length := strings.Index(body, "--")
	if length < 0 {
		return false, r.fail(r.pos, RuleTruncated)
	}
	if !strings.HasPrefix(body[length:], "-->") {
		return false, r.fail(r.pos, RuleComment)
	}
	for i := range length {
		if r.forbidden(r.pos + 4 + i) {
			return false, r.fail(r.pos+4+i, RuleCharacter)
		}
	}
	r.pos += len("<!--") + length + len("-->")
	return true, r.count()
}

// space passes over white space.
func (r *Reader) space() {
	for r.pos < len(r.doc) && isSpace(r.doc[r.pos]) {
		r.pos++
	}
}

// name reads a qualified name: at most one colon, with a name on both sides.
func (r *Reader) name() (string, error) {
	start, part, colon := r.pos, r.pos, false
	i := start
	for i < len(r.doc) {
		c := r.doc[i]
		class := nameClass[c]
		switch {
		case c == ':':
			if colon || i == part {
				return "", r.fail(i, RuleName)
			}
			colon, part = true, i+1
		case class == nameWide:
			second := r.doc[i+1] // the document is valid UTF-8
			if !(c == 0xC3 && second != 0x97 && second != 0xB7) && !(c == 0xC2 && second == 0xB7 && i > part) {
				return "", r.fail(i, RuleName)
			}
			i++
		case class == nameNone, class == nameInner && i == part:
			return r.endName(start, part, i)
		}
		i++
	}
	return r.endName(start, part, i)
}

// endName checks and returns the name that ends before end.
func (r *Reader) endName(start, part, end int) (string, error) {
	if end == part {
		return "", r.fail(end, RuleName)
	}
	if end-start > r.limits.MaxNameBytes {
		return "", r.fail(start, RuleMaxName)
	}
	r.pos = end
	return r.doc[start:end], nil
}

// The classes of bytes in names.
const (
	nameNone  = iota // ends a name
	nameFirst        // anywhere in a name
	nameInner        // not at the front
	nameWide         // first byte of a letter of Latin-1, or refused
)

var nameClass = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':':
			t[c] = nameFirst
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[c] = nameInner
		case c >= 0x80:
			t[c] = nameWide
		}
	}
	return t
}()
