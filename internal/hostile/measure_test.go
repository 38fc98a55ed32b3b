package hostile_test

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
)

var allocatedForm = regexp.MustCompile(`nodobridge_heap_allocated_bytes_total ([0-9]+)`)

// metrics is what the station tells its monitoring.
func (s *scene) metrics() string {
	s.t.Helper()
	res, err := http.Get(s.p.Admin + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// allocated is what the station has allocated since its start.
func (s *scene) allocated() int64 {
	s.t.Helper()
	found := allocatedForm.FindStringSubmatch(s.metrics())
	if found == nil {
		s.t.Fatal("the metrics say nothing of the heap")
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
