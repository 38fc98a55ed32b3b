package bridge

import (
	"strings"
	"sync"
	"testing"
)

// TestSeries_Million is notices.md §9 row 1: a million numbers of one series, drawn by eight
// at once, are each unique, 18 digits, of the series' code and with right check digits.
func TestSeries_Million(t *testing.T) {
	t.Parallel()
	total := 1_000_000
	if testing.Short() {
		total = 20_000
	}
	const drawers = 8
	series := NumberSeries{Key: []byte(strings.Repeat("k", seriesKeyBytes))}
	drawn := make([][]NoticeNumber, drawers)
	var group sync.WaitGroup
	for i := range drawers {
		group.Go(func() {
			own := series
			for own.Next = int64(i); own.Next < int64(total); own.Next += drawers {
				nav, err := own.number("47")
				if err != nil {
					t.Error(err)
					return
				}
				drawn[i] = append(drawn[i], nav)
			}
		})
	}
	group.Wait()
	seen := make(map[NoticeNumber]struct{}, total)
	for _, list := range drawn {
		for _, nav := range list {
			if _, err := ParseNoticeNumber(string(nav)); err != nil || nav[:3] != "347" {
				t.Fatalf("%s: %v", nav, err)
			}
			seen[nav] = struct{}{}
		}
	}
	if len(seen) != total {
		t.Errorf("%d numbers are different of %d", len(seen), total)
	}
}
