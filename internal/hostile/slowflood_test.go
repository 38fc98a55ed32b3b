package hostile_test

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

var residentForm = regexp.MustCompile(`VmRSS:\s+([0-9]+) kB`)

// resident is the station's memory.
func (s *scene) resident() int64 {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.p.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	found := residentForm.FindSubmatch(text)
	if found == nil {
		s.t.Fatal("the kernel says nothing of the station's memory")
	}
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return kb << 10
}

// TestSlowFlood is reliability-security.md §8 G8: 5,000 connections of a hundred
// addresses, half with half a header, half with half a body. The node is answered as
// ever, all are cut, and memory stays.
func TestSlowFlood(t *testing.T) {
	const connections, addresses = 5000, 100
	s := newScene(t, sampleConfig)
	s.position()
	before := s.resident()
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	var last time.Duration
	for i := range connections {
		c := dialOrNil(t, fmt.Sprintf("127.0.1.%d", 1+i%addresses), s.node())
		if c == nil {
			continue // turned away before it was open
		}
		sent := "POST /paForNode HTTP/1.1\r\nHost: x\r\n"
		if i%2 == 0 {
			sent += xmlType + "\r\nContent-Length: 1000000\r\n\r\n<a>"
		}
		all.Go(func() {
			_ = c.SetDeadline(time.Now().Add(time.Minute)) // far beyond what the station allows
			_, _ = io.WriteString(c, sent)                 // it may have been turned away
			_, _ = io.Copy(io.Discard, c)                  // until it is cut
			mu.Lock()
			defer mu.Unlock()
			last = max(last, time.Since(began))
		})
	}
	ended := make(chan struct{})
	go func() { defer close(ended); all.Wait() }()
	var took []time.Duration
	most := before
	for alive := true; alive; {
		select {
		case <-ended:
			alive = false
		case <-time.After(10 * time.Millisecond):
		}
		at := time.Now()
		if a := s.verify(string(binarytest.NAV(1))); a.Fault != nil {
			t.Fatalf("the node got %v", a.Fault)
		}
		took = append(took, time.Since(at))
		most = max(most, s.resident())
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%d calls of the node meanwhile: median %s, p99 %s; the last connection was cut after %s; %d MiB more memory", len(took), took[len(took)/2], p99, last, (most-before)>>20)
	if p99 > slowest {
		t.Errorf("p99 is %s", p99)
	}
	if median := took[len(took)/2]; median > usualCall {
		t.Errorf("the median call took %s, want at most %s", median, usualCall)
	}
	if last > 45*time.Second {
		t.Errorf("the last connection was cut after %s", last)
	}
	if most-before > 150<<20 {
		t.Errorf("%d MiB more memory, want at most 150", (most-before)>>20)
	}
	s.p.Stop()
}
