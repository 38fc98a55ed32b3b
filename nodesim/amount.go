package nodesim

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Cents is an amount in euro cents. No floating point touches money here.
type Cents int64

// maxAmount is the largest amount of the contract, 999999999.99 (XSD stAmount).
const maxAmount Cents = 99_999_999_999

// XSD stAmount: two decimals and nothing else; no sign, no comma, no bare integer (soap-node §2.1).
var amountForm = regexp.MustCompile(`^[0-9]+\.[0-9]{2}$`)

// String writes the amount as the contract wants it, 12.50.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// ParseCents reads an amount in the only form the contract allows.
func ParseCents(text string) (Cents, error) {
	if !amountForm.MatchString(text) {
		return 0, fmt.Errorf("cannot read amount %q: want digits, a point and two digits", text)
	}
	digits := strings.TrimLeft(strings.Replace(text, ".", "", 1), "0")
	if digits == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if errors.Is(err, strconv.ErrRange) || Cents(n) > maxAmount {
		return 0, fmt.Errorf("cannot read amount %q: it is above %s", text, maxAmount)
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read amount %q: %w", text, err)
	}
	return Cents(n), nil
}
