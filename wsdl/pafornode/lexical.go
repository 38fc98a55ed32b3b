package pafornode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// trim does what whiteSpace="collapse" does to values that cannot hold white
// space inside.
func trim(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	for s != "" && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// isBlank reports XML white space; no other character is collapsed.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// parseBoolean reads xs:boolean (XML Schema Part 2 §3.2.2).
func parseBoolean(s string) (value, ok bool) {
	switch trim(s) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// parseInt32 reads xs:int: an optional sign and any number of digits.
func parseInt32(s string) (int32, bool) {
	s = trim(s)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if s == "" {
		return 0, false
	}
	var v int64
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		v = v*10 + int64(s[i]-'0')
		if v > 1<<31 {
			return 0, false
		}
	}
	if negative {
		v = -v
	}
	return int32(v), v == int64(int32(v))
}

// parseCents reads an xs:decimal with the pattern \d+\.\d{2} into cents, or
// says which rule it breaks. Leading zeros are allowed without end, so digits
// are counted after them and nothing overflows.
func parseCents(s string) (int64, string) {
	s = trim(s)
	point := len(s) - 3
	for i := range len(s) {
		if i != point && !isDigit(s[i]) || i == point && s[i] != '.' {
			return 0, decimalRule(s)
		}
	}
	if point < 1 {
		return 0, decimalRule(s)
	}
	whole := strings.TrimLeft(s[:point], "0")
	if len(whole) > 16 { // 10^16 euro in cents are still an int64
		return 0, RuleMaxInclusive
	}
	var v int64
	for i := range len(whole) {
		v = v*10 + int64(whole[i]-'0')
	}
	return v*100 + int64(s[point+1]-'0')*10 + int64(s[point+2]-'0'), ""
}

// decimalRule tells a decimal of another form from no decimal at all.
func decimalRule(s string) string {
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return RuleLexical
	}
	return RulePattern
}

// lexicalDate checks xs:date: year, month, day, optional time zone.
func lexicalDate(s string) string {
	rest, ok := cutDate(trim(s))
	if !ok || !isZone(rest) {
		return RuleLexical
	}
	return ""
}

// lexicalDateTime checks xs:dateTime.
func lexicalDateTime(s string) string {
	rest, ok := cutDate(trim(s))
	if !ok || len(rest) < len("T00:00:00") || rest[0] != 'T' || rest[3] != ':' || rest[6] != ':' {
		return RuleLexical
	}
	hour, okHour := twoDigits(rest[1:3])
	minute, okMinute := twoDigits(rest[4:6])
	second, okSecond := twoDigits(rest[7:9])
	if !okHour || !okMinute || !okSecond || hour > 24 || minute > 59 || second > 59 {
		return RuleLexical
	}
	rest = rest[9:]
	zero := true
	if strings.HasPrefix(rest, ".") {
		n := 1
		for n < len(rest) && isDigit(rest[n]) {
			zero = zero && rest[n] == '0'
			n++
		}
		if n == 1 {
			return RuleLexical
		}
		rest = rest[n:]
	}
	// 24:00:00 is the end of the day, and only that (Part 2 §3.2.7.1).
	if hour == 24 && (minute > 0 || second > 0 || !zero) || !isZone(rest) {
		return RuleLexical
	}
	return ""
}

// cutDate takes `-?YYYY-MM-DD` off the front of s. A year has four digits or
// more, then without leading zeros, and is not 0000.
func cutDate(s string) (rest string, ok bool) {
	s = strings.TrimPrefix(s, "-")
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n < 4 || n > 4 && s[0] == '0' || s[:n] == "0000" || len(s) < n+6 || s[n] != '-' || s[n+3] != '-' {
		return "", false
	}
	month, okMonth := twoDigits(s[n+1 : n+3])
	day, okDay := twoDigits(s[n+4 : n+6])
	if !okMonth || !okDay || month < 1 || month > 12 || day < 1 || day > daysIn(s[:n], month) {
		return "", false
	}
	return s[n+6:], true
}

// daysIn returns the length of a month; the last four digits of the year decide
// whether it is a leap year.
func daysIn(year string, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
	default:
		return 31
	}
	century, _ := twoDigits(year[len(year)-4 : len(year)-2])
	inCentury, _ := twoDigits(year[len(year)-2:])
	if inCentury%4 == 0 && (inCentury != 0 || century%4 == 0) {
		return 29
	}
	return 28
}

// isZone reports a time zone of XML Schema: nothing, Z, or up to ±14:00.
func isZone(s string) bool {
	if s == "" || s == "Z" {
		return true
	}
	if len(s) != len("+00:00") || (s[0] != '+' && s[0] != '-') || s[3] != ':' {
		return false
	}
	hour, okHour := twoDigits(s[1:3])
	minute, okMinute := twoDigits(s[4:6])
	return okHour && okMinute && minute < 60 && hour*60+minute <= 14*60
}

// lexicalBase64 checks xs:base64Binary: groups of four, canonical padding,
// white space anywhere (Part 2 §3.2.16).
func lexicalBase64(s string) string {
	n, pads := 0, 0
	var last byte
	for i := range len(s) {
		c := s[i]
		switch {
		case isBlank(c):
			continue
		case c == '=':
			pads++
		case pads > 0 || base64Value(c) < 0:
			return RuleLexical
		default:
			last = c
		}
		n++
	}
	unused := 0 // bits of the last character that stand for nothing
	switch pads {
	case 0:
	case 1:
		unused = 2
	case 2:
		unused = 4
	default:
		return RuleLexical
	}
	if n%4 != 0 || unused > 0 && base64Value(last)&(1<<unused-1) != 0 {
		return RuleLexical
	}
	return ""
}

// base64Value returns the six bits of a base64 character, or -1.
func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case isDigit(c):
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

// collapse is whiteSpace="collapse" in full: what patterns of base64 see.
func collapse(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c < utf8.RuneSelf && isBlank(byte(c)) }), " ")
}

// pattern is a regular expression of the schema, compiled to a deterministic
// automaton when the code was generated. State 0 refuses for good, the states
// from accept on accept.
type pattern struct {
	class  string  // class of each ASCII character, of other digits, of the rest
	width  int     // number of classes
	next   []uint8 // state × width + class
	start  uint8
	accept uint8
}

// match reports whether the whole of s matches.
func (p *pattern) match(s string) bool {
	state := p.start
	for i, c := range s {
		symbol := int(c)
		if c >= utf8.RuneSelf {
			if c == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
				return false // not UTF-8
			}
			symbol = utf8.RuneSelf + 1
			if unicode.Is(unicode.Nd, c) { // \d of XML Schema
				symbol = utf8.RuneSelf
			}
		}
		state = p.next[int(state)*p.width+int(p.class[symbol])]
		if state == 0 {
			return false
		}
	}
	return state >= p.accept
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func twoDigits(s string) (int, bool) {
	return int(s[0]-'0')*10 + int(s[1]-'0'), isDigit(s[0]) && isDigit(s[1])
}
