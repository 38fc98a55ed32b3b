package binarytest

import (
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
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

// atLeast gives every line so far once there are so many, or when nothing more came for
// a while.
func (t *transcript) atLeast(count int, patience time.Duration) []string {
	late := false
	timer := time.AfterFunc(patience, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		late = true
		t.more.Broadcast()
	})
	defer timer.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.lines) < count && !t.ended && !late {
		t.more.Wait()
	}
	return slices.Clone(t.lines)
}

// Lines gives what the station has logged so far, once it is so many lines or they have
// not come within the patience.
func (p *Process) Lines(count int, patience time.Duration) []string {
	return p.said.atLeast(count, patience)
}

// PID is the running station's.
func (p *Process) PID() int { return p.cmd.Process.Pid }

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
