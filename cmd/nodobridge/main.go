// Command nodobridge is the pagoPA station that a creditor institution, or its
// technology partner, runs itself: one binary, one configuration file, one
// SQLite store. This package only wires the rooms together (docs/architecture.md).
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nodobridge/store"
)

// Exit codes, after sysexits.h where it has one.
const (
	exitFailure     = 1
	exitUnavailable = 69 // a peer did not answer
	exitBroken      = 70 // the disk or the store's file has failed: start again and recover
	exitTemporary   = 75 // the store is in use
	exitConfig      = 78 // configuration or store cannot be used as they are
)

func main() {
	err := root().Execute()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "nodobridge: "+err.Error())
	os.Exit(exitCode(err))
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "nodobridge",
		Short:         "The pagoPA station that an ente creditore runs itself",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.PersistentFlags().String("config", "config.yaml", "configuration file")
	cmd.AddCommand(initCommand(), checkCommand(), configCommand(), serveCommand(), demoCommand(), simulateCommand(), keysCommand(), anomaliesCommand(), receiptsCommand(), noticeCommand(), numbersCommand(), contractCommand(),
		privacyCommand(), subjectCommand(), breachCommand(), verifyCommand(), backupCommand(), restoreCommand(), slaCommand(), maintenanceCommand(), versionCommand())
	return cmd
}

// exitError carries an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func exitCode(err error) int {
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	if inUse(err) {
		return exitTemporary
	}
	if errors.Is(err, store.ErrBroken) {
		return exitBroken
	}
	var open *store.OpenError
	if errors.As(err, &open) {
		return exitConfig
	}
	return exitFailure
}

func inUse(err error) bool {
	var open *store.OpenError
	return errors.As(err, &open) && open.Reason == store.InUse
}
