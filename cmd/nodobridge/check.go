package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/store"
)

// Severities of a finding: an error keeps the station from working or puts
// payments at risk; a warning is to be looked at.
const (
	severityError   = "error"
	severityWarning = "warning"
)

// finding is one thing that "nodobridge check" has to say.
type finding struct {
	Severity string `json:"severity"`
	Key      string `json:"key"` // of config.yaml, or the part of the machine
	What     string `json:"what"`
	Why      string `json:"why"`
	Cure     string `json:"cure"`
}

func checkCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with configuration, certificates, clock, store and disk, and the cure",
		Long: `Looks at the configuration, the registry of stations and institutions, the
certificates, the clock, the store and the disk. Each finding says what is wrong,
why it matters and how to cure it. Nothing is changed, nothing is sent over the
network, and the station may be running. It exits with 1 when an error is found;
warnings alone give 0.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := check(cmd, time.Now())
			if err := printFindings(cmd.OutOrStdout(), found, asJSON); err != nil {
				return err
			}
			if n := count(found, severityError); n > 0 {
				return fmt.Errorf("check found %s", plural(n, "error"))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

// check looks at everything in the order in which it is to be cured.
func check(cmd *cobra.Command, now time.Time) []finding {
	found := append(checkProcessors(runtime.GOMAXPROCS(0)), checkLibrary(store.LibraryVersion())...)
	c, err := loadConfig(cmd)
	if err != nil {
		return append([]finding{{severityError, "config", err.Error(), "the station does not start with it, and a running one keeps what it has", "correct the file; every key is explained in the config.yaml that comes with the program"}}, found...)
	}
	found = append(found, checkRegistry(c)...)
	found = append(found, checkListeners(c)...)
	found = append(found, checkCertificates(&c.SOAP, now)...)
	return append(found, checkStore(cmd.Context(), c.Store.Dir, now)...)
}

// printFindings prints them for a person or a program.
func printFindings(out io.Writer, found []finding, asJSON bool) error {
	errors, warnings := count(found, severityError), count(found, severityWarning)
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			Findings []finding `json:"findings"`
			Errors   int       `json:"errors"`
			Warnings int       `json:"warnings"`
		}{append([]finding{}, found...), errors, warnings})
	}
	for _, f := range found {
		fmt.Fprintf(out, "%s: %s: %s\n  why:  %s\n  cure: %s\n", f.Severity, f.Key, f.What, f.Why, f.Cure)
	}
	_, err := fmt.Fprintf(out, "%s, %s\n", plural(errors, "error"), plural(warnings, "warning"))
	return err
}

func count(found []finding, severity string) int {
	n := 0
	for _, f := range found {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
