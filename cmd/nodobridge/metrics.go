package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"nodobridge/soap"
)

// metrics counts calls, of the node and of applications, for Prometheus' text format.
type metrics struct {
	mu    sync.Mutex
	calls map[callLabels]uint64
	times map[string]*histogram // by operation
	api   map[int]uint64        // the JSON API's answers, by status
	taken *histogram            // by the JSON API's answers
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

func newHistogram() *histogram { return &histogram{counts: make([]uint64, len(bounds)+1)} }

// show adds the lines of a histogram with its labels, "" or those that stand before le.
func (f *family) show(h *histogram, labels string) {
	sum, comma := uint64(0), ""
	if labels != "" {
		comma = ","
	}
	for i, n := range h.counts {
		sum += n
		bound := "+Inf"
		if i < len(bounds) {
			bound = fmt.Sprint(bounds[i].Seconds())
		}
		f.add("_bucket", fmt.Sprintf("{%s%sle=%q}", labels, comma, bound), sum)
	}
	if labels != "" {
		labels = "{" + labels + "}"
	}
	f.add("_sum", labels, fmt.Sprintf("%.6f", h.sum.Seconds()))
	f.add("_count", labels, sum)
}

// observeAPI is the JSON API's observer.
func (m *metrics) observeAPI(status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.api[status]++
	m.taken.add(took)
}

func newMetrics() *metrics {
	return &metrics{calls: map[callLabels]uint64{}, times: map[string]*histogram{}, api: map[int]uint64{}, taken: newHistogram()}
}

// observe is the SOAP server's observer. The labels come from fixed sets, so the
// maps cannot grow with what a peer sends.
func (m *metrics) observe(r soap.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[callLabels{r.Operation, r.Outcome, r.FaultCode}]++
	h := m.times[r.Operation]
	if h == nil {
		h = newHistogram()
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
	for _, operation := range slices.Sorted(maps.Keys(m.times)) {
		times.show(m.times[operation], fmt.Sprintf("operation=%q", operation))
	}
	answers := family{name: "nodobridge_api_calls_total", kind: "counter", help: "Calls of the JSON API, by the status of the answer."}
	for _, status := range slices.Sorted(maps.Keys(m.api)) {
		answers.add("", fmt.Sprintf("{status=\"%d\"}", status), m.api[status])
	}
	taken := family{name: "nodobridge_api_call_seconds", kind: "histogram", help: "How long the JSON API's answers took."}
	taken.show(m.taken, "")
	probe := family{name: "nodobridge_probe_last_seen_seconds", kind: "gauge", help: "When the node's liveness probe was last answered, 0 for never."}
	seen := int64(0)
	if !m.probe.IsZero() {
		seen = m.probe.Unix()
	}
	probe.add("", "", seen)
	return []family{calls, times, answers, taken, probe}
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
