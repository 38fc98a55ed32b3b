package bridge

import (
	"fmt"
	"strings"
)

// IBAN is an account number (ISO 13616): country, two check digits, account; no
// blanks, capital letters.
type IBAN string

// italianIBAN is the length of an IBAN of Italy or San Marino: country and check
// digits, the CIN letter, ABI and CAB of five digits, an account of twelve.
const italianIBAN = 27

// ParseIBAN accepts an IBAN whose check digits hold, and for Italy and San Marino
// whose parts have their form too.
func ParseIBAN(s string) (IBAN, error) {
	switch {
	case len(s) < 15 || len(s) > 34 || !isLetter(s[0]) || !isLetter(s[1]) || !allDigits(s[2:4]):
		return "", fmt.Errorf("must be an IBAN: country, two check digits and account, 15 to 34 capital letters and digits without blanks")
	case mod97(s[4:]+s[:4]) == -1:
		return "", fmt.Errorf("must hold capital letters and digits only")
	case mod97(s[4:]+s[:4]) != 1:
		return "", fmt.Errorf("the check digits of the IBAN are wrong")
	}
	if country := s[:2]; country == "IT" || country == "SM" {
		if len(s) != italianIBAN || !isLetter(s[4]) || !allDigits(s[5:15]) {
			return "", fmt.Errorf("an IBAN of %s must have 27 characters: a letter, ABI and CAB of five digits and the account", country)
		}
	}
	return IBAN(s), nil
}

// PostalAccount is the number of the account, twelve characters, when the IBAN is
// one of Poste Italiane, else "" (notices.md §1.5).
func (i IBAN) PostalAccount() string {
	if len(i) != italianIBAN || !strings.HasPrefix(string(i), "IT") || string(i[5:10]) != postalABI {
		return ""
	}
	return string(i[15:])
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }
