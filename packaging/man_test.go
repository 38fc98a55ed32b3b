package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// The manual page names each command that does something and each exit code, and no
// other.
func TestManualPageNamesEveryCommand(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("nodobridge.1")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?m)^\.TP\n\.B (.+)$`).FindAllStringSubmatch(string(page), -1)
	var commands, codes []string
	for _, m := range named {
		if strings.Trim(m[1], "0123456789") == "" {
			codes = append(codes, m[1])
		} else {
			commands = append(commands, m[1])
		}
	}
	slices.Sort(commands)
	if want := commandsBelow(t); !slices.Equal(commands, want) {
		t.Errorf("the page names\n%q, the program has\n%q", commands, want)
	}
	if want := exitCodes(t); !slices.Equal(codes, want) {
		t.Errorf("the page has exit codes %q, the program %q", codes, want)
	}
}

// commandsBelow asks the program itself, level by level, for what can be run.
func commandsBelow(t *testing.T, path ...string) (all []string) {
	t.Helper()
	help := run(t, ".", binarytest.Program(), append(slices.Clone(path), "--help")...)
	if len(path) > 0 && regexp.MustCompile(`(?m)^  nodobridge `+strings.Join(path, " ")+`( \[?[A-Z-].*| \[flags\])?$`).MatchString(help) {
		all = append(all, strings.Join(path, " "))
	}
	_, list, found := strings.Cut(help, "Available Commands:\n")
	if !found {
		return all
	}
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		name := strings.Fields(line)[0]
		if name != "help" && name != "completion" {
			all = append(all, commandsBelow(t, append(slices.Clone(path), name)...)...)
		}
	}
	slices.Sort(all)
	return all
}

func exitCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../cmd/nodobridge/*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{"0"}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\s*(?:const )?exit[A-Z]\w* += (\d+)\b`).FindAllStringSubmatch(string(text), -1) {
			codes = append(codes, m[1])
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// The page is one that man understands without a warning.
func TestManualPageIsWellFormed(t *testing.T) {
	t.Parallel()
	needs(t, "man")
	cmd := exec.CommandContext(t.Context(), "man", "--warnings", "-l", "nodobridge.1")
	cmd.Env = append(os.Environ(), "MANPAGER=cat", "MANWIDTH=100")
	var out, problem strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil || problem.Len() > 0 || !strings.Contains(out.String(), "EXIT STATUS") {
		t.Errorf("man: %v\n%s%s", err, problem.String(), out.String())
	}
}
