package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/nodesim"
)

// scenario is a story and how it is to be told.
type scenario struct {
	*simulation
	notices   map[string]string
	seed      uint64
	trace     bool
	keepGoing bool
}

// scenario makes the command that tells a story to a station (docs/scenarios.md).
func (s *simulation) scenario() *cobra.Command {
	told := &scenario{simulation: s}
	cmd := &cobra.Command{
		Use:   "scenario FILE",
		Short: "Tell a station a story, step by step, and check its answers",
		Long: "Tell a station a story, step by step, and check its answers; docs/scenarios.md describes the language, scenarios/ holds ready stories.\n" +
			"Exit code 0: every answer was as expected; 1: one was not; 69: the station did not answer.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return told.run(cmd, args[0]) },
	}
	cmd.Flags().StringToStringVar(&told.notices, "notice", nil, "the number of one of the story's notices, e.g. A=302000000000000012")
	cmd.Flags().Uint64Var(&told.seed, "seed", 0, "where strange writing is drawn from (random when not given)")
	cmd.Flags().BoolVar(&told.trace, "trace", false, "print the messages too")
	cmd.Flags().BoolVar(&told.keepGoing, "keep-going", false, "tell the story to its end, whatever the station answers")
	return cmd
}

func (s *scenario) run(cmd *cobra.Command, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot read scenario: %w", err)
	}
	story, err := nodesim.ParseScenario(string(text))
	if err != nil {
		return fmt.Errorf("cannot read scenario %s:\n%w", file, err)
	}
	if err := s.complete(cmd, story); err != nil {
		return err
	}
	if !cmd.Flags().Changed("seed") {
		s.seed = rand.Uint64()
	}
	t := teller{cmd.OutOrStdout()}
	player := nodesim.Player{
		Node: &nodesim.Node{URL: s.url, Broker: s.broker, Station: s.station}, EC: s.ec, Version: s.version(),
		Notices: s.notices, Seed: s.seed, KeepGoing: s.keepGoing, Tell: t.step,
	}
	if s.trace {
		player.Node.Trace = t.exchange
	}
	t.line("%s, told to %s (seed %d)", file, s.url, s.seed)
	err = player.Play(cmd.Context(), story)
	var unusable *nodesim.NodeError
	switch {
	case err == nil:
		t.line("\n✓ every answer was as expected")
		return nil
	case errors.As(err, &unusable) && unusable.Code != nodesim.BadResponse:
		return &exitError{exitUnavailable, err}
	default:
		return err
	}
}

// complete takes from the configuration what neither the flags nor the story
// itself say of the station. A flag loses to the story: it may change stations.
func (s *scenario) complete(cmd *cobra.Command, story *nodesim.Scenario) error {
	said := story.Station()
	for _, part := range []struct {
		into *string
		said string
	}{{&s.url, said.URL}, {&s.broker, said.Broker}, {&s.station, said.Station}, {&s.ec, said.EC}} {
		if part.said != "" {
			*part.into = part.said
		}
	}
	return s.simulation.complete(cmd)
}

// step prints one step of a story.
func (t teller) step(told nodesim.Told) {
	text, comment := strings.CutPrefix(told.Step.Text, "#")
	switch {
	case comment:
		t.line("\n%s", strings.TrimSpace(text))
	case told.Err != nil && told.Got == "":
		t.line("✗ %s", text)
	case told.Err != nil:
		t.line("✗ %s\n    but the station said %s", text, told.Got)
	case told.Got == "":
		t.line("· %s", text)
	default:
		t.line("✓ %s\n    %s, after %s", text, told.Got, told.Took.Round(10*time.Microsecond))
	}
}
