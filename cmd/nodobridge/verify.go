package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/store"
)

// exitData is given when what is stored, or a backup, is not as it was written
// (EX_DATAERR).
const exitData = 65

// storeOrders are the orders about the store as a whole.
func storeOrders(db *store.DB) map[string]orderFunc {
	return map[string]orderFunc{
		"verify": func(ctx context.Context, in controlRequest) (controlResponse, error) {
			v, err := db.Verify(ctx, in.Expect...)
			return controlResponse{Verified: v}, err
		},
	}
}

// allOrders are what may be ordered of an open store.
func allOrders(k *vault) map[string]orderFunc {
	list := orders(k.service)
	maps.Copy(list, storeOrders(k.db))
	maps.Copy(list, backupOrders(k))
	maps.Copy(list, availabilityOrders(k.service))
	return list
}

func verifyCommand() *cobra.Command {
	var print bool
	var expected string
	cmd := &cobra.Command{
		Use:   "verify [--print-head] [--expect HEAD]",
		Short: "Verify every record of the store: the file, the chains of journal and receipts, the positions",
		Long: "Verify reads every record and changes nothing, whether the station runs or not. It prints what it has\n" +
			"looked at and the ends of the chains. With --print-head it prints these as one word, to be kept on another\n" +
			"machine; given back with --expect, it shows whether records have been cut off since.\n" +
			"Exit codes: 0 all is well, 65 something is broken, 78 there is no usable store.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			var expect []store.Head
			if cmd.Flags().Changed("expect") {
				head, err := store.ParseHead(expected)
				if err != nil {
					return fmt.Errorf("--expect: %w", err)
				}
				expect = append(expect, head)
			}
			v, err := c.verify(cmd.Context(), expect)
			if err != nil {
				return err
			}
			if print && v.OK() {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), v.Head())
				return err
			}
			return printVerification(cmd.OutOrStdout(), v)
		},
	}
	cmd.Flags().BoolVar(&print, "print-head", false, "print nothing but the ends of the chains, as one word to be kept elsewhere")
	cmd.Flags().StringVar(&expected, "expect", "", "a head that was printed before: its records must still be in the chains")
	return cmd
}

// verify looks at the store here when it is free, else the running station does.
func (c *config) verify(ctx context.Context, expect []store.Head) (*store.Verification, error) {
	v, err := store.VerifyDir(ctx, c.Store.Dir, expect...)
	if !inUse(err) {
		return v, err
	}
	out, err := orderRunning(ctx, c.controlPath(), "verify", controlRequest{Expect: expect})
	if err == nil && out.Verified == nil {
		err = errors.New("the running station is of a release that cannot verify: restart it")
	}
	return out.Verified, err
}

func printVerification(out io.Writer, v *store.Verification) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "CHECK\tRECORDS\tTIME\tRESULT")
	for _, check := range v.Checks {
		result := "ok"
		if check.Broken != "" {
			result = "BROKEN: " + check.Broken
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", check.Name, check.Counted, check.Took.Round(time.Millisecond), result)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, end := range v.Ends {
		fmt.Fprintf(out, "end of the %s chain: record %d of %d, %s\n", end.Name, end.Last, end.Records, end.Link)
	}
	if !v.OK() {
		return &exitError{exitData, fmt.Errorf("the store is not whole: %s", v.Broken())}
	}
	fmt.Fprintf(out, "store %s is whole: %d chained records\n", v.UUID, v.Records())
	return nil
}
