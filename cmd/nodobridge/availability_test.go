package main_test

import (
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

// A station that was killed says how long it did not serve, and a planned stop gives the
// notice to send.
func TestSLA(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	h.Serve().Kill()
	p := h.Serve()
	if out := h.Must("sla"); !strings.Contains(out, "crashed") || !strings.Contains(out, "of 9h0m0s") {
		t.Errorf("after a kill: %s", out)
	}
	if _, body := read(t, p.Admin+"/metrics"); !strings.Contains(body, `nodobridge_unserved_seconds{planned="false"} `) {
		t.Errorf("no metric in %s", body)
	}
	p.Stop()
	p = h.Serve()
	if out := h.Must("sla"); !strings.Contains(out, "stopped") {
		t.Errorf("after a stop: %s", out)
	}
	from := time.Now().Add(100 * time.Hour)
	out := h.Must("maintenance", "--from", from.Format(time.RFC3339), "--to", from.Add(2*time.Hour).Format(time.RFC3339), "--reason", "aggiornamento")
	if !strings.Contains(out, "fermo programmato della stazione 99999999999_01") || strings.Contains(out, "unplanned\n") || !strings.Contains(out, "this stop takes 2h0m0s") {
		t.Errorf("notice: %s", out)
	}
	if out := h.Must("maintenance", "--from", time.Now().Add(time.Hour).Format(time.RFC3339), "--to", from.Format(time.RFC3339), "--reason", "x"); !strings.Contains(out, "counts as unplanned") {
		t.Errorf("late: %s", out)
	}
	p.Stop()
}
