// Package load drives a server with HTTP requests and measures how long its answers
// take. It knows nothing of what is asked: a Plan writes the requests and judges the
// answers. Two ways of driving: a closed loop, in which each connection asks again as
// soon as it is answered and so finds the throughput, and an open loop, in which
// requests begin when a schedule says so, whether or not earlier ones are answered. In
// the open loop an answer's duration counts from the scheduled instant: a server that
// stops for a second is charged with every request that had to wait meanwhile, not with
// one (the error known as coordinated omission).
package load

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Phase is a part of an open loop's schedule.
type Phase struct {
	Rate int           // requests a second, at least 1
	For  time.Duration // how long
}

// requests is how many begin in the phase.
func (p Phase) requests() int64 { return int64(p.Rate) * int64(p.For) / int64(time.Second) }

// Request is one message as it goes over the wire.
type Request struct {
	Bytes []byte // the whole HTTP/1.1 message
	Kind  int    // which of Plan.Kinds it is
}

// Plan says what to ask whom, and how often.
type Plan struct {
	Address     string      // host:port
	TLS         *tls.Config // nil: plain HTTP
	Connections int         // at least 1
	Timeout     time.Duration

	// Closed loop: for how long, when Phases is empty. Open loop: Phases.
	Duration time.Duration
	Phases   []Phase
	Warmup   time.Duration // what begins earlier is not counted

	Kinds []string // names of what is asked, at least one

	// Write appends the n-th request (from 0) to dst[:0] and gives it; ok is false when
	// there is nothing left to ask. It is called by many goroutines.
	Write func(dst []byte, n int64) (r Request, ok bool)
	// Judge names what is wrong with an answer, "" for nothing. It must not keep body.
	Judge func(status int, body []byte) string
}

func (p *Plan) check() error {
	switch {
	case p.Connections < 1:
		return errors.New("cannot load: want at least 1 connection")
	case p.Timeout <= 0:
		return errors.New("cannot load: want a timeout")
	case len(p.Phases) == 0 && p.Duration <= 0:
		return errors.New("cannot load: want a duration or a schedule")
	case len(p.Kinds) == 0:
		return errors.New("cannot load: want a name for what is asked")
	}
	for _, phase := range p.Phases {
		if phase.Rate < 1 || phase.requests() < 1 {
			return fmt.Errorf("cannot load at %d requests a second for %v: want at least one request", phase.Rate, phase.For)
		}
	}
	return nil
}

// Kind is what came of the requests of one kind, or of all.
type Kind struct {
	Name    string
	Latency Histogram        // of every request, also of failed ones
	Errors  map[string]int64 // how many failed, by what was wrong
}

// Failed is how many failed.
func (k *Kind) Failed() int64 {
	var n int64
	for _, count := range k.Errors {
		n += count
	}
	return n
}

func (k *Kind) add(o *Kind) {
	k.Latency.Merge(&o.Latency)
	for what, n := range o.Errors {
		if k.Errors == nil {
			k.Errors = map[string]int64{}
		}
		k.Errors[what] += n
	}
}

// Result is what came of a Plan.
type Result struct {
	Kinds     []Kind        // as Plan.Kinds
	Elapsed   time.Duration // from the end of the warm-up to the last answer
	Exhausted bool          // Write had nothing left before the time was over
}

// All is the kinds together.
func (r *Result) All() *Kind {
	all := &Kind{Name: "all"}
	for i := range r.Kinds {
		all.add(&r.Kinds[i])
	}
	return all
}

// Rate is answered requests a second.
func (r *Result) Rate() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.All().Latency.Count()) / r.Elapsed.Seconds()
}

// run is a plan under way.
type run struct {
	*Plan
	start, counted, end time.Time // counted: the end of the warm-up
	next                atomic.Int64
	exhausted           atomic.Bool
}

// Run drives the server until the plan or ctx ends. Failures of single requests are in
// the Result; the error is one of the plan.
func Run(ctx context.Context, p Plan) (*Result, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := time.Now()
	r := &run{Plan: &p, start: now, counted: now.Add(p.Warmup), end: now.Add(p.Warmup + p.Duration)}
	workers := make([]worker, p.Connections)
	var group sync.WaitGroup
	for i := range workers {
		w := &workers[i]
		w.run, w.kinds = r, make([]Kind, len(p.Kinds))
		group.Go(func() { w.work(ctx) })
	}
	group.Wait()
	result := &Result{Kinds: make([]Kind, len(p.Kinds)), Exhausted: r.exhausted.Load()}
	last := r.counted
	for i := range workers {
		for k := range result.Kinds {
			result.Kinds[k].Name = p.Kinds[k]
			result.Kinds[k].add(&workers[i].kinds[k])
		}
		if workers[i].last.After(last) {
			last = workers[i].last
		}
	}
	result.Elapsed = last.Sub(r.counted)
	return result, nil
}

// due is when the n-th request of the schedule begins; false beyond its end.
func (r *run) due(n int64) (time.Time, bool) {
	at := r.start
	for _, p := range r.Phases {
		if count := p.requests(); n >= count {
			n -= count
			at = at.Add(p.For)
			continue
		}
		return at.Add(time.Duration(n * int64(time.Second) / int64(p.Rate))), true
	}
	return at, false
}
