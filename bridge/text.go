package bridge

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// Lengths of the wire's text types, in code points (XSD stText16 … stText140).
const (
	maxText16  = 16
	maxText35  = 35
	maxText70  = 70
	maxText140 = 140
)

// line makes a text fit for the wire: one line, no control characters, single
// blanks, at most max characters. It cuts between code points, never between bytes
// (soap-node.md §5 pitfalls 9, 11, 12, 13). A character beyond the basic plane
// counts as two, as Java's validators count it against the XSD's maxLength: they
// stand at the other end of this wire (interop/answers).
func line(s string, max int) string {
	if len(s) <= max && isLine(s) {
		return s
	}
	return madeLine(s, max)
}

// madeLine is line without its short cut for what is one already.
func madeLine(s string, max int) string {
	var b strings.Builder
	b.Grow(len(s))
	count, blank := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF' {
			blank = count > 0
			continue
		}
		if blank {
			if count+1 >= max {
				break
			}
			b.WriteByte(' ')
			count++
			blank = false
		}
		units := utf16.RuneLen(r)
		if count+units > max {
			break
		}
		b.WriteRune(r)
		count += units
	}
	return strings.TrimRight(b.String(), " ")
}

// isLine says of plain ASCII that it is one line already, with single blanks inside.
// Most texts are.
func isLine(s string) bool {
	blank := true // as behind one: none may come first
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' && blank || s[i] < ' ' || s[i] > '~' {
			return false
		}
		blank = s[i] == ' '
	}
	return !blank || s == ""
}

// email keeps an address that the wire can carry, else "".
func email(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 256 || !isWireEmail(s) {
		return ""
	}
	return s
}

// isWireEmail is XSD stEMail's pattern, [a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*:
// stricter than RFC 5322, so an address that a registry accepts may have to be left out
// (soap-node.md §5 pitfall 8). Every getPayment asks, and a regexp takes ten times as long.
func isWireEmail(s string) bool {
	user, host, found := strings.Cut(s, "@")
	if !found || user == "" {
		return false
	}
	for i := 0; i < len(user); i++ {
		if c := user[i]; !isAlnum(c) && c != '_' && c != '.' && c != '+' && c != '-' {
			return false
		}
	}
	label := 0 // characters of the host's label so far
	for i := 0; i < len(host); i++ {
		switch c := host[i]; {
		case c == '.' && label > 0:
			label = 0
		case isAlnum(c), c == '-':
			label++
		default:
			return false
		}
	}
	return label > 0
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// country keeps two letters as XSD stNazioneProvincia wants them, else "".
func country(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}

// wire makes the debtor fit for XSD ctSubject: optional parts that the wire
// cannot carry are left out, a person not given is ANONIMO (soap-node.md §2.3).
func (d Debtor) wire() (Debtor, error) {
	out := Debtor{
		Type:        d.Type,
		FiscalCode:  strings.ToUpper(line(d.FiscalCode, maxText140)),
		FullName:    line(d.FullName, maxText70),
		StreetName:  line(d.StreetName, maxText70),
		CivicNumber: line(d.CivicNumber, maxText16),
		PostalCode:  line(d.PostalCode, maxText16),
		City:        line(d.City, maxText35),
		Province:    line(d.Province, maxText35),
		Country:     country(d.Country),
		Email:       email(d.Email),
	}
	if out.FiscalCode == "" {
		out.FiscalCode = anonymous
	}
	if out.FullName == "" {
		out.FullName = anonymous
	}
	if n := len([]rune(out.FiscalCode)); n < 2 || n > 16 {
		return Debtor{}, refuse(CodeNotExpressible, "the debtor's fiscal code must have 2 to 16 characters")
	}
	if out.Type != NaturalPerson && out.Type != LegalPerson {
		return Debtor{}, refuse(CodeNotExpressible, "the debtor's type must be F or G")
	}
	return out, nil
}

const anonymous = "ANONIMO"
