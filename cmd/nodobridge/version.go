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
	modules := false
	cmd := &cobra.Command{
		Use:   "version [--modules]",
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
				for _, m := range info.Deps {
					if modules {
						fmt.Fprintln(out, m.Path+" "+m.Version+" "+m.Sum)
					}
				}
			}
		},
	}
	cmd.Flags().BoolVar(&modules, "modules", false, "list the linked modules with their checksums")
	return cmd
}
