package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
)

// reserveNumbers is the order behind "numbers reserve".
func reserveNumbers(service *bridge.Service) orderFunc {
	return func(ctx context.Context, in controlRequest) (controlResponse, error) {
		list, err := service.ReserveNumbers(ctx, bridge.Operator(in.Numbers.EC), in.Numbers)
		return controlResponse{Numbers: list}, err
	}
}

func numbersCommand() *cobra.Command {
	var in bridge.NumberOrder
	var ec string
	reserve := &cobra.Command{
		Use:   "reserve --segregation CODE [--count N]",
		Short: "Reserve notice numbers that nobody else is given, one a line",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if in.EC, err = c.onlyEC(ec); err != nil {
				return err
			}
			out, err := order(cmd.Context(), c, "numbers/reserve", controlRequest{Numbers: in})
			if err != nil {
				return err
			}
			for _, nav := range out.Numbers {
				fmt.Fprintln(cmd.OutOrStdout(), nav)
			}
			return nil
		},
	}
	reserve.Flags().StringVar(&ec, "ec", "", "fiscal code of the creditor institution; not needed when one is configured")
	reserve.Flags().StringVar(&in.Segregation, "segregation", "", "segregation code of the numbers, two digits")
	reserve.Flags().IntVar(&in.Count, "count", 1, fmt.Sprintf("how many, 1 to %d", bridge.MaxNumbers))
	cmd := &cobra.Command{Use: "numbers", Short: "Reserve notice numbers"}
	cmd.AddCommand(reserve)
	return cmd
}
