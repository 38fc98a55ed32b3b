package bridge

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Cents is an amount of money in euro cents. It is the only representation of
// money in the program: JSON carries it as an integer, the wire as digits with
// exactly two decimals (XSD stAmount), no float exists on the way.
type Cents int64

// MaxAmount is the largest amount the wire can express, 999999999.99 euro
// (XSD paForNode.xsd stAmountNotZero, maxInclusive).
const MaxAmount Cents = 99_999_999_999

var errAmount = errors.New("amount must be digits, a point and two decimals, at most 999999999.99")

// String writes the amount as the wire does: "120.00". A negative amount, which
// only a difference can be, carries a leading minus.
func (c Cents) String() string {
	sign, n := "", c
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strconv.FormatInt(int64(n/100), 10) + "." + string([]byte{byte('0' + n/10%10), byte('0' + n%10)})
}

// ParseCents reads "120.00". It accepts leading zeros, as XSD stAmount does, and
// refuses signs, exponents, other decimals and non-ASCII digits.
func ParseCents(s string) (Cents, error) {
	if len(s) < 4 || s[len(s)-3] != '.' {
		return 0, errAmount
	}
	var n Cents
	for i := 0; i < len(s); i++ {
		if i == len(s)-3 {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, errAmount
		}
		n = n*10 + Cents(s[i]-'0')
		if n > MaxAmount {
			return 0, errAmount
		}
	}
	return n, nil
}

// Plus adds two amounts of a peer's and stops at the largest int64: a hostile sum
// must not wrap round to a plausible one.
func (c Cents) Plus(other Cents) Cents {
	if other > 0 && c > math.MaxInt64-other {
		return math.MaxInt64
	}
	return c + other
}

// sumCents adds amounts and reports an overflow of MaxAmount instead of
// wrapping round.
func sumCents(amounts ...Cents) (Cents, error) {
	var total Cents
	for _, a := range amounts {
		if a < 0 || a > MaxAmount || total > MaxAmount-a {
			return 0, fmt.Errorf("the sum of the amounts exceeds %s", MaxAmount)
		}
		total += a
	}
	return total, nil
}
