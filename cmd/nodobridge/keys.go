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
	key, err := k.service.CreateKey(ctx, in.New)
	return controlResponse{Key: key}, err
}

func (k keyring) rotate(ctx context.Context, in controlRequest) (controlResponse, error) {
	key, err := k.service.RotateKey(ctx, in.ID, in.Overlap)
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
	cmd := &cobra.Command{Use: "keys", Short: "Create, list, rotate and revoke the API keys of the JSON API"}
	cmd.AddCommand(keysCreateCommand(), keysListCommand(), keysRotateCommand(), keysRevokeCommand())
	return cmd
}

func keysCreateCommand() *cobra.Command {
	var name, expires string
	var ecs, scopes []string
	cmd := &cobra.Command{
		Use:   "create --name HOLDER --ec CODE[:47+48] [--scope SCOPE] [--expires 2027-12-31]",
		Short: "Create a key and print it, once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			key := bridge.Key{Name: name}
			for _, scope := range scopes {
				key.Scopes = append(key.Scopes, bridge.Scope(scope))
			}
			if key.ECs, err = bindings(ecs); err != nil {
				return err
			}
			if key.ExpiresAt, err = endOf(expires); err != nil {
				return err
			}
			out, err := order(cmd.Context(), c, "keys/create", controlRequest{New: key})
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), out.Key)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "who will hold the key")
	cmd.Flags().StringSliceVar(&ecs, "ec", nil, "fiscal code of a creditor institution that the key may act for (repeatable); with :47+48 it is held to these segregation codes")
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what the key may do: positions:read, positions:write, receipts:read (repeatable); everything by default")
	cmd.Flags().StringVar(&expires, "expires", "", "the last day (in Italy) on which the key is good, e.g. 2027-12-31; never expires by default")
	return cmd
}

// bindings reads 77777777777 and 77777777777:47+48.
func bindings(texts []string) ([]bridge.ECBinding, error) {
	var list []bridge.ECBinding
	for _, text := range texts {
		code, codes, held := strings.Cut(text, ":")
		ec, err := bridge.ParseECCode(code)
		if err != nil {
			return nil, fmt.Errorf("--ec %s: %w", text, err)
		}
		b := bridge.ECBinding{EC: ec}
		if held {
			b.Segregations = strings.Split(codes, "+")
		}
		list = append(list, b)
	}
	return list, nil
}

// endOf is the end of an Italian day; zero for none.
func endOf(day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, day, bridge.Rome())
	if err != nil {
		return at, fmt.Errorf("--expires %s: must be a day such as 2027-12-31", day)
	}
	return at.AddDate(0, 0, 1).UTC(), nil
}

// rotationOverlap is how long both keys are good by default.
const rotationOverlap = 7 * 24 * time.Hour

func keysRotateCommand() *cobra.Command {
	var overlap time.Duration
	cmd := &cobra.Command{
		Use:   "rotate ID",
		Short: "Create a key with the bounds of another, which ends after the overlap; print it, once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if overlap < 0 {
				return fmt.Errorf("--overlap %s: must not be negative", overlap)
			}
			out, err := order(cmd.Context(), c, "keys/rotate", controlRequest{ID: args[0], Overlap: overlap})
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), out.Key)
			return nil
		},
	}
	cmd.Flags().DurationVar(&overlap, "overlap", rotationOverlap, "how long the old key stays good")
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
			fmt.Fprintln(w, "ID\tNAME\tEC\tSCOPES\tCREATED\tEXPIRES\tREVOKED\tLAST USED")
			for _, k := range out.Keys {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, boundTo(k.ECs), scopesOf(k.Scopes),
					k.CreatedAt.Format(time.RFC3339), orDash(k.ExpiresAt), orDash(k.RevokedAt), orDash(k.LastUsedAt))
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

func boundTo(list []bridge.ECBinding) string {
	texts := make([]string, len(list))
	for i, b := range list {
		texts[i] = string(b.EC)
		if len(b.Segregations) > 0 {
			texts[i] += ":" + strings.Join(b.Segregations, "+")
		}
	}
	return strings.Join(texts, ",")
}

func scopesOf(list []bridge.Scope) string {
	if len(list) == 0 {
		return "all"
	}
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = string(s)
	}
	return strings.Join(texts, ",")
}

func orDash(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format(time.RFC3339)
}
