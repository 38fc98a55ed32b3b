package binarytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Reaches inside the package: a test of what fails tests.
func TestCanaries(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`{"msg":"RSSMRA80A01H501U"}`: true, `{"iban":"IT60X0542811101000000123456"}`: true, `{"key":"nb_0123456789ab_secret"}`: true, `{"nav":"302000000000004535"}`: true,
		`{"name":"Mario Rossi"}`: true, `{"x":"CaNaRy"}`: true, `{"x":"Via Kanarienvogel"}`: true,
		`{"time":"2026-11-27T07:09:38.566372749Z","ec":"77777777777","notice":"0123456789ab","key":"0123456789ab","status":200,"duration":31853}`: false,
		`{"request_id":"DHWWGTUV76L27G637RB3EY53ZG"}`:           false,
		`{"peer":"127.0.0.1:41234","us":302000000000004535123}`: false,
	} {
		if found := told(line) != ""; found != want {
			t.Errorf("%s: found is %v, want %v", line, found, want)
		}
	}
}

// TestKeptLogs searches the logs that the suite's stations have left; "make canaries" runs
// the suite before. Reaches inside the package for the canaries.
func TestKeptLogs(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(keptLogs)
	if dir == "" {
		t.Skip(keptLogs + " is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "station-*.log"))
	if err != nil {
		t.Fatal(err)
	}
	lines, calls, hits := 0, 0, 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			lines++
			if strings.Contains(line, `"request_id":`) || strings.Contains(line, `"operation":`) {
				calls++
			}
			if c := told(line); c != "" {
				hits++
				t.Errorf("%s: what matches %s: %s", name, c, line)
			}
		}
	}
	t.Logf("canaries: %d logs, %d lines, %d of them of calls, %d hits", len(files), lines, calls, hits)
	if len(files) < 50 || calls < 1000 {
		t.Error("the suite has left too little to search")
	}
}

// A log is kept with its lines, none without them or without a folder.
func TestKeepLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, lines := range [][]string{nil, {"a", "b"}, {"c"}} {
		if err := keepLog(dir, lines); err != nil {
			t.Fatal(err)
		}
	}
	if err := keepLog("", []string{"a"}); err != nil {
		t.Error(err)
	}
	if err := keepLog(filepath.Join(dir, "missing"), []string{"a"}); err == nil {
		t.Error("a folder that is not there keeps logs")
	}
	files, err := filepath.Glob(filepath.Join(dir, "station-*.log"))
	if err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}
