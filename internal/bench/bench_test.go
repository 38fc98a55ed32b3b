package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

// The whole run in small against the built program: every table has its figures, and the
// plot is a picture.
func TestRun(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("the measured process and the driver need a core each")
	}
	t.Parallel()
	dir := t.TempDir()
	bench := filepath.Join(dir, "bench")
	build := exec.Command("go", "build", "-tags", "sqlite_omit_load_extension,osusergo,netgo", "-o", bench, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	document, plot := filepath.Join(dir, "performance.md"), filepath.Join(dir, "performance.svg")
	if err := os.WriteFile(document, []byte("# Performance\n\n<!-- run small -->\nold figures\n<!-- end of run small -->\nThe end.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), bench, "run", "-binary", binarytest.Program(), "-dir", filepath.Join(dir, "stores"), "-sizes", "200,5000",
		"-round", "100ms", "-rounds", "1", "-calls", "200", "-label", "small", "-document", document, "-plot", plot)
	var problem bytes.Buffer
	run.Stderr = &problem
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, problem.String())
	}
	written, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	text := string(written)
	if strings.Contains(text, "old figures") || !strings.HasPrefix(text, "# Performance\n") || !strings.HasSuffix(text, "The end.\n") || !strings.Contains(text, string(out)) {
		t.Errorf("the document is\n%s", text)
	}
	for _, part := range []string{
		"| paVerifyPaymentNotice | 200 |", "| paGetPaymentV2 | 5000 |", "\n| 64 | ", "\n| 1 | ", "paGetPaymentV2, cost at 5000 positions against 200", "size of the program",
		"start with 5000 positions", "memory at rest", "list, GPD's pages 0 to 9", "search, page by cursor", "paVerifyPaymentNotice, open loop at", "constant", "spike", "after 20 and 200 mixed calls", "massive upload of 20 positions",
	} {
		if strings.Count(text, part) != 1 {
			t.Errorf("%q is there %d times", part, strings.Count(text, part))
		}
	}
	picture, err := os.ReadFile(plot)
	if err != nil {
		t.Fatal(err)
	}
	if n := wellFormed(t, picture)["polyline"]; n != 3 {
		t.Errorf("the plot has %d lines, want 3", n)
	}
}

// wellFormed counts the elements of a document by name.
func wellFormed(t *testing.T, document []byte) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		if start, ok := token.(xml.StartElement); ok {
			counts[start.Name.Local]++
		}
	}
}

func TestCPUOf(t *testing.T) {
	t.Parallel()
	got, err := cpuOf([]byte("42 (a ) b) S 1 42 42 0 -1 4194560 100 0 0 0 123 45 0 0 20 0 8 0 100 1 1\n"))
	if err != nil || got != 1680*time.Millisecond {
		t.Errorf("%v, %v; want 1.68s", got, err)
	}
	for _, bad := range []string{"", "42 (x) S 1", "42 (x) S 1 2 3 4 5 6 7 8 9 10 x y z"} {
		if _, err := cpuOf([]byte(bad)); err == nil {
			t.Errorf("%q: no refusal", bad)
		}
	}
}

func TestScattered_PaysEachNoticeOnce(t *testing.T) {
	t.Parallel()
	for _, positions := range []int{1, 7, 1000, 12345} {
		seen := map[int]bool{}
		for n := range positions {
			seen[scattered(n, positions)] = true
		}
		if len(seen) != positions {
			t.Errorf("%d of %d notices", len(seen), positions)
		}
	}
}

// A plot's numbers stay within its frame, also where one size was measured.
func TestPlot_OneSize(t *testing.T) {
	t.Parallel()
	one := []sample{{cpu: 400 * time.Microsecond}}
	r := &results{reads: []comparison{{operation: "paVerifyPaymentNotice", positions: 10, station: one, static: one}}}
	counts := wellFormed(t, r.plot(&machine{commit: "abc"}))
	if counts["circle"] != 2 {
		t.Errorf("%v", counts)
	}
	if got := fmt.Sprint(axes{10, 10, 50}.x(10)); got != fmt.Sprint(plotLeft+plotInnerW/2) {
		t.Errorf("x is %s", got)
	}
}
