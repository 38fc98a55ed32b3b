package hostile_test

import (
	"regexp"
	"strconv"
)

var allocatedForm = regexp.MustCompile(`nodobridge_heap_allocated_bytes_total ([0-9]+)`)

// allocated is what the station has allocated since its start.
func (s *scene) allocated() int64 {
	s.t.Helper()
	found := allocatedForm.FindStringSubmatch(s.p.Metrics())
	if found == nil {
		s.t.Fatal("the metrics say nothing of the heap")
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
