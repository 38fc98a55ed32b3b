package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// TestAuthenticate_TakesAsLongForAnUnknownKey is reliability-security.md §8 G17: over
// 10,000 checks each, the medians of a known id with a wrong secret and of an unknown id
// differ by less than 5 %. Other programs disturb a measurement, a leak disturbs all.
func TestAuthenticate_TakesAsLongForAnUnknownKey(t *testing.T) {
	const samples, each, attempts = 100, 100, 20
	s := newWorld(t)
	key, err := s.CreateKey(t.Context(), bridge.Key{Name: "timing", ECs: []bridge.ECBinding{{EC: testkit.EC, Segregations: []string{"02"}}}})
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Repeat("A", 43)
	known, unknown := "nb_"+strings.Split(key, "_")[1]+"_"+wrong, "nb_000000000000_"+wrong
	measure := func(presented string) time.Duration {
		began := time.Now()
		for range each {
			if _, err := s.Authenticate(t.Context(), presented); bridge.CodeOf(err) != bridge.CodeKeyInvalid {
				t.Fatal(err)
			}
		}
		return time.Since(began)
	}
	for range attempts {
		var a, b []time.Duration
		for range samples {
			a, b = append(a, measure(known)), append(b, measure(unknown))
		}
		slices.Sort(a)
		slices.Sort(b)
		first, second := a[samples/2], b[samples/2]
		t.Logf("known id %s, unknown id %s", first/each, second/each)
		if (first-second).Abs()*20 < min(first, second) {
			return
		}
	}
	t.Error("the medians differ by 5 % or more, however often they are taken")
}

// A key that was revoked while it was in use is refused at once, and a new one known.
func TestAuthenticate_KnowsChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	order := bridge.Key{Name: "changes", ECs: []bridge.ECBinding{{EC: testkit.EC}}}
	for range 3 {
		key, err := s.CreateKey(t.Context(), order)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Authenticate(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		id := strings.Split(key, "_")[1]
		next, err := s.RotateKey(t.Context(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Authenticate(t.Context(), key); bridge.CodeOf(err) != bridge.CodeKeyInvalid {
			t.Errorf("after its end: %v", err)
		}
		if _, err := s.Authenticate(t.Context(), next); err != nil {
			t.Error(err)
		}
		if err := s.RevokeKey(t.Context(), strings.Split(next, "_")[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Authenticate(t.Context(), next); bridge.CodeOf(err) != bridge.CodeKeyInvalid {
			t.Errorf("revoked: %v", err)
		}
	}
}
