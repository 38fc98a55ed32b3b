package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"nodobridge/store"
)

// release is set by the linker for a released binary (Makefile).
var release = "dev"

func version() string { return release }

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show what this binary was built from",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			out := cmd.OutOrStdout()
			fmt.Fprintln(out, "nodobridge "+version())
			fmt.Fprintln(out, "sqlite "+store.LibraryVersion())
			if info, ok := debug.ReadBuildInfo(); ok {
				fmt.Fprintln(out, info.GoVersion)
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
						fmt.Fprintln(out, s.Key+" "+s.Value)
					}
				}
			}
		},
	}
}
