package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"nodobridge/load"
)

// figure is one line of the results: what was measured, against what was wanted.
type figure struct {
	what   string
	value  string
	target string // "" where there is none
	met    bool
}

// results are everything that a run has measured.
type results struct {
	reads    []comparison
	receipts receiptRounds
	figures  []figure
}

func (r *results) add(what, value, target string, met bool) {
	r.figures = append(r.figures, figure{what, value, target, met})
	fmt.Fprintf(os.Stderr, "  %s: %s\n", what, value)
}

// measure is the whole run.
func (s *settings) measure(ctx context.Context) error {
	m, err := beginMachine()
	if err != nil {
		return err
	}
	r := new(results)
	steps := []func(context.Context, *results) error{s.compareReads, s.size, s.largest, s.written}
	if s.reads {
		steps = steps[:1]
	}
	for _, step := range steps {
		if err := step(ctx, r); err != nil {
			return err
		}
	}
	if err := m.finish(ctx); err != nil {
		return err
	}
	return s.publish(m, r)
}

// compareReads holds reads against the responder at every size.
func (s *settings) compareReads(ctx context.Context, r *results) error {
	for _, positions := range s.sizes {
		dir, err := s.stocked(ctx, positions)
		if err != nil {
			return err
		}
		x, err := s.serve(ctx, dir)
		if err != nil {
			return err
		}
		for _, operation := range []load.Operation{load.Verify, load.Payment} {
			c, err := s.compare(ctx, x, operation, positions)
			if err != nil {
				return errors.Join(err, x.stop())
			}
			r.reads = append(r.reads, c)
			fmt.Fprintf(os.Stderr, "  %s at %d positions: %.2f of the responder\n", c.operation, positions, median(c.ratios()))
		}
		if err := x.stop(); err != nil {
			return err
		}
	}
	return nil
}

