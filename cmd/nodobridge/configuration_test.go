package main_test

import (
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// Issue 5, 4: a change of the configuration is in the journal, once.
func TestConfiguration_ChangesAreJournalled(t *testing.T) {
	t.Parallel()
	fixed := binarytest.SampleConfig + "checkout: {url: \"https://checkout.example.it/v2\", key: geheim}\n"
	h := binarytest.New(t, fixed)
	h.Must("init")
	h.Serve().Stop()
	count := func() int { return countRows(t, h, `SELECT count(*) FROM journal WHERE action = 'config.change'`) }
	if n := count(); n != 1 {
		t.Errorf("after the first start: %d records", n)
	}
	h.Configure(strings.Replace(fixed, "geheim", "anders", 1))
	p := h.Serve()
	p.Hangup()
	p.Await("configuration reloaded")
	h.Configure(strings.Replace(fixed, "Comune di Altrove", "Comune Nuovo", 1))
	p.Hangup()
	p.Await("configuration reloaded")
	p.Stop()
	if n := count(); n != 2 {
		t.Errorf("after a reload with another name: %d records", n)
	}
	if n := countRows(t, h, `SELECT count(*) FROM journal WHERE action = 'config.change' AND detail = 'reload' AND length(object) = 64`); n != 1 {
		t.Errorf("records of reloads: %d", n)
	}
}
