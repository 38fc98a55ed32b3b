package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"nodobridge/backup"
	"nodobridge/bridge"
	"nodobridge/store"
)

// backupOrders are the orders about copies of the whole store.
func backupOrders(k *vault) map[string]orderFunc {
	return map[string]orderFunc{
		"backup/make": func(ctx context.Context, _ controlRequest) (controlResponse, error) {
			made, err := k.make(ctx)
			return controlResponse{Backup: made}, err
		},
		"backup/compare": func(ctx context.Context, in controlRequest) (controlResponse, error) {
			strangers, err := k.db.HasEnds(ctx, in.Ends)
			if err == nil && len(strangers) == 0 {
				err = k.service.NoteBackup(ctx, "backup.drill", in.ID, "")
			}
			return controlResponse{Strangers: strangers}, err
		},
	}
}

func backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Make a verified, encrypted backup of the store, running or stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			out, err := order(cmd.Context(), c, "backup/make", controlRequest{})
			if err != nil {
				return err
			}
			made := out.Backup
			fmt.Fprintf(cmd.OutOrStdout(), "made %s: %d bytes, %d chained records verified, in %s\n", made.File, made.Size, made.Records, made.Took.Round(time.Millisecond))
			for _, name := range made.Removed {
				fmt.Fprintf(cmd.OutOrStdout(), "removed %s, which need not stay\n", name)
			}
			return nil
		},
	}
	cmd.AddCommand(backupListCommand(), backupDrillCommand(), backupKeygenCommand())
	return cmd
}

func backupListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the backups in the configured folder",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			list, err := c.anyShelf().List()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "MADE\tBYTES\tFILE")
			for _, item := range list {
				fmt.Fprintf(w, "%s\t%d\t%s\n", item.At.Format(time.RFC3339), item.Size, item.Name)
			}
			return w.Flush()
		},
	}
}

// anyShelf lists without asking which store it is, which may not be there any more.
func (c *config) anyShelf() backup.Shelf { return backup.Shelf{Dir: c.Backup.Dir} }

func backupKeygenCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "keygen --out FILE",
		Short: "Make a key pair for backups; FILE is the secret half and does not belong on this machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			identity, recipient, err := backup.NewKey()
			if err != nil {
				return err
			}
			f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			_, err = f.WriteString(identity)
			if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), recipient)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "where the secret key goes; keep it twice, and off this machine")
	_ = cmd.MarkFlagRequired("out") // the flag is there
	return cmd
}

func backupDrillCommand() *cobra.Command {
	var identity string
	cmd := &cobra.Command{
		Use:   "drill [FILE] --identity KEYFILE",
		Short: "Open the newest backup (or FILE), verify it, and compare it with the store; nothing is replaced",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			begin, file := time.Now(), ""
			if len(args) == 1 {
				file = args[0]
			} else if file, err = c.newestBackup(); err != nil {
				return err
			}
			var v *store.Verification
			err = c.unpack(cmd.Context(), file, identity, func(_ string, found *store.Verification) error { v = found; return nil })
			if err != nil {
				return err
			}
			out, err := order(cmd.Context(), c, "backup/compare", controlRequest{ID: filepath.Base(file), Ends: v.Ends})
			if err != nil {
				return err
			}
			if len(out.Strangers) > 0 {
				end := out.Strangers[0]
				return &exitError{exitData, fmt.Errorf("the backup is whole, but its %s record %d is not in the store's chain: one of them is another store's, or was tampered with", end.Name, end.Last)}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "drill of %s: opened, %d chained records verified, part of the store's chains, in %s\n", filepath.Base(file), v.Records(), time.Since(begin).Round(time.Millisecond))
			return nil
		},
	}
	addIdentity(cmd, &identity)
	return cmd
}

func addIdentity(cmd *cobra.Command, identity *string) {
	cmd.Flags().StringVar(identity, "identity", "", "file with the secret key; not needed for backups that are not encrypted")
}

func (c *config) newestBackup() (string, error) {
	list, err := c.anyShelf().List()
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("there is no backup in %s", c.Backup.Dir)
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(c.Backup.Dir, list[len(list)-1].Name), nil
}

// unpack opens a backup beside the store, and verifies it.
func (c *config) unpack(ctx context.Context, file, identity string, use func(string, *store.Verification) error) error {
	var identities []age.Identity
	if identity != "" {
		var err error
		if identities, err = backup.ReadIdentities(identity); err != nil {
			return err
		}
	}
	label, err := backup.ReadLabel(file)
	if err != nil {
		return &exitError{exitData, err}
	}
	err = store.Unpack(ctx, c.Store.Dir, func(to string) error {
		sums, err := backup.Read(ctx, file, to, identities)
		if err == nil && label != nil && label.Sums != sums {
			err = fmt.Errorf("%w: it is not the file of which %s.json tells", backup.ErrDamaged, filepath.Base(file))
		}
		return err
	}, use)
	var refusal *store.OpenError
	if errors.Is(err, backup.ErrDamaged) || errors.Is(err, backup.ErrLocked) || errors.Is(err, store.ErrCorrupt) || errors.As(err, &refusal) && refusal.Reason == store.Damaged {
		return &exitError{exitData, err}
	}
	return err
}

func restoreCommand() *cobra.Command {
	var identity string
	var other bool
	cmd := &cobra.Command{
		Use:   "restore FILE [--identity KEYFILE]",
		Short: "Put a backup in the place of the store, which is kept aside; the station must be stopped",
		Long: "The backup is opened and verified record by record before anything is replaced; a backup of an older\n" +
			"release is migrated. Exit codes: 65 the backup is damaged, or encrypted for another key; 75 the store is in use.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			ctx, file := cmd.Context(), args[0]
			return c.unpack(ctx, file, identity, func(work string, v *store.Verification) error {
				note := bridge.JournalEntry{At: time.Now().UTC(), Actor: "operator", Action: "backup.restore", Object: filepath.Base(file)}
				if err := store.Restored(ctx, work, note); err != nil {
					return err
				}
				aside, err := store.Replace(ctx, c.Store.Dir, work, other, time.Now())
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "restored store %s from %s: %d chained records verified\n", v.UUID, filepath.Base(file), v.Records())
				if aside != "" {
					fmt.Fprintf(cmd.OutOrStdout(), "the store that was there is in %s\n", aside)
				}
				return nil
			})
		},
	}
	addIdentity(cmd, &identity)
	cmd.Flags().BoolVar(&other, "other-store", false, "the backup may be of another store than the one that is there")
	return cmd
}
