package codes_test

import (
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/notice/codes"
)

// FuzzQRText: what is said of a payment is told whole or refused, never told wrongly
// (reliability-security.md §8 G10 "QR/notice codes").
func FuzzQRText(f *testing.F) {
	f.Add("470000008800999051", "99999000013", int64(150000))
	f.Add("470000008800999051|", "99999000013", int64(0))
	f.Add("٤70000008800999051", "", int64(-1))
	f.Fuzz(func(t *testing.T, nav, ec string, amount int64) {
		text, err := codes.QRText(codes.Payment{NAV: bridge.NoticeNumber(nav), EC: bridge.ECCode(ec), Amount: bridge.Cents(amount)})
		if err != nil {
			return
		}
		fields := strings.Split(text, "|")
		if len(fields) != 5 || fields[0] != "PAGOPA" || fields[1] != "002" || fields[2] != nav || fields[3] != ec {
			t.Fatalf("%q of %q, %q, %d", text, nav, ec, amount)
		}
		cents, err := bridge.ParseCents(euros(fields[4]))
		if err != nil || cents != bridge.Cents(amount) {
			t.Fatalf("%q is not %d cents: %v", fields[4], amount, err)
		}
		if _, err := codes.QR(text); err != nil {
			t.Fatalf("%q cannot be drawn: %v", text, err)
		}
	})
}

// euros writes cents of at least two digits as the wire does.
func euros(cents string) string {
	if len(cents) < 2 {
		return cents
	}
	whole := strings.TrimLeft(cents[:len(cents)-2], "0")
	if whole == "" {
		whole = "0"
	}
	return whole + "." + cents[len(cents)-2:]
}
