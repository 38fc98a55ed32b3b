package api

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string.
func (r *reader) text() (string, error) {
	if r.peek() != '"' {
		return "", r.wrong("must be a string")
	}
	return r.quoted()
}

// quoted reads what stands between two quotes. A document that has come this far
// is valid UTF-8.
func (r *reader) quoted() (string, error) {
	r.pos++
	start := r.pos
	for r.pos < len(r.data) {
		switch b := r.data[r.pos]; {
		case b == '"':
			r.pos++
			return string(r.data[start : r.pos-1]), nil
		case b == '\\':
			return r.escaped(start)
		case b < ' ':
			return "", r.malformed("a control character stands in a string")
		}
		r.pos++
	}
	return "", r.malformed("a string has no end")
}

// escaped goes on with a string that has an escape.
func (r *reader) escaped(start int) (string, error) {
	out := append([]byte(nil), r.data[start:r.pos]...)
	for r.pos < len(r.data) {
		b := r.data[r.pos]
		if b < ' ' {
			return "", r.malformed("a control character stands in a string")
		}
		r.pos++
		switch b {
		case '"':
			return string(out), nil
		case '\\':
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, char)
		default:
			out = append(out, b)
		}
	}
	return "", r.malformed("a string has no end")
}

// escapes are JSON's short escapes.
var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what follows a backslash. NUL and half a surrogate pair are no
// text that could be stored (reliability-security.md §9 row 48).
func (r *reader) escape() (rune, error) {
	if !r.take('u') {
		char, known := escapes[r.peek()]
		if !known {
			return 0, r.malformed("an escape is unknown")
		}
		r.pos++
		return char, nil
	}
	char, err := r.hex()
	if err != nil {
		return 0, err
	}
	if utf16.IsSurrogate(char) {
		if !r.word(`\u`) {
			return 0, r.malformed("a surrogate stands alone")
		}
		low, err := r.hex()
		if err != nil {
			return 0, err
		}
		char = utf16.DecodeRune(char, low)
		if char == utf8.RuneError {
			return 0, r.malformed("a surrogate stands alone")
		}
	}
	if char == 0 {
		return 0, r.malformed("a string has a NUL")
	}
	return char, nil
}

func (r *reader) hex() (rune, error) {
	if len(r.data)-r.pos < 4 {
		return 0, r.malformed("an escape is cut short")
	}
	digits := r.data[r.pos : r.pos+4]
	for _, d := range digits {
		if !(d >= '0' && d <= '9' || d >= 'a' && d <= 'f' || d >= 'A' && d <= 'F') {
			return 0, r.malformed("an escape has other than hex digits")
		}
	}
	char, err := strconv.ParseUint(string(digits), 16, 32)
	if err != nil {
		return 0, r.malformed("an escape has other than hex digits")
	}
	r.pos += 4
	return rune(char), nil
}
