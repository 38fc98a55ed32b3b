package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
)

// keyring is the key orders of the command line.
type keyring struct{ service *bridge.Service }

func (k keyring) create(ctx context.Context, in controlRequest) (controlResponse, error) {
	key, err := k.service.CreateKey(ctx, in.Name, in.ECs)
	return controlResponse{Key: key}, err
}

func (k keyring) list(ctx context.Context, _ controlRequest) (controlResponse, error) {
	keys, err := k.service.Keys(ctx)
	for i := range keys {
		keys[i].SecretHash = [32]byte{} // of no use to a person
	}
	return controlResponse{Keys: keys}, err
}

func (k keyring) revoke(ctx context.Context, in controlRequest) (controlResponse, error) {
	return controlResponse{}, k.service.RevokeKey(ctx, in.ID)
}

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "Create, list and revoke the API keys of the JSON API"}
	cmd.AddCommand(keysCreateCommand(), keysListCommand(), keysRevokeCommand())
	return cmd
}

func keysCreateCommand() *cobra.Command {
	var name string
	var ecs []string
	cmd := &cobra.Command{
		Use:   "create --name HOLDER --ec CODE",
		Short: "Create a key and print it, once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			in := controlRequest{Name: name}
			for _, ec := range ecs {
				code, err := bridge.ParseECCode(ec)
				if err != nil {
					return fmt.Errorf("--ec %s: %w", ec, err)
				}
				in.ECs = append(in.ECs, code)
			}
			out, err := order(cmd.Context(), c, "keys/create", in)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), out.Key)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "who will hold the key")
	cmd.Flags().StringSliceVar(&ecs, "ec", nil, "fiscal code of a creditor institution that the key may act for (repeatable)")
	return cmd
}

func keysListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the keys, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			out, err := order(cmd.Context(), c, "keys/list", controlRequest{})
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tNAME\tEC\tCREATED\tREVOKED")
			for _, k := range out.Keys {
				revoked := "-"
				if !k.RevokedAt.IsZero() {
					revoked = k.RevokedAt.Format(time.RFC3339)
				}
				var ecs []string
				for _, ec := range k.ECs {
					ecs = append(ecs, string(ec))
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, strings.Join(ecs, ","), k.CreatedAt.Format(time.RFC3339), revoked)
			}
			return w.Flush()
		},
	}
}

func keysRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "End a key at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if _, err := order(cmd.Context(), c, "keys/revoke", controlRequest{ID: args[0]}); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "revoked "+args[0])
			return nil
		},
	}
}
