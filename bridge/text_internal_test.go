package bridge

import (
	"regexp"
	"strings"
	"testing"
)

// wireEmail is the XSD's own pattern.
var wireEmail = regexp.MustCompile(`^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*$`)

// The short cuts say what the rules say.
func FuzzWireText(f *testing.F) {
	for _, s := range []string{
		"", " ", "a", "a b", " a", "a ", "a  b", "a\tb", "a\x7f", "à b", "TARI 2026", "a\x00", strings.Repeat("a b ", 40), "\xff",
		"a@b", "a.b+c-d_e@f-g.h", "@b", "a@", "a@.b", "a@b.", "a@b..c", "a@b@c", "a b@c", "à@b", "a@à", "a@b\n", "a",
	} {
		f.Add(s, 16)
	}
	f.Fuzz(func(t *testing.T, s string, max int) {
		if max < 1 || max > 200 {
			max = 70
		}
		if got, want := line(s, max), madeLine(s, max); got != want {
			t.Errorf("line(%q, %d) is %q, want %q", s, max, got, want)
		}
		if got, want := isWireEmail(s), wireEmail.MatchString(s); got != want {
			t.Errorf("%q is an address: %v, want %v", s, got, want)
		}
	})
}
