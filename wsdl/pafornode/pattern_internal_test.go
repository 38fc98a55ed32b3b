package pafornode

import (
	"strings"
	"testing"
)

// TestPattern_ReadsCharacters: the contract's own patterns leave no room for
// characters beyond ASCII, so this one stands for a later one: one ASCII letter,
// one other digit (\d of XML Schema), one character of the rest.
func TestPattern_ReadsCharacters(t *testing.T) {
	t.Parallel()
	p := pattern{
		class:  strings.Repeat("\x00", 128) + "\x01\x02",
		width:  3,
		start:  1,
		accept: 4,
		next: []uint8{
			0, 0, 0, // 0
			2, 0, 0, // 1
			0, 3, 0, // 2
			0, 0, 4, // 3
			0, 0, 0, // 4
		},
	}
	for s, want := range map[string]bool{
		"a١è": true, "a٣\uFFFD": true, "a９\U0001F600": true,
		"": false, "a": false, "a1è": false, "aè١": false, "a١": false, "a١èè": false, "a١\xE8": false,
	} {
		if got := p.match(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}
