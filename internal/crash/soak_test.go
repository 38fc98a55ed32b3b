package crash_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

// mayGrow is what the heap may grow in ten minutes, or in a shorter soak.
const mayGrow = 1 << 20

// reliability-security.md §8 G13: at 200 requests a second goroutines come back within
// two and the heap does not grow. SOAK=10m for the night's form.
func TestSoak_NothingLeaks(t *testing.T) {
	length := 20 * time.Second
	if d, err := time.ParseDuration(os.Getenv("SOAK")); err == nil {
		length = d
	}
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	l := &load{oracle: new(oracle), key: h.NewKey(), enough: make(chan struct{}), left: 1 << 40}
	p, up := h.Launch(binarytest.Program(), "GOGC=20") // the heap's floor shows sooner
	if !up {
		t.Fatalf("the station does not start:\n%s", last(p))
	}
	s := &soak{t: t, p: p, load: l}
	s.run(length / 4) // pools, caches and statements fill up
	before := s.settled(0)
	floors := s.run(length)
	after := s.settled(before + 2)
	third := len(floors) / 3
	grown := lowest(floors[2*third:]) - lowest(floors[:third])
	allowed := int64(max(1, length.Minutes()/10) * mayGrow)
	t.Logf("soak: %s, requests %d, failed %d, goroutines %d before and %d after, heap floor grown %d KiB (allowed %d)",
		length, s.requests, s.failed, before, after, grown>>10, allowed>>10)
	if s.failed > 0 || s.requests < 100 {
		t.Error("calls failed")
	}
	if after > before+2 { // fewer than before: some caller of the warming up was slow to go
		t.Error("goroutines leak")
	}
	if grown > allowed {
		t.Error("the heap grows")
	}
	p.Stop()
}

type soak struct {
	t    *testing.T
	p    *binarytest.Process
	load *load

	mu               sync.Mutex
	requests, failed int
}

// run makes 200 requests a second and gives the heap's size, many times a second.
func (s *soak) run(length time.Duration) (heap []int64) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), length)
	defer cancel()
	due := make(chan struct{})
	var group sync.WaitGroup
	for range clients {
		group.Go(func() { s.serve(due) })
	}
	pace := time.NewTicker(time.Second / 200)
	defer pace.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		<-pace.C
		due <- struct{}{}
		if n%20 == 0 {
			heap = append(heap, s.gauge("nodobridge_heap_bytes"))
		}
	}
	close(due)
	group.Wait()
	return heap
}

// serve makes a request when one is due: of four, a position, its receipt and two
// questions.
func (s *soak) serve(due <-chan struct{}) {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}, Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	node := s.p.Node()
	node.HTTP = client
	ctx, number, turn := s.t.Context(), int64(0), 0
	for range due {
		good := true
		switch turn++; turn % 4 {
		case 1:
			number = s.load.next()
			good = s.load.upload(ctx, client, s.p, number)
		case 3:
			answer, err := node.SendRTV2(ctx, receipt(number))
			good = err == nil && answer.Fault == nil
		default:
			_, err := node.Verify(ctx, ec, string(binarytest.NAV(number)))
			good = turn%4 == 0 || err == nil // paid by then: a refusal is the answer
		}
		s.mu.Lock()
		s.requests++
		if !good {
			s.failed++
		}
		s.mu.Unlock()
	}
}

// settled gives the number of goroutines once callers have gone: as soon as it is small
// enough, or what it is after a while.
func (s *soak) settled(enough int64) (n int64) {
	s.t.Helper()
	for began := time.Now(); time.Since(began) < 5*time.Second; {
		if n = s.gauge("nodobridge_goroutines"); n <= enough {
			return n
		}
	}
	return n
}

func (s *soak) gauge(name string) int64 {
	s.t.Helper()
	m := regexp.MustCompile(`(?m)^` + name + ` (\d+)$`).FindStringSubmatch(s.p.Metrics())
	if m == nil {
		s.t.Fatalf("no %s in the metrics", name)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func lowest(list []int64) int64 {
	least := list[0]
	for _, n := range list {
		least = min(least, n)
	}
	return least
}
