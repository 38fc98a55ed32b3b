package binarytest

import (
	"errors"
	"os"
	"regexp"
	"strings"
)

// canaries are what the samples of this package, of nodesim and of tests say of people,
// and what keys and notice numbers look like. None of it may be in a log, whatever a test
// does (reliability-security.md §8 G18).
var canaries = []*regexp.Regexp{
	// A person's fiscal code; one request id in some ten thousand has the like inside.
	regexp.MustCompile(`\b[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b`),
	regexp.MustCompile(`IT[0-9]{2}[A-Z][0-9]{10}`),                   // the beginning of an IBAN
	regexp.MustCompile(`nb_[0-9a-f]{12}_`),                           // a key
	regexp.MustCompile(`(^|[^0-9A-Za-z])3[0-9]{17}([^0-9A-Za-z]|$)`), // a notice number
	regexp.MustCompile(`(?i)canary|kanarienvogel`),
	regexp.MustCompile(`Mario Rossi`),
}

// namesNobody fails a test whose station has logged a person's data, a key or a notice
// number.
func (p *Process) namesNobody() {
	p.t.Helper()
	lines := p.said.atLeast(0, 0)
	for _, line := range lines {
		if c := told(line); c != "" {
			p.t.Errorf("the log holds what matches %s: %s", c, strings.TrimSpace(line))
		}
	}
	if err := keepLog(os.Getenv(keptLogs), lines); err != nil {
		p.t.Error(err)
	}
}

// told is the first canary that is in a line, "" when there is none.
func told(line string) string {
	for _, c := range canaries {
		if c.MatchString(line) {
			return c.String()
		}
	}
	return ""
}

// keptLogs names the variable with the folder in which the log of every station that a
// test starts is to be kept, so that all of a suite's can be searched (make canaries).
const keptLogs = "KEPT_LOGS"

func keepLog(dir string, lines []string) error {
	if dir == "" || len(lines) == 0 {
		return nil
	}
	f, err := os.CreateTemp(dir, "station-*.log")
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
	return errors.Join(err, f.Close())
}
