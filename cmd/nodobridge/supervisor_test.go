package main_test

import (
	"net/http"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// The supervisor is told when the station answers, that it lives, and that it ends.
func TestSupervisor_IsTold(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	s := h.Supervise(binarytest.SampleConfig)
	p := s.Serve(2_000_000)
	s.Await("READY=1")
	s.Await("WATCHDOG=1")
	s.Await("WATCHDOG=1")
	res, err := http.Get(p.Admin + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("HTTP %d", res.StatusCode)
	}
	p.Stop()
	s.Await("STOPPING=1")
}

// Sockets that the configuration does not speak of are refused: its rules for plain
// listeners were judged on the addresses that it names.
func TestSupervisor_RefusesOtherSockets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*binarytest.Home, *binarytest.Supervisor)
		why   string
	}{
		"another address": {func(h *binarytest.Home, _ *binarytest.Supervisor) {
			h.Configure(strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`, `soap: {listen: "127.0.0.1:1"}`, 1))
		}, "and soap.listen is 127.0.0.1:1"},
		"an unknown name": {func(_ *binarytest.Home, s *binarytest.Supervisor) { s.Rename("api", "ftp") }, "one each of soap, api, admin is understood"},
		"a name twice":    {func(_ *binarytest.Home, s *binarytest.Supervisor) { s.Rename("api", "soap") }, `2 named \"soap\"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := binarytest.New(t, binarytest.SampleConfig)
			h.Must("init")
			s := h.Supervise(binarytest.SampleConfig)
			c.spoil(h, s)
			code, said := s.Refused()
			if code == 0 || !strings.Contains(said, c.why) && !strings.Contains(said, strings.ReplaceAll(c.why, `\`, "")) {
				t.Errorf("exit %d, want %q in\n%s", code, c.why, said)
			}
		})
	}
}
