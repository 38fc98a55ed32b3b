package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"nodobridge/load"
)

// sample is what one round came to.
type sample struct {
	rate          float64       // answers a second
	cpu           time.Duration // processor time for each
	p50, p99, max time.Duration
	requests      int64
	failed        int64
	errors        map[string]int64
}

// once drives a process by a plan and measures both.
func once(ctx context.Context, p *process, plan load.Plan) (sample, error) {
	before, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	result, err := load.Run(ctx, plan)
	if err != nil {
		return sample{}, err
	}
	after, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	all := result.All()
	h := &all.Latency
	if h.Count() == 0 {
		return sample{}, fmt.Errorf("nothing was measured: %w", context.Cause(ctx))
	}
	return sample{
		rate: result.Rate(), cpu: (after - before) / time.Duration(h.Count()), p50: h.Quantile(0.5), p99: h.Quantile(0.99), max: h.Max(),
		requests: h.Count(), failed: all.Failed(), errors: all.Errors,
	}, nil
}

// comparison is rounds of a station's and of the static responder's, in turns.
type comparison struct {
	operation string
	positions int
	bytes     int // of an answer
	station   []sample
	static    []sample
}

// ratios are the static responder's processor time for a call divided by the station's in
// the same round: what is left of the throughput of one core. It stands still when others
// use the machine, as rates do not.
func (c *comparison) ratios() []float64 {
	var list []float64
	for i := range c.station {
		list = append(list, float64(c.static[i].cpu)/float64(c.station[i].cpu))
	}
	return list
}

// rateRatios are the same of the answers a second.
func (c *comparison) rateRatios() []float64 {
	var list []float64
	for i := range c.station {
		list = append(list, c.station[i].rate/c.static[i].rate)
	}
	return list
}

// readConnections is how many ask at once where reads are compared.
const readConnections = 8

// compare interleaves rounds of an operation with the static responder's.
func (s *settings) compare(ctx context.Context, x *station, operation load.Operation, positions int) (c comparison, err error) {
	plan, err := x.traffic(operation, notices(positions)).Plan(ctx)
	if err != nil {
		return c, err
	}
	plan.Connections, plan.Duration = readConnections, s.round
	c = comparison{operation: plan.Kinds[0], positions: positions}
	c.bytes, err = answerLength(ctx, plan)
	if err != nil {
		return c, err
	}
	static, address, err := responder(c.bytes)
	if err != nil {
		return c, err
	}
	defer func() {
		if stopped := static.stop(); err == nil {
			err = stopped
		}
	}()
	still := plan
	still.Address = address
	still.Judge = func(status int, body []byte) string {
		if status != http.StatusOK || len(body) != c.bytes {
			return fmt.Sprintf("HTTP %d with %d bytes", status, len(body))
		}
		return ""
	}
	for i := range s.rounds + 1 {
		a, err := once(ctx, static, still)
		if err != nil {
			return c, err
		}
		b, err := once(ctx, x.process, plan)
		if err != nil {
			return c, err
		}
		if a.failed+b.failed > 0 {
			return c, fmt.Errorf("%s: failures: responder %v, station %v", c.operation, a.errors, b.errors)
		}
		if i > 0 { // the first one warms up
			c.static, c.station = append(c.static, a), append(c.station, b)
		}
	}
	return c, nil
}

// answerLength asks once.
func answerLength(ctx context.Context, plan load.Plan) (int, error) {
	length, wrong := 0, ""
	write, judge := plan.Write, plan.Judge
	plan.Write = func(dst []byte, n int64) (load.Request, bool) {
		if n > 0 {
			return load.Request{}, false
		}
		return write(dst, n)
	}
	plan.Judge = func(status int, body []byte) string {
		length, wrong = len(body), judge(status, body)
		return wrong
	}
	plan.Connections = 1
	result, err := load.Run(ctx, plan)
	if err != nil {
		return 0, err
	}
	if length == 0 || wrong != "" {
		return 0, fmt.Errorf("cannot ask the station: %v", result.All().Errors)
	}
	return length, nil
}

// median is the middle of a list, which must not be empty.
func median[T int64 | float64 | time.Duration](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// of picks one value of each sample.
func of[T int64 | float64 | time.Duration](list []sample, pick func(sample) T) []T {
	var out []T
	for _, s := range list {
		out = append(out, pick(s))
	}
	return out
}
