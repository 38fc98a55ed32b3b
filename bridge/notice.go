package bridge

import (
	"fmt"
	"strings"
)

// NoticeNumber (NAV, "numero avviso") is the number printed on a payment notice.
// On the wire it is 18 digits (XSD stNoticeNumber); see notices.md §1.1:
//
//	0 + application code(2) + base(13) + check(2)   deprecated
//	1 + base(17)                                    deprecated, no check digits
//	2 + base(15) + check(2)                         deprecated
//	3 + segregation code(2) + base(13) + check(2)   the only one for new notices
//
// GPD accepts any text as a NAV (gpd-api.md §6.1 row 3), so a stored NAV need
// not have this form; such a notice can never be asked for by the node.
type NoticeNumber string

// IUV (creditorReferenceId) identifies the payment within the EC. For a notice
// with aux digit 3 it is the NAV without its first digit (17 digits).
type IUV string

// ProbeNotice is the node's liveness probe: a paVerifyPaymentNotice for it is
// always answered "unknown", from memory (soap-node.md §0 rule 3). It passes
// the check digits, so no position may ever own it.
const ProbeNotice NoticeNumber = "000000000000000000"

// checkModulus gives the two check digits as a remainder (notices.md §1.1), so
// 93 to 99 are never valid.
const checkModulus = 93

// ParseNoticeNumber accepts the 18-digit form with aux digit 0 to 3 and valid
// check digits where the form has any.
func ParseNoticeNumber(s string) (NoticeNumber, error) {
	nav := NoticeNumber(s)
	switch {
	case len(s) != 18 || !allDigits(s):
		return "", fmt.Errorf("the notice number must be 18 digits")
	case nav == ProbeNotice:
		return "", fmt.Errorf("the notice number of eighteen zeros is reserved to the node's probe")
	case s[0] > '3':
		return "", fmt.Errorf("the notice number must begin with aux digit 0, 1, 2 or 3")
	case s[0] != '1' && s[16:] != checkDigits(s[:16]):
		return "", fmt.Errorf("the notice number's check digits are wrong")
	}
	return nav, nil
}

// NewNoticeNumber makes the NAV of a new notice: aux digit 3, the segregation
// code (two digits) and a base below 10^13, with its check digits.
func NewNoticeNumber(segregation string, base int64) (NoticeNumber, error) {
	if len(segregation) != 2 || !allDigits(segregation) {
		return "", fmt.Errorf("the segregation code must be two digits")
	}
	if base < 0 || base >= 1e13 {
		return "", fmt.Errorf("the notice base must have at most 13 digits")
	}
	head := fmt.Sprintf("3%s%013d", segregation, base)
	return NoticeNumber(head + checkDigits(head)), nil
}

// IUV gives the creditor reference that the notice number implies: aux digit 0
// drops three digits, the others one (notices.md §1.1).
func (n NoticeNumber) IUV() IUV {
	if len(n) != 18 {
		return ""
	}
	if n[0] == '0' {
		return IUV(n[3:])
	}
	return IUV(n[1:])
}

// Printed groups the digits as on the notice: "3010 0000 0000 0042 85".
func (n NoticeNumber) Printed() string {
	var b strings.Builder
	for i, digit := range string(n) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// NoticeNumber gives GPD's default NAV for an uploaded IUV: aux digit 3 in front
// of it (gpd-api.md §1.2 nav).
func (i IUV) NoticeNumber() NoticeNumber { return NoticeNumber("3" + string(i)) }

// checkDigits is the remainder of head modulo 93 on two digits. head has at most
// 16 digits and so fits an int64.
func checkDigits(head string) string {
	var n int64
	for i := 0; i < len(head); i++ {
		n = n*10 + int64(head[i]-'0')
	}
	n %= checkModulus
	return string([]byte{byte('0' + n/10), byte('0' + n%10)})
}

// ParseReferenceRF checks a structured creditor reference (ISO 11649, "RF" +
// check + up to 21 letters or digits): rotated by four characters and with
// letters as 10 to 35 it is 1 modulo 97 (notices.md §1.2). Such an IUV can be
// uploaded and come back in receipts, but a printed notice always has a NAV.
func ParseReferenceRF(s string) (IUV, error) {
	if len(s) < 5 || len(s) > 25 || s[:2] != "RF" {
		return "", fmt.Errorf("the creditor reference must be RF, two check digits and 1 to 21 letters or digits")
	}
	if mod97(s[4:]+s[:4]) != 1 {
		return "", fmt.Errorf("the creditor reference's check digits are wrong")
	}
	return IUV(s), nil
}

// mod97 reads letters as 10 (A) to 35 (Z), as ISO 7064 does for RF references
// and IBANs; any other character gives -1.
func mod97(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n = (n*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			n = (n*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return n
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
