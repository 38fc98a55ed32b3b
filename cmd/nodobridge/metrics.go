package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"nodobridge/soap"
)

// metrics counts the node's calls for Prometheus' text format.
type metrics struct {
	mu    sync.Mutex
	calls map[callLabels]uint64
	times map[string]*histogram // by operation
	probe time.Time             // when the node's probe was last seen: the node has taken the station for dead
}

type callLabels struct{ operation, outcome, fault string }

// bounds are the histogram's: around what a station takes, and the two limits that
// pagoPA has, 2 s for 98 % of a month's calls and 7 s, when the node gives up
// (soap-node.md §2.7).
var bounds = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 7 * time.Second,
}

// histogram counts durations; counts[i] is of those up to bounds[i], the last one of all
// beyond.
type histogram struct {
	counts []uint64
	sum    time.Duration
}

func (h *histogram) add(d time.Duration) {
	i, _ := slices.BinarySearch(bounds, d)
	h.counts[i]++
	h.sum += d
}

func newMetrics() *metrics {
	return &metrics{calls: map[callLabels]uint64{}, times: map[string]*histogram{}}
}

// observe is the SOAP server's observer. The labels come from fixed sets, so the
// maps cannot grow with what a peer sends.
func (m *metrics) observe(r soap.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[callLabels{r.Operation, r.Outcome, r.FaultCode}]++
	h := m.times[r.Operation]
	if h == nil {
		h = &histogram{counts: make([]uint64, len(bounds)+1)}
		m.times[r.Operation] = h
	}
	h.add(r.Duration)
	if r.Probe {
		m.probe = r.Start
	}
}

// family is one metric with its lines.
type family struct {
	name, kind, help string
	lines            []string
}

func (f *family) add(suffix, labels string, value any) {
	f.lines = append(f.lines, fmt.Sprintf("%s%s%s %v\n", f.name, suffix, labels, value))
}

// families are what has been counted.
func (m *metrics) families() []family {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := family{name: "nodobridge_node_calls_total", kind: "counter", help: "Calls of the pagoPA node, by what was answered."}
	for l, n := range m.calls {
		calls.add("", fmt.Sprintf("{operation=%q,outcome=%q,fault=%q}", l.operation, l.outcome, l.fault), n)
	}
	slices.Sort(calls.lines)
	times := family{name: "nodobridge_node_call_seconds", kind: "histogram", help: "How long the answers took."}
	var operations []string
	for operation := range m.times {
		operations = append(operations, operation)
	}
	slices.Sort(operations)
	for _, operation := range operations {
		h, sum := m.times[operation], uint64(0)
		for i, n := range h.counts {
			sum += n
			bound := "+Inf"
			if i < len(bounds) {
				bound = fmt.Sprint(bounds[i].Seconds())
			}
			times.add("_bucket", fmt.Sprintf("{operation=%q,le=%q}", operation, bound), sum)
		}
		times.add("_sum", fmt.Sprintf("{operation=%q}", operation), fmt.Sprintf("%.6f", h.sum.Seconds()))
		times.add("_count", fmt.Sprintf("{operation=%q}", operation), sum)
	}
	probe := family{name: "nodobridge_probe_last_seen_seconds", kind: "gauge", help: "When the node's liveness probe was last answered, 0 for never."}
	seen := int64(0)
	if !m.probe.IsZero() {
		seen = m.probe.Unix()
	}
	probe.add("", "", seen)
	return []family{calls, times, probe}
}

// exposition is the families in Prometheus' text format.
func exposition(list []family) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
		for _, line := range f.lines {
			b.WriteString(line)
		}
	}
	return b.String()
}
