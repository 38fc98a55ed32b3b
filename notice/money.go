package notice

import (
	"strconv"
	"time"

	"nodobridge/bridge"
)

// euros writes an amount as Italians do: 1.020,99.
func euros(c bridge.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	whole := strconv.FormatInt(int64(c/100), 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return sign + whole + "," + string([]byte{byte('0' + c/10%10), byte('0' + c%10)})
}

// day writes a date as Italians do: 31/12/2026; "" for none.
func day(d bridge.Day) string {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return at.Format("02/01/2006")
}
