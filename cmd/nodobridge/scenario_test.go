package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

// Every story in scenarios/ comes true at a station of ours.
func TestScenario_ShippedStoriesComeTrue(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../scenarios/*.story")
	if err != nil || len(files) < 7 {
		t.Fatalf("stories %v, %v", files, err)
	}
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	n := int64(0)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		story, err := nodesim.ParseScenario(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		args := []string{"simulate", "scenario", file, "--url", p.SOAP}
		for _, name := range story.Names() {
			n++
			p.Upload(key, binarytest.Position(n, 12000))
			args = append(args, "--notice", fmt.Sprintf("%s=%s", name, binarytest.NAV(n)))
		}
		code, out, problem := h.Run(args...)
		if code != 0 || !strings.Contains(out, "✓ every answer was as expected") || strings.Contains(out, "✗") {
			t.Errorf("%s: exit %d\n%s%s", file, code, out, problem)
		}
	}
	p.Stop()
}

func TestScenario_Endings(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	broken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(broken.Close)
	nav := string(binarytest.NAV(1))
	for _, c := range []struct {
		name, story string
		args        []string
		code        int
		says        []string
		silent      string
	}{
		{"the configuration says who the station is", "verify " + nav + ": OK", nil, 0, []string{"✓ verify", "OK 120.00, after", "told to " + p.SOAP}, "✗"},
		{"a notice named by a flag", "notice A is 302000000000000000\nverify A: OK 120.00", []string{"--notice", "A=" + nav}, 0, []string{"✓ every answer"}, "✗"},
		{"an unmet expectation ends the story", "verify " + nav + ": KO\nprobe: KO", nil, 1, []string{"✗ verify", "but the station said OK 120.00", "line 1: verify " + nav + ": KO: want KO, got OK 120.00"}, "probe"},
		{"or not", "verify " + nav + ": KO\nprobe: KO\nverify " + nav + ": OK 1.00", []string{"--keep-going"}, 1, []string{"✓ probe", "line 1:", "line 3:"}, "every answer"},
		{"messages are printed on request", "probe: KO", []string{"--trace"}, 0, []string{"paVerifyPaymentNotice: the node asks", "000000000000000000"}, "✗"},
		{"a story that cannot be read", "verify A: OK\nverfy", nil, 1, []string{`line 1, word 2: found "A"`, `line 2, word 1: found "verfy", expected verify, activate`}, "told to"},
		{"a flag for a notice that is not there", "probe: KO", []string{"--notice", "B=" + nav}, 1, []string{"the story has none of that name"}, "✓"},
		{"nobody is there", "the station is http://127.0.0.1:1/\nprobe: KO", nil, 69, []string{"✗ probe", "PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE"}, "every answer"},
		{"that nobody is there can be expected", "the station is http://127.0.0.1:1/\nprobe: no answer PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE", nil, 0, []string{"✓ probe"}, "✗"},
		{"what is there is no station", "the station is " + broken.URL + "\nprobe: KO", nil, 1, []string{"PPT_STAZIONE_INT_PA_ERRORE_RESPONSE", "HTTP status is 404"}, "every answer"},
	} {
		file := filepath.Join(t.TempDir(), "test.story")
		if err := os.WriteFile(file, []byte(c.story), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, problem := h.Run(append([]string{"simulate", "scenario", file, "--url", p.SOAP}, c.args...)...)
		for _, says := range c.says {
			if !strings.Contains(out+problem, says) {
				t.Errorf("%s: does not say %q", c.name, says)
			}
		}
		if code != c.code || strings.Contains(out, c.silent) {
			t.Errorf("%s: exit %d, want %d\n%s%s", c.name, code, c.code, out, problem)
		}
	}
	p.Stop()
}
