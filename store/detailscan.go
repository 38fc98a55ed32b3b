package store

import (
	"strings"
	"unicode/utf8"

	"nodobridge/bridge"
)

// scanDetail reads what encodeDetail writes, member by member in its order, into strings
// that share the text's memory: a tenth of what encoding/json takes for it. Whatever it
// does not expect, an escape or a member that stands elsewhere, makes it give up; then
// encoding/json decides what the text says.
func scanDetail(text string, n *bridge.Notice) bool {
	if !utf8.ValidString(text) {
		return false
	}
	s := &detailScanner{rest: text}
	s.open('{')
	if s.member("debtor") {
		s.debtor(&n.Debtor)
	}
	if s.member("transfers") {
		n.Transfers = make([]bridge.Transfer, 0, 2)
		s.list(func() {
			n.Transfers = append(n.Transfers, bridge.Transfer{})
			s.transfer(&n.Transfers[len(n.Transfers)-1])
		})
	}
	n.Metadata = s.entries()
	s.close('}')
	return !s.lost && s.rest == ""
}

// detailScanner reads forward; once lost it reads nothing more.
type detailScanner struct {
	rest  string
	lost  bool
	first bool // nothing has been read of the object or list
}

func (s *detailScanner) take(prefix string) bool {
	if s.lost || !strings.HasPrefix(s.rest, prefix) {
		return false
	}
	s.rest = s.rest[len(prefix):]
	return true
}

func (s *detailScanner) open(bracket byte) {
	if s.lost || s.rest == "" || s.rest[0] != bracket {
		s.lost = true
		return
	}
	s.rest, s.first = s.rest[1:], true
}

func (s *detailScanner) close(bracket byte) {
	if s.lost || s.rest == "" || s.rest[0] != bracket {
		s.lost = true
		return
	}
	s.rest, s.first = s.rest[1:], false
}

// member takes a name if it is the next one.
func (s *detailScanner) member(name string) bool {
	at := 0
	if !s.first {
		at = 1
	}
	end := at + len(name) + 3
	if s.lost || len(s.rest) < end || at == 1 && s.rest[0] != ',' || s.rest[at] != '"' || s.rest[at+1:end-2] != name || s.rest[end-2:end] != `":` {
		return false
	}
	s.rest, s.first = s.rest[end:], false
	return true
}

// list reads a list of objects.
func (s *detailScanner) list(object func()) {
	s.open('[')
	for !s.lost && !strings.HasPrefix(s.rest, "]") {
		if !s.first && !s.take(",") {
			s.lost = true
			return
		}
		s.open('{')
		object()
		s.close('}')
	}
	s.close(']')
}

func (s *detailScanner) text() string {
	if !s.take(`"`) {
		s.lost = true
		return ""
	}
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			value := s.rest[:i]
			s.rest = s.rest[i+1:]
			return value
		case c == '\\' || c < ' ':
			s.lost = true
			return ""
		}
	}
	s.lost = true
	return ""
}

// maxDetailDigits keeps numbers within an int64.
const maxDetailDigits = 15

func (s *detailScanner) number() int64 {
	var n int64
	i := 0
	for i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9' {
		n = n*10 + int64(s.rest[i]-'0')
		if i++; i > maxDetailDigits {
			break
		}
	}
	if s.lost || i == 0 || i > maxDetailDigits || i > 1 && s.rest[0] == '0' || strings.HasPrefix(s.rest[i:], ".") || strings.HasPrefix(s.rest[i:], "e") || strings.HasPrefix(s.rest[i:], "E") {
		s.lost = true
		return 0
	}
	s.rest = s.rest[i:]
	return n
}

// scanText reads a text that may be left out.
func scanText[T ~string](s *detailScanner, name string, to *T) {
	if s.member(name) {
		*to = T(s.text())
	}
}

func (s *detailScanner) debtor(d *bridge.Debtor) {
	s.open('{')
	scanText(s, "type", &d.Type)
	scanText(s, "fiscalCode", &d.FiscalCode)
	scanText(s, "fullName", &d.FullName)
	scanText(s, "street", &d.StreetName)
	scanText(s, "civic", &d.CivicNumber)
	scanText(s, "postalCode", &d.PostalCode)
	scanText(s, "city", &d.City)
	scanText(s, "province", &d.Province)
	scanText(s, "region", &d.Region)
	scanText(s, "country", &d.Country)
	scanText(s, "email", &d.Email)
	scanText(s, "phone", &d.Phone)
	s.close('}')
}

func (s *detailScanner) transfer(t *bridge.Transfer) {
	if s.member("id") {
		t.ID = int(s.number())
	}
	scanText(s, "ec", &t.EC)
	scanText(s, "companyName", &t.CompanyName)
	if s.member("amountCents") {
		t.Amount = bridge.Cents(s.number())
	}
	scanText(s, "remittance", &t.RemittanceInformation)
	scanText(s, "category", &t.Category)
	scanText(s, "iban", &t.IBAN)
	scanText(s, "postalIban", &t.PostalIBAN)
	if s.member("stamp") {
		t.Stamp = new(bridge.Stamp)
		s.open('{')
		scanText(s, "hash", &t.Stamp.HashDocument)
		scanText(s, "type", &t.Stamp.Type)
		scanText(s, "province", &t.Stamp.ProvincialResidence)
		s.close('}')
	}
	t.Metadata = s.entries()
	scanText(s, "status", &t.Status)
}

func (s *detailScanner) entries() []bridge.Metadata {
	if !s.member("metadata") {
		return nil
	}
	var list []bridge.Metadata
	s.list(func() {
		var e bridge.Metadata
		scanText(s, "k", &e.Key)
		scanText(s, "v", &e.Value)
		list = append(list, e)
	})
	return list
}
