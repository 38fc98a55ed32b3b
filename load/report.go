package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// quantiles are those of a report.
var quantiles = []float64{0.5, 0.9, 0.99, 0.999}

// Print writes what people want to know, a line for each kind.
func (r *Result) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\trequests\treq/s\tfailed\tmean\tp50\tp90\tp99\tp99.9\tmax\t\n")
	kinds := make([]*Kind, 0, len(r.Kinds)+1)
	for i := range r.Kinds {
		kinds = append(kinds, &r.Kinds[i])
	}
	if len(kinds) > 1 {
		kinds = append(kinds, r.All())
	}
	for _, k := range kinds {
		h := &k.Latency
		rate := 0.0
		if r.Elapsed > 0 {
			rate = float64(h.Count()) / r.Elapsed.Seconds()
		}
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%d\t%s\t", k.Name, h.Count(), rate, k.Failed(), Round(h.Mean()))
		for _, q := range quantiles {
			fmt.Fprintf(table, "%s\t", Round(h.Quantile(q)))
		}
		fmt.Fprintf(table, "%s\t\n", Round(h.Max()))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i := range r.Kinds {
		k := &r.Kinds[i]
		for _, what := range slices.Sorted(maps.Keys(k.Errors)) {
			if _, err := fmt.Fprintf(w, "failed: %s: %s: %d\n", k.Name, what, k.Errors[what]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Round gives a duration three digits or so, which is what a histogram knows.
func Round(d time.Duration) time.Duration {
	for unit := time.Second; unit >= time.Microsecond; unit /= 10 {
		if d >= 10*unit {
			return d.Round(unit / 10)
		}
	}
	return d
}
