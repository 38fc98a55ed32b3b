package main

import (
	"errors"
	"fmt"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"nodobridge/store"
)

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Create the store that the configuration names",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if err := store.Init(c.Store.Dir); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "created the store in "+c.Store.Dir)
			return nil
		},
	}
}

// collectorHeadroom is memory that is never touched, so that it takes no room, and that
// the garbage collector counts as living: it runs when the heap has doubled, and ours is
// so small that it ran thirty times a second under load, a tenth of all processor time.
// Raising its percentage instead would let a large upload's heap grow to a multiple.
const collectorHeadroom = 24 << 20

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Answer the node and the JSON API until stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			// With one processor a blocked commit would starve the next batch
			// (docs/architecture.md §6).
			runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
			headroom := make([]byte, collectorHeadroom)
			defer runtime.KeepAlive(headroom)
			ctx, cancel := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer cancel()
			r := onHangup(func() (*config, error) { return loadConfig(cmd) })
			defer r.stop()
			supervisor, err := superviseFromEnvironment()
			if err != nil {
				return err
			}
			s, err := start(ctx, c, supervisor)
			if err != nil {
				return err
			}
			err = s.wait(ctx, r)
			cancel() // a second signal ends the process at once
			s.log.Info("stopping")
			return errors.Join(err, s.stop(ctx))
		},
	}
}
