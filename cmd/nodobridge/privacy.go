package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
	"nodobridge/soap"
)

// retentionConfig is for how many months each class of data names persons; config.yaml
// explains every key.
type retentionConfig struct {
	UnpaidMonths  int `mapstructure:"unpaid_months"`
	PaidMonths    int `mapstructure:"paid_months"`
	ReceiptMonths int `mapstructure:"receipt_months"`
	RefusedMonths int `mapstructure:"refused_months"`
}

func (c *retentionConfig) rules() bridge.Retention {
	return bridge.Retention{Unpaid: c.UnpaidMonths, Paid: c.PaidMonths, Receipts: c.ReceiptMonths, Refused: c.RefusedMonths}
}

func (c *retentionConfig) validate() error {
	for key, months := range map[string]int{"unpaid_months": c.UnpaidMonths, "paid_months": c.PaidMonths, "receipt_months": c.ReceiptMonths, "refused_months": c.RefusedMonths} {
		if months < 0 {
			return fmt.Errorf("retention.%s: must not be negative; 0 is for ever", key)
		}
	}
	return nil
}

// privacyRequest and privacyResponse are the part of an order that is about persons.
type privacyRequest struct {
	Rules    bridge.Retention
	Dry      bool
	Subject  bridge.SubjectQuery
	Receipts bool
	Hold     bridge.Hold
	From, To time.Time
}

type privacyResponse struct {
	Lines   []bridge.RetentionLine
	Erasure bridge.Erasure
	File    bridge.SubjectFile
	Hold    int64
	Holds   []bridge.Hold
	Touched []bridge.JournalRecord
}

// privacyOrders are the orders about persons.
func privacyOrders(service *bridge.Service) map[string]orderFunc {
	of := func(do func(context.Context, controlRequest, *privacyResponse) error) orderFunc {
		return func(ctx context.Context, in controlRequest) (controlResponse, error) {
			var out privacyResponse
			err := do(ctx, in, &out)
			return controlResponse{Privacy: out}, err
		}
	}
	return map[string]orderFunc{
		"privacy/run": of(func(ctx context.Context, in controlRequest, out *privacyResponse) (err error) {
			out.Lines, err = service.ApplyRetention(ctx, in.Privacy.Rules, soap.RedactReceipt, in.Privacy.Dry)
			return err
		}),
		"privacy/erase": of(func(ctx context.Context, in controlRequest, out *privacyResponse) (err error) {
			out.Erasure, err = service.EraseSubject(ctx, in.Privacy.Subject, in.Privacy.Receipts, soap.RedactReceipt, in.Privacy.Dry)
			return err
		}),
		"privacy/compact": of(func(ctx context.Context, _ controlRequest, _ *privacyResponse) error { return service.Compact(ctx) }),
		"subject/export": of(func(ctx context.Context, in controlRequest, out *privacyResponse) (err error) {
			out.File, err = service.SubjectExport(ctx, in.Privacy.Subject)
			return err
		}),
		"hold/place": of(func(ctx context.Context, in controlRequest, out *privacyResponse) (err error) {
			out.Hold, err = service.PlaceHold(ctx, in.Privacy.Hold)
			return err
		}),
		"hold/release": of(func(ctx context.Context, in controlRequest, _ *privacyResponse) error {
			return service.ReleaseHold(ctx, in.Privacy.Hold.ID)
		}),
		"hold/list": of(func(ctx context.Context, _ controlRequest, out *privacyResponse) (err error) {
			out.Holds, err = service.Holds(ctx)
			return err
		}),
		"breach/report": of(func(ctx context.Context, in controlRequest, out *privacyResponse) (err error) {
			out.Touched, err = service.TouchedBy(ctx, in.ID, in.Privacy.From, in.Privacy.To)
			return err
		}),
	}
}

// privately gives an order about persons.
func privately(cmd *cobra.Command, path string, in controlRequest) (privacyResponse, error) {
	c, err := loadConfig(cmd)
	if err != nil {
		return privacyResponse{}, err
	}
	in.Privacy.Rules = c.Retention.rules()
	out, err := order(cmd.Context(), c, path, in)
	return out.Privacy, err
}

func privacyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "privacy", Short: "Take persons out of what is old or asked for, and hold what must stay"}
	cmd.AddCommand(privacyRunCommand(), privacyEraseCommand(), holdCommand())
	return cmd
}

func privacyRunCommand() *cobra.Command {
	var dry, compact bool
	cmd := &cobra.Command{
		Use:   "run [--dry-run] [--compact]",
		Short: "Apply the retention of config.yaml; --dry-run only counts",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := privately(cmd, "privacy/run", controlRequest{Privacy: privacyRequest{Dry: dry}})
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "CLASS\tBEFORE\tDUE\tHELD\tDONE")
			for _, l := range out.Lines {
				fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\n", l.Class, l.Before.Format(time.DateOnly), l.Due, l.Held, l.Done)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			return compacted(cmd, compact && !dry)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "count what is due, and change nothing")
	addCompact(cmd, &compact)
	return cmd
}

func addCompact(cmd *cobra.Command, compact *bool) {
	cmd.Flags().BoolVar(compact, "compact", false, "write the store's file anew afterwards, so that nothing is left in it; writers wait, so choose a quiet hour")
}

func compacted(cmd *cobra.Command, wanted bool) error {
	if !wanted {
		return nil
	}
	if _, err := privately(cmd, "privacy/compact", controlRequest{}); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), "the store's file was written anew; backups made before still hold what they held")
	return nil
}