// size is the program's own.
func (s *settings) size(_ context.Context, r *results) error {
	info, err := os.Stat(s.binary)
	if err != nil {
		return err
	}
	r.add("size of the program", mib(info.Size()), "≤ 40 MiB", info.Size() <= 40<<20)
	return nil
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// largest measures what is read on the largest store: start, memory at rest, pages, and
// answers below saturation.
func (s *settings) largest(ctx context.Context, r *results) error {
	positions := s.sizes[len(s.sizes)-1]
	dir, err := s.stocked(ctx, positions)
	if err != nil {
		return err
	}
	var starts []time.Duration
	for range s.rounds {
		x, err := s.serve(ctx, dir)
		if err != nil {
			return err
		}
		starts = append(starts, x.started)
		if err := x.stop(); err != nil {
			return err
		}
	}
	start := median(starts)
	r.add(fmt.Sprintf("start with %d positions, until it listens", positions), load.Round(start).String(), "≤ 1 s", start <= time.Second)

	x, err := s.serve(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(s.atRest(ctx, r, x), s.pages(ctx, r, x, dir), s.below(ctx, r, x, positions), x.stop())
}

// restFor is how long a station is left alone before its memory is read.
const restFor = 2 * time.Second

func (s *settings) atRest(ctx context.Context, r *results, x *station) error {
	select {
	case <-time.After(restFor):
	case <-ctx.Done():
		return ctx.Err()
	}
	rss, err := x.memory("VmRSS")
	if err != nil {
		return err
	}
	r.add("memory at rest (RSS)", mib(rss), "≤ 40 MiB", rss <= 40<<20)
	return nil
}

// below asks at half of the rate that saturates.
func (s *settings) below(ctx context.Context, r *results, x *station, positions int) error {
	for i := range r.reads {
		c := &r.reads[i]
		if c.positions != positions {
			continue
		}
		operation := load.Verify
		if c.operation == "paGetPaymentV2" {
			operation = load.Payment
		}
		plan, err := x.traffic(operation, notices(positions)).Plan(ctx)
		if err != nil {
			return err
		}
		rate := int(median(of(c.station, func(s sample) float64 { return s.rate })) / 2)
		plan.Connections, plan.Phases = 32, []load.Phase{{Rate: max(rate, 1), For: time.Duration(s.rounds) * s.round}}
		got, err := once(ctx, x.process, plan)
		if err != nil {
			return err
		}
		r.add(fmt.Sprintf("%s, open loop at %d/s (half of saturation), p50 / p99", c.operation, rate),
			fmt.Sprintf("%v / %v, %d failed", load.Round(got.p50), load.Round(got.p99), got.failed), "p99 ≤ 5 ms", got.p99 <= 5*time.Millisecond && got.failed == 0)
	}
	return nil
}

// receiptRounds are rounds of paSendRTV2 and of the bare loop.
type receiptRounds struct {
	positions int
	station   []sample
	bare      []bareResult
	alone     sample     // one connection
	aloneBare bareResult // one caller
}

func (c *receiptRounds) ratios() []float64 {
	var list []float64
	for i := range c.station {
		list = append(list, c.station[i].rate/c.bare[i].rate())
	}
	return list
}

// receiptConnections is how many receipts are under way at once.
const receiptConnections = 64

// written measures what writes, on a copy of the largest store.
func (s *settings) written(ctx context.Context, r *results) (err error) {
	positions := s.sizes[len(s.sizes)-1]
	dir, err := s.stocked(ctx, positions)
	if err != nil {
		return err
	}
	dir, err = copied(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	till := &till{settings: s, dir: dir, positions: positions}
	if err := till.compare(ctx, r); err != nil {
		return err
	}
	if err := till.days(ctx, r); err != nil {
		return err
	}
	return till.massive(ctx, r)
}

// till hands out the notices that have not been paid.
type till struct {
	*settings
	dir       string
	positions int
	next      int
}

// compare interleaves rounds of receipts with the bare loop's. Each begins with the
// process, so that both find the store alike.
func (t *till) compare(ctx context.Context, r *results) error {
	c := receiptRounds{positions: t.positions}
	for range t.rounds {
		bare, err := t.bare(ctx, receiptConnections)
		if err != nil {
			return err
		}
		over, err := t.station(ctx, receiptConnections)
		if err != nil {
			return err
		}
		c.bare, c.station = append(c.bare, bare), append(c.station, over)
	}
	var err error
	if c.aloneBare, err = t.bare(ctx, 1); err != nil {
		return err
	}
	if c.alone, err = t.station(ctx, 1); err != nil {
		return err
	}
	r.receipts = c
	fmt.Fprintf(os.Stderr, "  paSendRTV2: %.2f of the bare loop\n", median(c.ratios()))
	return nil
}

// bare records receipts without HTTP in a process of its own.
func (t *till) bare(ctx context.Context, callers int) (bareResult, error) {
	var result bareResult
	self, err := os.Executable()
	if err != nil {
		return result, err
	}
	cmd := exec.Command(self, "receipts", "-dir", t.dir, "-positions", fmt.Sprint(t.positions), "-first", fmt.Sprint(t.next),
		"-callers", fmt.Sprint(callers), "-duration", t.round.String())
	cmd.Stderr = os.Stderr
	out, err := os.Create(t.dir + ".bare")
	if err != nil {
		return result, err
	}
	defer os.Remove(out.Name())
	cmd.Stdout = out
	p, err := launch(cmd)
	if err != nil {
		return result, errors.Join(err, out.Close())
	}
	if err := errors.Join(p.wait(ctx), out.Close()); err != nil {
		return result, fmt.Errorf("the bare loop: %w", err)
	}
	text, err := os.ReadFile(out.Name())
	if err == nil {
		err = json.Unmarshal(text, &result)
	}
	if err == nil && result.Receipts == 0 {
		err = errors.New("there are no notices left to pay")
	}
	t.next += int(result.Receipts) + callers
	return result, err
}

func (t *till) station(ctx context.Context, connections int) (sample, error) {
	x, err := t.serve(ctx, t.dir)
	if err != nil {
		return sample{}, err
	}
	got, err := t.pay(ctx, x, connections)
	return got, errors.Join(err, x.stop())
}

func (t *till) pay(ctx context.Context, x *station, connections int) (sample, error) {
	plan, err := x.traffic(load.Receipt, unpaid(t.positions, t.next, t.positions)).Plan(ctx)
	if err != nil {
		return sample{}, err
	}
	plan.Connections, plan.Duration = connections, t.round
	got, err := once(ctx, x.process, plan)
	t.next += int(got.requests) + connections
	if err == nil && got.failed > 0 {
		err = fmt.Errorf("paSendRTV2: failures: %v", got.errors)
	}
	return got, err
}
