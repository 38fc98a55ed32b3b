package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
	"nodobridge/soap"
)

// replayReceipts is the order behind "receipts replay": one receipt, or, without
// an id, the next batch after a given one.
func replayReceipts(service *bridge.Service) orderFunc {
	return func(ctx context.Context, in controlRequest) (controlResponse, error) {
		if in.ID == "" {
			tried, err := service.ReplayReceipts(ctx, soap.DecodeReceipt, in.After)
			return controlResponse{Replays: tried}, err
		}
		id, err := strconv.ParseInt(in.ID, 10, 64)
		if err != nil {
			return controlResponse{}, fmt.Errorf("%q is not the number of a refused receipt", in.ID)
		}
		one, err := service.ReplayReceipt(ctx, soap.DecodeReceipt, id)
		return controlResponse{Replays: []bridge.Replay{one}}, err
	}
}

func receiptsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "receipts", Short: "Record receipts that were refused"}
	cmd.AddCommand(receiptsReplayCommand())
	return cmd
}

func receiptsReplayCommand() *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:   "replay --all | replay NUMBER",
		Short: "Record receipts that were refused because their broker, station or creditor institution was not configured",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return errors.New("say either --all or the number of one refused receipt")
			}
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			var tried []bridge.Replay
			if all {
				tried, err = replayAll(cmd.Context(), c)
			} else {
				var out controlResponse
				out, err = order(cmd.Context(), c, "receipts/replay", controlRequest{ID: args[0]})
				tried = out.Replays
			}
			if err == nil {
				err = unfinished(tried)
			}
			return errors.Join(report(cmd, tried), err)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all that wait")
	return cmd
}

// replayAll goes on batch by batch. What was recorded before a failure stays so.
func replayAll(ctx context.Context, c *config) ([]bridge.Replay, error) {
	var tried []bridge.Replay
	after := int64(0)
	for {
		out, err := order(ctx, c, "receipts/replay", controlRequest{After: after})
		if err != nil || len(out.Replays) == 0 {
			return tried, err
		}
		tried = append(tried, out.Replays...)
		after = tried[len(tried)-1].ID
	}
}

func report(cmd *cobra.Command, tried []bridge.Replay) error {
	if len(tried) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "no refused receipt waits")
		return nil
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tEC\tRECEIPT\tOUTCOME")
	for _, r := range tried {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", r.ID, shown(r.EC), shown(r.ReceiptID), r.Outcome)
	}
	return w.Flush()
}

// unfinished is an error when a receipt still waits, so that a script notices.
func unfinished(tried []bridge.Replay) error {
	left := 0
	for _, r := range tried {
		if r.Outcome == bridge.ReplayMisrouted || r.Outcome == bridge.ReplayUnreadable {
			left++
		}
	}
	if left > 0 {
		return fmt.Errorf("%d of %d refused receipts could not be recorded", left, len(tried))
	}
	return nil
}
