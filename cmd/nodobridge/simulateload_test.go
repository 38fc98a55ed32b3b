package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/internal/fill"
)

// Every operation is asked, answered and counted; a receipt that comes twice is a failure.
func TestSimulateLoad(t *testing.T) {
	t.Parallel()
	const positions = 60
	h := binarytest.New(t, binarytest.SampleConfig)
	if err := fill.Store(t.Context(), filepath.Join(h.Dir, "var"), positions, nil); err != nil {
		t.Fatal(err)
	}
	navs := ""
	for n := range positions {
		navs += string(fill.NAV(n)) + "\n"
	}
	file := filepath.Join(h.Dir, "navs.txt")
	if err := os.WriteFile(file, []byte(navs), 0o600); err != nil {
		t.Fatal(err)
	}
	p := h.Serve()
	load := func(args ...string) (int, string, string) {
		return h.Run(append([]string{"simulate", "load", "--url", p.SOAP, "--connections", "4", "--warmup", "0s"}, args...)...)
	}
	series := []string{"--first", string(fill.NAV(0)), "--count", fmt.Sprint(positions)}
	for _, c := range []struct {
		args []string
		want string // of the output
	}{
		{append(series, "--operation", "verify", "--duration", "300ms"), `paVerifyPaymentNotice +\d+ +\d+ +0 `},
		{[]string{"--navs", file, "--operation", "payment", "--rate", "100", "--spike", "200", "--duration", "300ms"}, `paGetPaymentV2 +40 +\d+ +0 `},
		{append(series, "--operation", "mix", "--duration", "1m"), `(?s)paVerifyPaymentNotice.*paSendRTV2 +30 +\d+ +0 .* all +\d+ .*every notice has had its receipt`},
	} {
		code, out, problem := load(c.args...)
		if code != 0 || !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("%v: exit %d, want %q in\n%s%s", c.args, code, c.want, out, problem)
		}
	}
	// The first half is payable still, so the second meets what the mix has paid.
	code, out, problem := load(append(series, "--operation", "verify", "--duration", "300ms")...)
	if code != 1 || !strings.Contains(out, "failed: paVerifyPaymentNotice: PAA_PAGAMENTO_DUPLICATO: ") || !strings.Contains(problem, "requests failed") {
		t.Errorf("paid notices: exit %d\n%s%s", code, out, problem)
	}
	for _, args := range [][]string{
		{}, {"--first", "302000000000000107"}, append(series, "--navs", file), {"--navs", "nowhere"}, append(series, "--operation", "delete"),
		append(series, "--spike", "5"), append(series, "--rate", "-1"), append(series, "--connections", "0"),
	} {
		if code, out, _ := load(args...); code != 1 || strings.Contains(out, "p99") {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
	p.Stop()
}
