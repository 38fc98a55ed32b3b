package pafornode

import (
	"strconv"
	"unicode/utf8"
)

// The SOAP 1.1 envelope around a payload. Only the payload's root is in the
// namespace of the contract; a default namespace would take its children along
// and the node would answer PPT_STAZIONE_INT_PA_ERRORE_RESPONSE.
const (
	EnvelopeOpen = `<?xml version="1.0" encoding="UTF-8"?>` +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:paf="` + Namespace + `">` +
		`<soapenv:Body>`
	EnvelopeClose = `</soapenv:Body></soapenv:Envelope>`
)

// AppendEnvelope appends the envelope with the payload that the function
// appends.
func AppendEnvelope(dst []byte, payload func([]byte) []byte) []byte {
	dst = append(dst, EnvelopeOpen...)
	dst = payload(dst)
	return append(dst, EnvelopeClose...)
}

// appendText appends s as character data. What XML 1.0 forbids becomes U+FFFD;
// a carriage return is written as a reference, or it would be read as a line
// feed.
func appendText(dst []byte, s string) []byte {
	plain := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '&' && c != '<' && c != '>' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		instead := ""
		switch {
		case c == '&':
			instead = "&amp;"
		case c == '<':
			instead = "&lt;"
		case c == '>':
			instead = "&gt;"
		case c == '\r':
			instead = "&#13;"
		case !allowed(r, size):
			instead = "\uFFFD"
		default:
			i += size
			continue
		}
		dst = append(dst, s[plain:i]...)
		dst = append(dst, instead...)
		i += size
		plain = i
	}
	return append(dst, s[plain:]...)
}

// allowed reports whether a decoded character may stand in a document (XML 1.0
// production 2).
func allowed(r rune, size int) bool {
	switch {
	case r == utf8.RuneError:
		return size > 1
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	}
	return r != 0xFFFE && r != 0xFFFF
}

// allAllowed reports whether appendText would lose nothing of s.
func allAllowed(s string) bool {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !allowed(r, size) {
			return false
		}
		i += size
	}
	return true
}

// appendCents appends cents in the only form the schema allows: `%d.%02d`.
func appendCents(dst []byte, cents int64) []byte {
	u := uint64(cents)
	if cents < 0 { // Validate refuses it
		dst = append(dst, '-')
		u = -u
	}
	dst = strconv.AppendUint(dst, u/100, 10)
	return append(dst, '.', byte('0'+u/10%10), byte('0'+u%10))
}
