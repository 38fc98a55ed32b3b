package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/load"
	"nodobridge/nodesim"
)

// loading is what "simulate load" is told.
type loading struct {
	operation   string
	first, navs string
	count       int
	connections int
	duration    time.Duration
	warmup      time.Duration
	rate, spike int
	seed        uint64
}

const loadLong = `Play a busy node: ask a station many times and print how long its answers take.

Without --rate each connection asks again as soon as it is answered (closed loop). With
--rate so many requests begin each second whether or not earlier ones are answered (open
loop), and an answer's duration counts from when its request should have begun. --spike
is the rate of the middle third of the time.

verify and payment (paGetPaymentV2) read the notices in a random order. receipt
(paSendRTV2) pays one notice after the other, each once, for what the first one costs:
point it only at a station whose positions may be paid. mix is four verifications and
three payments of the first half of the notices to each receipt for the second half.`

// load drives a station and prints what came of it.
func (s *simulation) load() *cobra.Command {
	l := loading{operation: string(load.Verify), count: 1, connections: 8, duration: 10 * time.Second, warmup: time.Second, seed: 1}
	cmd := &cobra.Command{
		Use: "load", Short: "Ask a station many times and measure its answers", Long: loadLong, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.complete(cmd); err != nil {
				return err
			}
			return l.run(cmd, s)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&l.operation, "operation", l.operation, "verify, payment, receipt or mix")
	flags.StringVar(&l.first, "first", "", "first notice number of a series")
	flags.IntVar(&l.count, "count", l.count, "how many notices the series has")
	flags.StringVar(&l.navs, "navs", "", "file with notice numbers, one a line, in place of a series")
	flags.IntVar(&l.connections, "connections", l.connections, "connections at once")
	flags.DurationVar(&l.duration, "duration", l.duration, "for how long")
	flags.DurationVar(&l.warmup, "warmup", l.warmup, "what begins earlier is not counted")
	flags.IntVar(&l.rate, "rate", 0, "requests that begin each second; 0: as many as are answered")
	flags.IntVar(&l.spike, "spike", 0, "rate of the middle third; 0: as --rate")
	flags.Uint64Var(&l.seed, "seed", l.seed, "decides the order in which notices are read")
	return cmd
}

func (l *loading) notices() (load.Notices, error) {
	switch {
	case (l.first == "") == (l.navs == ""):
		return load.Notices{}, errors.New("give --first and --count, or --navs")
	case l.first != "":
		return load.Series(l.first, l.count)
	}
	f, err := os.Open(l.navs)
	if err != nil {
		return load.Notices{}, fmt.Errorf("--navs: %w", err)
	}
	defer f.Close()
	notices, err := load.ReadNotices(f)
	if err != nil {
		return notices, fmt.Errorf("--navs: %s: %w", l.navs, err)
	}
	return notices, nil
}

// schedule is the open loop's, none for a closed one. It goes through the warm-up too.
func (l *loading) schedule() ([]load.Phase, error) {
	switch {
	case l.rate < 0 || l.spike < 0:
		return nil, errors.New("--rate and --spike: want 0 or more")
	case l.rate == 0 && l.spike > 0:
		return nil, errors.New("--spike: needs --rate")
	case l.rate == 0:
		return nil, nil
	case l.spike == 0:
		return []load.Phase{{Rate: l.rate, For: l.warmup + l.duration}}, nil
	}
	return []load.Phase{{Rate: l.rate, For: l.warmup + l.duration/3}, {Rate: l.spike, For: l.duration / 3}, {Rate: l.rate, For: l.duration / 3}}, nil
}

func (l *loading) run(cmd *cobra.Command, s *simulation) error {
	notices, err := l.notices()
	if err != nil {
		return err
	}
	phases, err := l.schedule()
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	node := &nodesim.Node{URL: s.url, Broker: s.broker, Station: s.station}
	plan, err := load.Traffic{Node: node, EC: s.ec, Operation: load.Operation(l.operation), Notices: notices, Seed: l.seed}.Plan(ctx)
	var unusable *nodesim.NodeError
	if errors.As(err, &unusable) {
		return &exitError{exitUnavailable, err}
	}
	if err != nil {
		return err
	}
	plan.Connections, plan.Duration, plan.Warmup, plan.Phases = l.connections, l.duration, l.warmup, phases
	return l.tell(ctx, cmd, plan)
}

// tell runs the plan; requests that failed are the command's failure.
func (l *loading) tell(ctx context.Context, cmd *cobra.Command, plan load.Plan) error {
	loop := "as many as are answered"
	if l.rate > 0 {
		loop = strconv.Itoa(l.rate) + " requests a second"
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s at %s: %d connections, %s, for %v\n", l.operation, plan.Address, l.connections, loop, l.duration)
	result, err := load.Run(ctx, plan)
	if err != nil {
		return err
	}
	if err := result.Print(out); err != nil {
		return err
	}
	if result.Exhausted {
		fmt.Fprintln(out, "every notice has had its receipt before the time was over")
	}
	all := result.All()
	switch {
	case all.Latency.Count() == 0:
		return &exitError{exitUnavailable, errors.New("nothing was counted: the time was over before the warm-up")}
	case all.Failed() > 0:
		return fmt.Errorf("%d of %d requests failed", all.Failed(), all.Latency.Count())
	}
	return nil
}
