package main

import (
	"strings"
	"unicode"
)

// typeName makes a Go type name: ctQrCode -> QrCode.
func typeName(local string) string {
	rest, ok := strings.CutPrefix(local, "ct")
	if ok && rest != "" && unicode.IsUpper(rune(rest[0])) {
		local = rest
	}
	return fieldName(local)
}

// fieldName makes a Go field name: idPA -> IdPA, e-mail -> EMail.
func fieldName(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		b.WriteString(upperFirst(part))
	}
	return b.String()
}

// constantName names an enumerated value: stOutcome OK -> OutcomeOK.
func constantName(s *simpleType, value string) string {
	return strings.TrimPrefix(s.goName, "St") + fieldName(value)
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
