package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
)

// nodeWaits is how long the node waits for an answer (soap-node.md §2.7): callers in the
// kernel's queue are served late and not missed when a restart is shorter.
const nodeWaits = 7 * time.Second

// signs says every minute that the station lives.
type signs struct {
	service  *bridge.Service
	patience time.Duration // how long a restart may take that nobody has missed
	log      *slog.Logger
	noted    bool // that it has started
}

func newSigns(service *bridge.Service, supervisor *supervisor, log *slog.Logger) *signs {
	s := &signs{service: service, log: log}
	if supervisor.handed {
		s.patience = nodeWaits
	}
	return s
}

func (s *signs) show(ctx context.Context) {
	err := s.service.ShowLife(ctx, !s.noted, s.patience)
	if err != nil && ctx.Err() == nil {
		s.log.Error("cannot say that the station lives", "reason", err.Error())
	}
	s.noted = s.noted || err == nil
}

// keep goes on until the context ends.
func (s *signs) keep(ctx context.Context) {
	ticker := time.NewTicker(bridge.SignEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.show(ctx)
		}
	}
}

// availabilityOrders are the orders about when the station served.
func availabilityOrders(service *bridge.Service) map[string]orderFunc {
	return map[string]orderFunc{
		"availability/show": func(ctx context.Context, in controlRequest) (controlResponse, error) {
			a, err := service.AvailabilityOf(ctx, in.Year)
			return controlResponse{Availability: a}, err
		},
		"availability/announce": func(ctx context.Context, in controlRequest) (controlResponse, error) {
			late, err := service.Announce(ctx, in.Stop)
			if err != nil {
				return controlResponse{}, err
			}
			a, err := service.AvailabilityOf(ctx, in.Stop.From.In(bridge.Rome()).Year())
			return controlResponse{Late: late, Availability: a}, err
		},
	}
}

func slaCommand() *cobra.Command {
	var year int
	cmd := &cobra.Command{
		Use:   "sla [--year 2026]",
		Short: "Show when the station did not serve, against the year's 36 hours planned and 9 unplanned",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if year == 0 {
				year = time.Now().In(bridge.Rome()).Year()
			}
			out, err := order(cmd.Context(), c, "availability/show", controlRequest{Year: year})
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "FROM\tTO\tFOR\tCAUSE")
			for _, u := range out.Availability.Intervals {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", italian(u.From), italian(u.To), u.To.Sub(u.From).Round(time.Second), u.Cause)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), spent(out.Availability))
			return nil
		},
	}
	cmd.Flags().IntVar(&year, "year", 0, "the calendar year; this one by default")
	return cmd
}

func italian(at time.Time) string { return at.In(bridge.Rome()).Format("02/01/2006 15:04:05") }

func spent(a bridge.Availability) string {
	return fmt.Sprintf("%d: planned %s of %s, unplanned %s of %s", a.Year, a.Planned.Round(time.Second), bridge.PlannedBudget, a.Unplanned.Round(time.Second), bridge.UnplannedBudget)
}

func maintenanceCommand() *cobra.Command {
	var from, to, reason string
	cmd := &cobra.Command{
		Use:   "maintenance --from 2026-12-01T20:00:00+01:00 --to 2026-12-01T22:00:00+01:00 --reason TEXT",
		Short: "Announce a planned stop: note it, and print the notice that pagoPA gets 72 hours before",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			in := controlRequest{Stop: bridge.Maintenance{Reason: reason}}
			var wrongFrom, wrongTo error
			in.Stop.From, wrongFrom = time.Parse(time.RFC3339, from)
			in.Stop.To, wrongTo = time.Parse(time.RFC3339, to)
			if err := errors.Join(wrongFrom, wrongTo); err != nil {
				return fmt.Errorf("--from and --to are instants with their offset: %w", err)
			}
			out, err := order(cmd.Context(), c, "availability/announce", in)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Oggetto: fermo programmato della stazione %s\n\nSi comunica che dalle %s alle %s la stazione non risponderà al Nodo dei Pagamenti-SPC per manutenzione.\nMotivo: %s.\n\n",
				c.stationNames(), italian(in.Stop.From), italian(in.Stop.To), reason)
			fmt.Fprintf(cmd.OutOrStdout(), "%s; this stop takes %s\n", spent(out.Availability), in.Stop.To.Sub(in.Stop.From))
			if out.Late {
				fmt.Fprintln(cmd.OutOrStdout(), "less than 72 hours before: it counts as unplanned")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "when it begins")
	cmd.Flags().StringVar(&to, "to", "", "when it ends")
	cmd.Flags().StringVar(&reason, "reason", "", "why, in Italian, for the notice")
	return cmd
}

// stationNames are the identifiers of all configured stations.
func (c *config) stationNames() string {
	text := ""
	for _, b := range c.Brokers {
		for _, s := range b.Stations {
			if text != "" {
				text += ", "
			}
			text += s.ID
		}
	}
	return text
}

// unserved is this year's, for metrics.
func (g gauges) unserved(ctx context.Context) []family {
	a, err := g.service.AvailabilityOf(ctx, time.Now().In(bridge.Rome()).Year())
	if err != nil {
		return nil
	}
	f := family{name: "nodobridge_unserved_seconds", kind: "gauge", help: "How long the station did not serve in this calendar year."}
	f.add("", `{planned="true"}`, int64(a.Planned.Seconds()))
	f.add("", `{planned="false"}`, int64(a.Unplanned.Seconds()))
	return []family{f}
}
