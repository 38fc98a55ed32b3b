package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nodobridge/load"
)

// days are the loads that a station meets as pagoPA's own tests drive it: a constant one,
// a spike, and very many calls, of which an eighth are receipts.
func (t *till) days(ctx context.Context, r *results) error {
	x, err := t.serve(ctx, t.dir)
	if err != nil {
		return err
	}
	return errors.Join(t.constant(ctx, r, x), t.spike(ctx, r, x), t.growth(ctx, r, x), x.stop())
}

// mix is a plan that reads and pays so many notices that have not been paid.
func (t *till) mix(ctx context.Context, x *station, calls int) (load.Plan, error) {
	count := min(calls/4+2, t.positions-t.next) // twice what an eighth of the calls pays
	plan, err := x.traffic(load.Mix, unpaid(t.positions, t.next, count)).Plan(ctx)
	t.next += count
	plan.Connections = 32
	return plan, err
}

// The rates of pagoPA's yardsticks (issue 7): a constant one and a spike.
const (
	constantRate = 50
	spikeRate    = 500
)

func (t *till) constant(ctx context.Context, r *results, x *station) error {
	phases := []load.Phase{{Rate: constantRate, For: time.Duration(t.rounds) * t.round}}
	return t.yardstick(ctx, r, x, yardstick{fmt.Sprintf("mix at %d/s, constant", constantRate), phases, 2 * time.Second})
}

func (t *till) spike(ctx context.Context, r *results, x *station) error {
	phases := []load.Phase{{Rate: constantRate, For: t.round}, {Rate: spikeRate, For: t.round}, {Rate: constantRate, For: t.round}}
	return t.yardstick(ctx, r, x, yardstick{fmt.Sprintf("mix at %d/s with a spike of %d/s", constantRate, spikeRate), phases, 100 * time.Millisecond})
}

// yardstick is a schedule and what its 99th percentile may be.
type yardstick struct {
	name   string
	phases []load.Phase
	p99    time.Duration
}

func (t *till) yardstick(ctx context.Context, r *results, x *station, y yardstick) error {
	calls := 0
	for _, p := range y.phases {
		calls += int(int64(p.Rate)*int64(p.For)/int64(time.Second)) + 1
	}
	plan, err := t.mix(ctx, x, calls)
	if err != nil {
		return err
	}
	plan.Phases = y.phases
	got, err := once(ctx, x.process, plan)
	if err != nil {
		return err
	}
	r.add(y.name+", p50 / p99 / max", fmt.Sprintf("%v / %v / %v, %d of %d failed", load.Round(got.p50), load.Round(got.p99), load.Round(got.max), got.failed, got.requests),
		fmt.Sprintf("p99 < %v, failures < 0.1 %%", y.p99), got.p99 < y.p99 && got.failed*1000 < got.requests)
	return nil
}

// growth compares the memory after a tenth of many mixed calls with that after all.
func (t *till) growth(ctx context.Context, r *results, x *station) error {
	first, err := t.after(ctx, x, t.calls/10)
	if err != nil {
		return err
	}
	last, err := t.after(ctx, x, t.calls-t.calls/10)
	if err != nil {
		return err
	}
	grown := float64(last)/float64(first) - 1
	r.add(fmt.Sprintf("memory (RSS) after %d and %d mixed calls", t.calls/10, t.calls), fmt.Sprintf("%s and %s (%+.0f %%)", mib(first), mib(last), 100*grown), "within 20 %", grown <= 0.2)
	peak, err := x.memory("VmHWM")
	if err == nil {
		r.add("largest memory meanwhile", mib(peak), "", true)
	}
	return err
}

// after makes so many mixed calls, as fast as they are answered, and reads the memory.
func (t *till) after(ctx context.Context, x *station, calls int) (int64, error) {
	plan, err := t.mix(ctx, x, calls)
	if err != nil {
		return 0, err
	}
	write := plan.Write
	plan.Write = func(dst []byte, n int64) (load.Request, bool) {
		if n >= int64(calls) {
			return load.Request{}, false
		}
		return write(dst, n)
	}
	plan.Duration = time.Hour // it ends with the calls
	got, err := once(ctx, x.process, plan)
	if err == nil && got.failed > 0 {
		err = fmt.Errorf("mixed calls: failures: %v", got.errors)
	}
	if err != nil {
		return 0, err
	}
	return x.memory("VmRSS")
}
