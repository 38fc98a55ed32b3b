package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"nodobridge/load"
)

// wanted is the share of the static responder's throughput that each read is to reach.
var wanted = map[string]float64{"paVerifyPaymentNotice": 0.33, "paGetPaymentV2": 0.28}

// wantedReceipts is the share of the bare loop's rate.
const wantedReceipts = 0.8

// text is the results in Markdown.
func (r *results) text(m *machine, s *settings) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s.\n\n", m)
	fmt.Fprintf(&b, "Reads, %d connections, closed loop, %d rounds of %v of the station in turns with the responder; medians, the ratios with their least and greatest:\n\n", readConnections, s.rounds, s.round)
	b.WriteString("| call | positions | answers/s | p50 | p99 | CPU a call | responder's CPU | ratio of CPU | ratio of answers/s | wanted |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for i := range r.reads {
		c := &r.reads[i]
		fmt.Fprintf(&b, "| %s | %d | %.0f | %v | %v | %.1f µs | %.1f µs | %s | %s | %s |\n", c.operation, c.positions,
			median(of(c.station, func(s sample) float64 { return s.rate })), load.Round(median(of(c.station, func(s sample) time.Duration { return s.p50 }))),
			load.Round(median(of(c.station, func(s sample) time.Duration { return s.p99 }))),
			micros(c.cost()), micros(median(of(c.static, func(s sample) time.Duration { return s.cpu }))),
			spread(c.ratios()), spread(c.rateRatios()), verdict(fmt.Sprintf("≥ %.2f", wanted[c.operation]), median(c.ratios()) >= wanted[c.operation]))
	}
	r.receiptText(&b, s)
	b.WriteString("\n| figure | measured | wanted |\n|---|---|---|\n")
	for _, f := range r.flatness() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.what, f.value, verdict(f.target, f.met))
	}
	for _, f := range r.figures {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.what, f.value, verdict(f.target, f.met))
	}
	return b.Bytes()
}

func (r *results) receiptText(b *bytes.Buffer, s *settings) {
	c := &r.receipts
	if len(c.station) == 0 {
		return
	}
	fmt.Fprintf(b, "\nReceipts (paSendRTV2, synchronous=FULL, %d positions), %d rounds of %v in turns with the bare loop:\n\n", c.positions, s.rounds, s.round)
	b.WriteString("| at once | receipts/s | p50 | p99 | CPU a receipt | bare loop's receipts/s | its p99 | ratio | wanted |\n|---|---|---|---|---|---|---|---|---|\n")
	var bareRates []float64
	var bareP99 []time.Duration
	for _, x := range c.bare {
		bareRates, bareP99 = append(bareRates, x.rate()), append(bareP99, x.P99)
	}
	p99 := median(of(c.station, func(s sample) time.Duration { return s.p99 }))
	fmt.Fprintf(b, "| %d | %.0f | %v | %v | %.1f µs | %.0f | %v | %s | %s |\n", receiptConnections,
		median(of(c.station, func(s sample) float64 { return s.rate })), load.Round(median(of(c.station, func(s sample) time.Duration { return s.p50 }))), load.Round(p99),
		micros(median(of(c.station, func(s sample) time.Duration { return s.cpu }))), median(bareRates), load.Round(median(bareP99)), spread(c.ratios()),
		verdict(fmt.Sprintf("≥ %.1f, p99 ≤ 100 ms", wantedReceipts), median(c.ratios()) >= wantedReceipts && p99 <= 100*time.Millisecond))
	fmt.Fprintf(b, "| 1 | %.0f | %v | %v | %.1f µs | %.0f | %v | %.2f | |\n", c.alone.rate, load.Round(c.alone.p50), load.Round(c.alone.p99), micros(c.alone.cpu),
		c.aloneBare.rate(), load.Round(c.aloneBare.P99), c.alone.rate/c.aloneBare.rate())
}

// cost is the station's processor time for a call.
func (c *comparison) cost() time.Duration {
	return median(of(c.station, func(s sample) time.Duration { return s.cpu }))
}

// relative is the station's cost in calls of the responder beside it.
func (c *comparison) relative() float64 { return 1 / median(c.ratios()) }

// flatness compares the cost on the largest store with that on the smallest.
func (r *results) flatness() []figure {
	var list []figure
	for i := range r.reads {
		first := &r.reads[i]
		if first.positions != r.reads[0].positions || first.positions == r.reads[len(r.reads)-1].positions {
			continue
		}
		for j := range r.reads {
			last := &r.reads[j]
			if last.operation == first.operation && last.positions == r.reads[len(r.reads)-1].positions {
				grown := last.relative()/first.relative() - 1
				list = append(list, figure{fmt.Sprintf("%s, cost at %d positions against %d", first.operation, last.positions, first.positions), fmt.Sprintf("%+.0f %%", 100*grown), "within 10 %", grown <= 0.1})
			}
		}
	}
	return list
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// spread is the median with the least and the greatest.
func spread(list []float64) string {
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(list), slices.Min(list), slices.Max(list))
}

func verdict(target string, met bool) string {
	switch {
	case target == "":
		return ""
	case met:
		return target + ": yes"
	}
	return target + ": **no**"
}

// publish prints the results, and puts them into the document and the plot asked for.
func (s *settings) publish(m *machine, r *results) error {
	text := r.text(m, s)
	if _, err := os.Stdout.Write(text); err != nil {
		return err
	}
	if s.document != "" {
		old, err := os.ReadFile(s.document)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.WriteFile(s.document, placed(old, s.label, text), 0o644); err != nil {
			return err
		}
	}
	if s.plot == "" {
		return nil
	}
	return os.WriteFile(s.plot, r.plot(m), 0o644)
}

// placed puts a text between the marks of a label, at the document's end where there are
// none.
func placed(document []byte, label string, text []byte) []byte {
	begin, end := "<!-- run "+label+" -->\n", "<!-- end of run "+label+" -->\n"
	before, rest, found := strings.Cut(string(document), begin)
	after := ""
	if found {
		_, after, found = strings.Cut(rest, end)
	}
	if !found {
		before = strings.TrimRight(string(document), "\n") + "\n\n## Run: " + label + "\n\n"
	}
	return []byte(before + begin + string(text) + end + after)
}
