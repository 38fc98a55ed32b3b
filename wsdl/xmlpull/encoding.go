package xmlpull

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// encoding is one of the three accepted character encodings.
type encoding uint8

const (
	utf8Encoding encoding = iota
	asciiEncoding
	latin1Encoding
)

const byteOrderMark = "\xEF\xBB\xBF"

// open finds the encoding of doc, reads its XML declaration and leaves the
// whole document as UTF-8 in r.doc, r.pos behind the declaration.
func (r *Reader) open(doc []byte) error {
	bom := 0
	if bytes.HasPrefix(doc, []byte(byteOrderMark)) {
		bom = len(byteOrderMark)
	}
	// UTF-16 and UTF-32, with or without their marks, hold a zero byte or a
	// mark in the first two bytes; no accepted encoding does.
	if head := doc[:min(2, len(doc))]; bytes.ContainsAny(head, "\x00") || bytes.Equal(head, []byte{0xFE, 0xFF}) || bytes.Equal(head, []byte{0xFF, 0xFE}) {
		return r.fail(0, RuleEncoding)
	}
	end, enc, err := r.declaration(doc, bom)
	if err != nil {
		return err
	}
	if bom > 0 && enc != utf8Encoding {
		return r.fail(0, RuleEncoding)
	}
	switch enc {
	case latin1Encoding:
		r.doc = transcodeLatin1(doc)
	case asciiEncoding:
		if i := bytes.IndexFunc(doc, func(c rune) bool { return c >= utf8.RuneSelf }); i >= 0 {
			return r.fail(i, RuleBytes)
		}
		r.doc = string(doc)
	case utf8Encoding:
		if !utf8.Valid(doc) {
			return r.fail(invalidOffset(doc), RuleBytes)
		}
		r.doc = string(doc)
	}
	r.encoding = enc
	r.pos = end
	return nil
}

// declaration reads `<?xml version="1.0" encoding="…" standalone="…"?>` at
// offset at, if there is one, and returns the offset behind it.
func (r *Reader) declaration(doc []byte, at int) (int, encoding, error) {
	rest := doc[at:]
	if !bytes.HasPrefix(rest, []byte("<?xml")) || len(rest) < 6 || !isSpace(rest[5]) {
		return at, utf8Encoding, nil
	}
	length := bytes.Index(rest[:min(len(rest), 256)], []byte("?>"))
	if length < 0 {
		return at, utf8Encoding, r.fail(at, RuleDeclaration)
	}
	body := string(rest[5:length])
	end := at + length + 2
	version, body, ok := pseudoAttribute(body, "version")
	if !ok {
		return end, utf8Encoding, r.fail(at, RuleDeclaration)
	}
	if version != "1.0" {
		return end, utf8Encoding, r.fail(at, RuleVersion)
	}
	enc := utf8Encoding
	if name, tail, ok := pseudoAttribute(body, "encoding"); ok {
		body = tail
		switch strings.ToUpper(name) {
		case "UTF-8":
		case "US-ASCII":
			enc = asciiEncoding
		case "ISO-8859-1":
			enc = latin1Encoding
		default:
			return end, utf8Encoding, r.fail(at, RuleEncoding)
		}
	}
	if alone, tail, ok := pseudoAttribute(body, "standalone"); ok {
		body = tail
		if alone != "yes" && alone != "no" {
			return end, utf8Encoding, r.fail(at, RuleDeclaration)
		}
	}
	if strings.Trim(body, " \t\r\n") != "" {
		return end, utf8Encoding, r.fail(at, RuleDeclaration)
	}
	return end, enc, nil
}

// pseudoAttribute takes `name="value"` with its leading white space off the
// front of a declaration's body.
func pseudoAttribute(body, name string) (value, rest string, ok bool) {
	s := strings.TrimLeft(body, " \t\r\n")
	if s == body {
		return "", body, false
	}
	s, ok = strings.CutPrefix(s, name)
	if !ok {
		return "", body, false
	}
	s, ok = strings.CutPrefix(strings.TrimLeft(s, " \t\r\n"), "=")
	if !ok {
		return "", body, false
	}
	s = strings.TrimLeft(s, " \t\r\n")
	if s == "" || (s[0] != '"' && s[0] != '\'') {
		return "", body, false
	}
	value, rest, ok = strings.Cut(s[1:], s[:1])
	if !ok {
		return "", body, false
	}
	return value, rest, true
}

// transcodeLatin1 maps every byte to the code point of the same number, which
// is what ISO-8859-1 means (0x80–0x9F are C1 controls, not windows-1252).
func transcodeLatin1(doc []byte) string {
	high := 0
	for _, c := range doc {
		if c >= utf8.RuneSelf {
			high++
		}
	}
	var b strings.Builder
	b.Grow(len(doc) + high)
	for _, c := range doc {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// invalidOffset returns where doc stops being UTF-8.
func invalidOffset(doc []byte) int {
	at := 0
	for at < len(doc) {
		c, size := utf8.DecodeRune(doc[at:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// isSpace reports XML white space.
func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r'
}
