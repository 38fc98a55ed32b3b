package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
)

// listAnomalies is the order behind "anomalies list".
func listAnomalies(service *bridge.Service) orderFunc {
	return func(ctx context.Context, in controlRequest) (controlResponse, error) {
		found, err := service.Anomalies(ctx, in.Anomalies)
		return controlResponse{Anomalies: found}, err
	}
}

func anomaliesCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "anomalies", Short: "See what was odd about the receipts that came"}
	cmd.AddCommand(anomaliesListCommand())
	return cmd
}

func anomaliesListCommand() *cobra.Command {
	var ec, class, since string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List anomalies, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			q := bridge.AnomalyQuery{EC: ec, Class: bridge.AnomalyClass(class), Limit: limit}
			if q.Since, err = moment(since); err != nil {
				return fmt.Errorf("--since %s: %w", since, err)
			}
			out, err := order(cmd.Context(), c, "anomalies/list", controlRequest{Anomalies: q})
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "AT\tCLASS\tEC\tNOTICE\tRECEIPT\tDETAIL")
			for _, a := range out.Anomalies {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.At.Format(time.RFC3339), a.Class, shown(a.EC), shown(string(a.NAV)), shown(a.ReceiptID), a.Detail)
			}
			return w.Flush()
		},
	}
	cmd.Flags().StringVar(&ec, "ec", "", "only those of this creditor institution's fiscal code, as the node wrote it")
	cmd.Flags().StringVar(&class, "class", "", "only those of this class, e.g. double_payment")
	cmd.Flags().StringVar(&since, "since", "", "only those noted since then: 2026-11-23 (midnight UTC) or 2026-11-23T12:00:00Z")
	cmd.Flags().IntVar(&limit, "limit", 200, fmt.Sprintf("how many of the newest, 1 to %d", bridge.MaxAnomalies))
	return cmd
}

// moment reads a day or an instant; "" is the zero time.
func moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("must be a day like 2026-11-23 or an instant like 2026-11-23T12:00:00Z")
	}
	return at, nil
}

// shown makes a text of the node's fit for a terminal's table: what it sent in an
// identifier's place may hold anything.
func shown(s string) string {
	if s == "" {
		return "-"
	}
	quoted := fmt.Sprintf("%q", s)
	return quoted[1 : len(quoted)-1]
}
