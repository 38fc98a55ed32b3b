package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"nodobridge/wsdl/contract"
)

func contractCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "contract", Short: "Look at the paForNode contract that this binary speaks"}
	cmd.AddCommand(&cobra.Command{
		Use:   "diff DIR",
		Short: "Compare it, component by component, with pagoPA's files below DIR",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			differences, err := contract.DiffDir(args[0])
			if err != nil {
				return err
			}
			for _, d := range differences {
				fmt.Fprintln(cmd.OutOrStdout(), d)
			}
			if len(differences) > 0 {
				return fmt.Errorf("the contract differs in %d places", len(differences))
			}
			fmt.Fprintln(cmd.OutOrStdout(), "the contract is the same")
			return nil
		},
	})
	return cmd
}
