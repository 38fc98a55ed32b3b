package binarytest

import (
	"strings"
	"sync"
	"syscall"
)

// transcript is what a process has said so far, line by line.
type transcript struct {
	mu    sync.Mutex
	more  *sync.Cond
	lines []string
	read  int // lines that Await has passed
	ended bool
}

func newTranscript() *transcript {
	t := new(transcript)
	t.more = sync.NewCond(&t.mu)
	return t
}

func (t *transcript) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	t.more.Broadcast()
}

func (t *transcript) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.more.Broadcast()
}

// next gives the first line after the last one given that holds the text, and
// whether there was one before the end.
func (t *transcript) next(text string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		for t.read < len(t.lines) {
			line := t.lines[t.read]
			t.read++
			if strings.Contains(line, text) {
				return line, true
			}
		}
		if t.ended {
			return "", false
		}
		t.more.Wait()
	}
}

// Await waits until the station logs a line that holds the text, after the line
// that the last Await gave, and gives it.
func (p *Process) Await(text string) string {
	p.t.Helper()
	line, found := p.said.next(text)
	if !found {
		p.t.Fatalf("the station ended without saying %q", text)
	}
	return line
}

// Hangup orders the station to read its configuration again.
func (p *Process) Hangup() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
}

// Configure replaces config.yaml.
func (h *Home) Configure(text string) {
	h.t.Helper()
	h.write("config.yaml", text)
}
