package bridge

import (
	"fmt"
	"regexp"
	"strings"
)

// FiscalCode identifies a person towards the tax office: 16 characters for a
// natural person, 11 digits for a company (and, provisionally, for a person).
type FiscalCode string

// personCode is the form of a natural person's code. In place of a digit there may
// be one of LMNPQRSTUV, where two persons would have had one code ("omocodia").
var personCode = regexp.MustCompile(`^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`)

// oddValue is what a character counts in an odd place of a person's code, for 0
// to 9 and likewise A to Z (D.M. 23 December 1976, table of the control letter);
// in an even place a character counts its own rank.
var oddValue = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// ParseFiscalCode accepts, in any case of letters, a person's code with its
// control letter, a company's with its control digit, and ANONIMO, which the node
// takes for a debtor that is not known (soap-node.md §2.3 debtor).
func ParseFiscalCode(s string) (FiscalCode, error) {
	code := strings.ToUpper(s)
	switch {
	case code == anonymous:
	case len(code) == 11 && allDigits(code):
		if code[10] != companyControl(code) {
			return "", fmt.Errorf("the control digit of the fiscal code is wrong")
		}
	case personCode.MatchString(code):
		if code[15] != personControl(code) {
			return "", fmt.Errorf("the control letter of the fiscal code is wrong")
		}
	default:
		return "", fmt.Errorf("the fiscal code must be 16 characters of a person, 11 digits of a company, or %s", anonymous)
	}
	return FiscalCode(code), nil
}

// personControl is the sixteenth character for the fifteen before it.
func personControl(code string) byte {
	sum := 0
	for i := range 15 {
		rank := int(code[i] - '0')
		if code[i] >= 'A' {
			rank = int(code[i] - 'A')
		}
		if i%2 == 0 { // the first place is odd
			rank = oddValue[rank]
		}
		sum += rank
	}
	return byte('A' + sum%26)
}

// companyControl is the eleventh digit for the ten before it (notices.md §1.5).
func companyControl(code string) byte {
	sum := 0
	for i := range 10 {
		digit := int(code[i] - '0')
		if i%2 == 1 {
			digit *= 2
			if digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return byte('0' + (10-sum%10)%10)
}
