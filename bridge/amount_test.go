package bridge_test

import (
	"testing"

	"nodobridge/bridge"
)

func TestParseCents(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		want       bridge.Cents
		refused    bool
	}{
		{name: "plain", text: "120.00", want: 12000},
		{name: "one cent", text: "0.01", want: 1},
		{name: "leading zeros", text: "010.00", want: 1000},
		{name: "many leading zeros", text: "0000000000000000000000000001.00", want: 100},
		{name: "largest", text: "999999999.99", want: bridge.MaxAmount},
		{name: "too large", text: "1000000000.00", refused: true},
		{name: "thirty digits", text: "999999999999999999999999999999.00", refused: true},
		{name: "no decimals", text: "10", refused: true},
		{name: "one decimal", text: "10.0", refused: true},
		{name: "three decimals", text: "10.000", refused: true},
		{name: "plus", text: "+10.00", refused: true},
		{name: "minus", text: "-10.00", refused: true},
		{name: "comma", text: "10,00", refused: true},
		{name: "exponent", text: "1e2.00", refused: true},
		{name: "no integer part", text: ".50", refused: true},
		{name: "Arabic digits", text: "١٢٣.٠٠", refused: true},
		{name: "empty", text: "", refused: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := bridge.ParseCents(c.text)
			if (err != nil) != c.refused || got != c.want {
				t.Fatalf("ParseCents(%q) = %d, %v; want %d, refused %v", c.text, got, err, c.want, c.refused)
			}
		})
	}
}

func TestCentsString_ReadsBack(t *testing.T) {
	t.Parallel()
	for _, c := range []bridge.Cents{0, 1, 9, 10, 99, 100, 101, 12000, bridge.MaxAmount} {
		back, err := bridge.ParseCents(c.String())
		if err != nil || back != c {
			t.Fatalf("%d was written as %q and read as %d, %v", c, c.String(), back, err)
		}
	}
	if got := bridge.Cents(-1050).String(); got != "-10.50" {
		t.Fatalf("a negative difference was written as %q", got)
	}
}

func FuzzParseCents(f *testing.F) {
	for _, seed := range []string{"120.00", "0.00", "999999999.99", "1e2", "+1.00", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := bridge.ParseCents(text)
		if err != nil {
			return
		}
		if c < 0 || c > bridge.MaxAmount {
			t.Fatalf("%q was read as %d", text, c)
		}
		if back, err := bridge.ParseCents(c.String()); err != nil || back != c {
			t.Fatalf("%q was read as %d, written as %q", text, c, c.String())
		}
	})
}