// addSubject gives a command the flags that name a person.
func addSubject(cmd *cobra.Command, q *bridge.SubjectQuery) {
	cmd.Flags().StringVar(&q.FiscalCode, "fiscal-code", "", "the person's fiscal code")
	cmd.Flags().StringVar((*string)(&q.EC), "ec", "", "only with this creditor institution")
	cmd.Flags().StringVar(&q.Reason, "reason", "", "why, for the journal: the request's protocol number, never a name")
}

func privacyEraseCommand() *cobra.Command {
	var q bridge.SubjectQuery
	var dry, receipts, compact bool
	cmd := &cobra.Command{
		Use:   "erase --fiscal-code CODE --reason TEXT [--ec CODE] [--receipts] [--dry-run] [--compact]",
		Short: "Take a person out of positions that are closed and, with --receipts, of receipts",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := privately(cmd, "privacy/erase", controlRequest{Privacy: privacyRequest{Subject: q, Receipts: receipts, Dry: dry}})
			if err != nil {
				return err
			}
			e := out.Erasure
			fmt.Fprintf(cmd.OutOrStdout(), "positions anonymised: %d\nreceipts redacted: %d\npositions that are open and stay: %d\nheld: %d\nreceipts kept by law (--receipts redacts them): %d\nother traces removed: %d\n", e.Anonymised, e.Redacted, e.Open, e.Held, e.Kept, e.Traces)
			return compacted(cmd, compact && !dry)
		},
	}
	addSubject(cmd, &q)
	cmd.Flags().BoolVar(&receipts, "receipts", false, "redact receipts too: nothing obliges to keep them any more")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "count, and change nothing")
	addCompact(cmd, &compact)
	return cmd
}

func holdCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "hold", Short: "Keep data from being taken away while a dispute or an inquiry lasts"}
	var h bridge.Hold
	place := &cobra.Command{
		Use:   "place --reason TEXT [--ec CODE] [--iupd ID] [--fiscal-code CODE]",
		Short: "Put a hold in force",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := privately(cmd, "hold/place", controlRequest{Privacy: privacyRequest{Hold: h}})
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "hold %d is in force\n", out.Hold)
			}
			return err
		},
	}
	place.Flags().StringVar((*string)(&h.EC), "ec", "", "of this creditor institution")
	place.Flags().StringVar((*string)(&h.IUPD), "iupd", "", "this position")
	place.Flags().StringVar(&h.Debtor, "fiscal-code", "", "what is about this person")
	place.Flags().StringVar(&h.Reason, "reason", "", "why, for the journal; never a name")
	release := &cobra.Command{
		Use:   "release NUMBER",
		Short: "End a hold",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no number of a hold", args[0])
			}
			_, err = privately(cmd, "hold/release", controlRequest{Privacy: privacyRequest{Hold: bridge.Hold{ID: id}}})
			return err
		},
	}
	cmd.AddCommand(place, release, &cobra.Command{Use: "list", Short: "List the holds", Args: cobra.NoArgs, RunE: listHolds})
	return cmd
}

func listHolds(cmd *cobra.Command, _ []string) error {
	out, err := privately(cmd, "hold/list", controlRequest{})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tEC\tPOSITION\tPERSON\tPLACED\tRELEASED\tREASON")
	for _, h := range out.Holds {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", h.ID, shown(string(h.EC)), shown(string(h.IUPD)), shown(bridge.MaskFiscalCode(h.Debtor)), h.PlacedAt.Format(time.RFC3339), orDash(h.ReleasedAt), shown(h.Reason))
	}
	return w.Flush()
}

func breachCommand() *cobra.Command {
	var key, from, to string
	report := &cobra.Command{
		Use:   "report --key ID --from 2026-11-23 [--to 2026-11-24T12:00:00Z]",
		Short: "List what a key has done, as the journal has it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := controlRequest{ID: key, Privacy: privacyRequest{To: time.Now()}}
			var err error
			if in.Privacy.From, err = moment(from); err != nil || from == "" || key == "" {
				return errors.Join(errors.New("--key and --from are needed"), err)
			}
			if to != "" {
				if in.Privacy.To, err = moment(to); err != nil {
					return fmt.Errorf("--to %s: %w", to, err)
				}
			}
			out, err := privately(cmd, "breach/report", in)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "NUMBER\tAT\tACTION\tEC\tOBJECT")
			for _, r := range out.Touched {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", r.ID, r.At.Format(time.RFC3339), r.Action, shown(r.EC), shown(r.Object))
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d records; lists, and readings on GPD's paths, leave no record: see the access log (key=%s)\n", len(out.Touched), key)
			return nil
		},
	}
	report.Flags().StringVar(&key, "key", "", "the public part of the key, as \"keys list\" shows it")
	report.Flags().StringVar(&from, "from", "", "since then: a day (midnight UTC) or an instant")
	report.Flags().StringVar(&to, "to", "", "until then; now by default")
	cmd := &cobra.Command{Use: "breach", Short: "What has to be told after a breach"}
	cmd.AddCommand(report)
	return cmd
}
