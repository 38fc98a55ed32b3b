package xmlpull

import (
	"strings"
	"unicode/utf8"
)

const (
	sectionOpen  = "<![CDATA["
	sectionClose = "]]>"
)

// textClass marks the bytes that end the fast scan of a value: markup,
// references, carriage returns, controls, and what may begin `]]>` or one of
// the two non-characters U+FFFE and U+FFFF.
var textClass = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = c != '\t' && c != '\n'
	}
	for _, c := range []byte{'<', '&', ']', 0xEF} {
		t[c] = true
	}
	return t
}()

// forbidden reports whether the character that begins at offset i may not stand
// in a document (XML 1.0 production 2).
func (r *Reader) forbidden(i int) bool {
	c := r.doc[i]
	if c < 0x20 {
		return !isSpace(c)
	}
	return c == 0xEF && (strings.HasPrefix(r.doc[i:], "\uFFFE") || strings.HasPrefix(r.doc[i:], "\uFFFF"))
}

// scanText reads character data and CDATA sections up to the next other markup.
func (r *Reader) scanText(limit int) (string, error) {
	err := r.count()
	if err != nil {
		return "", err
	}
	i := r.pos
	for i < len(r.doc) && !textClass[r.doc[i]] {
		i++
	}
	if i < len(r.doc) && r.doc[i] == '<' && !strings.HasPrefix(r.doc[i:], sectionOpen) {
		text := r.doc[r.pos:i]
		if len(text) > limit {
			return "", r.fail(r.pos, RuleMaxLeaf)
		}
		r.pos = i
		return text, nil
	}
	return r.scanHardText(limit)
}

// scanHardText is scanText for a value that cannot be a part of the document.
func (r *Reader) scanHardText(limit int) (string, error) {
	var b []byte
	for r.pos < len(r.doc) {
		c := r.doc[r.pos]
		var err error
		switch {
		case c == '<':
			rest, section := strings.CutPrefix(r.doc[r.pos:], sectionOpen)
			if !section {
				return string(b), nil
			}
			b, err = r.section(b, rest)
		case c == '&':
			b, err = r.reference(b)
		case c == ']' && strings.HasPrefix(r.doc[r.pos:], sectionClose):
			err = r.fail(r.pos, RuleSectionEnd)
		default:
			b, err = r.character(b)
		}
		if err != nil {
			return "", err
		}
		if len(b) > limit {
			return "", r.fail(r.pos, RuleMaxLeaf)
		}
	}
	return "", r.fail(r.pos, RuleTruncated)
}

// character appends the byte at r.pos. Line ends become one line feed (XML 1.0
// §2.11).
func (r *Reader) character(b []byte) ([]byte, error) {
	c := r.doc[r.pos]
	if textClass[c] && r.forbidden(r.pos) {
		return nil, r.fail(r.pos, RuleCharacter)
	}
	r.pos++
	if c == '\r' {
		if r.pos < len(r.doc) && r.doc[r.pos] == '\n' {
			r.pos++
		}
		c = '\n'
	}
	return append(b, c), nil
}

// section appends the content of the CDATA section at r.pos, whose inside and
// everything behind it is rest.
func (r *Reader) section(b []byte, rest string) ([]byte, error) {
	err := r.count()
	if err != nil {
		return nil, err
	}
	length := strings.Index(rest, sectionClose)
	if length < 0 {
		return nil, r.fail(r.pos, RuleTruncated)
	}
	r.pos += len(sectionOpen)
	end := r.pos + length
	for r.pos < end {
		b, err = r.character(b)
		if err != nil {
			return nil, err
		}
	}
	r.pos = end + len(sectionClose)
	return b, nil
}

// reference appends what the reference at r.pos stands for: a character, or one
// of the five names of XML 1.0 §4.6. There are no other entities without a DTD.
func (r *Reader) reference(b []byte) ([]byte, error) {
	at := r.pos
	const longest = 16 // more zeros than anybody writes
	length := strings.IndexByte(r.doc[at:min(len(r.doc), at+longest)], ';')
	if length < 0 {
		return nil, r.fail(at, RuleReference)
	}
	r.pos += length + 1
	name := r.doc[at+1 : at+length]
	switch name {
	case "amp":
		return append(b, '&'), nil
	case "lt":
		return append(b, '<'), nil
	case "gt":
		return append(b, '>'), nil
	case "quot":
		return append(b, '"'), nil
	case "apos":
		return append(b, '\''), nil
	}
	c, ok := referenced(name)
	if !ok {
		return nil, r.fail(at, RuleReference)
	}
	return utf8.AppendRune(b, c), nil
}

// referenced returns the character of `#10` or `#xA`.
func referenced(name string) (rune, bool) {
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := rune(10)
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	if digits == "" {
		return 0, false
	}
	var c rune
	for i := range len(digits) {
		d := digitValue(digits[i])
		if d < 0 || d >= base {
			return 0, false
		}
		c = c*base + d
		if c > utf8.MaxRune {
			return 0, false
		}
	}
	switch {
	case c < 0x20:
		return c, c == '\t' || c == '\n' || c == '\r'
	case c == 0xFFFE, c == 0xFFFF:
		return 0, false
	}
	return c, utf8.ValidRune(c)
}

// digitValue returns the value of a hexadecimal digit, or -1.
func digitValue(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// attributeValue reads a quoted value and normalises it (XML 1.0 §3.3.3: white
// space written as such becomes a blank).
func (r *Reader) attributeValue() (string, error) {
	if r.pos >= len(r.doc) || (r.doc[r.pos] != '"' && r.doc[r.pos] != '\'') {
		return "", r.fail(r.pos, RuleAttribute)
	}
	quote := r.doc[r.pos]
	r.pos++
	i := r.pos
	for i < len(r.doc) && r.doc[i] != quote && r.doc[i] != '\t' && r.doc[i] != '\n' && !textClass[r.doc[i]] {
		i++
	}
	if i < len(r.doc) && r.doc[i] == quote && i-r.pos <= r.limits.MaxLeafBytes {
		value := r.doc[r.pos:i]
		r.pos = i + 1
		return value, nil
	}
	return r.hardAttributeValue(quote)
}

// hardAttributeValue is attributeValue for a value that cannot be a part of the
// document.
func (r *Reader) hardAttributeValue(quote byte) (string, error) {
	var b []byte
	for r.pos < len(r.doc) {
		c := r.doc[r.pos]
		var err error
		switch {
		case c == quote:
			r.pos++
			return string(b), nil
		case c == '<':
			err = r.fail(r.pos, RuleAttribute)
		case c == '&':
			b, err = r.reference(b)
		default:
			b, err = r.character(b)
			if err == nil && isSpace(c) {
				b[len(b)-1] = ' '
			}
		}
		if err != nil {
			return "", err
		}
		if len(b) > r.limits.MaxLeafBytes {
			return "", r.fail(r.pos, RuleMaxLeaf)
		}
	}
	return "", r.fail(r.pos, RuleTruncated)
}
