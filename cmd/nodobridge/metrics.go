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
	calls map[callLabels]*callCount
	probe time.Time // when the node's probe was last seen: the node has taken the station for dead
}

type callLabels struct{ operation, outcome, fault string }

type callCount struct {
	count   uint64
	seconds time.Duration
}

func newMetrics() *metrics { return &metrics{calls: map[callLabels]*callCount{}} }

// observe is the SOAP server's observer. The labels come from fixed sets, so the
// map cannot grow with what a peer sends.
func (m *metrics) observe(r soap.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	labels := callLabels{r.Operation, r.Outcome, r.FaultCode}
	c := m.calls[labels]
	if c == nil {
		c = new(callCount)
		m.calls[labels] = c
	}
	c.count++
	c.seconds += r.Duration
	if r.Probe {
		m.probe = r.Start
	}
}

func (m *metrics) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var counts, seconds []string
	for l, c := range m.calls {
		labels := fmt.Sprintf("{operation=%q,outcome=%q,fault=%q}", l.operation, l.outcome, l.fault)
		counts = append(counts, fmt.Sprintf("nodobridge_node_calls_total%s %d\n", labels, c.count))
		seconds = append(seconds, fmt.Sprintf("nodobridge_node_call_seconds_total%s %.6f\n", labels, c.seconds.Seconds()))
	}
	slices.Sort(counts)
	slices.Sort(seconds)
	probe := int64(0)
	if !m.probe.IsZero() {
		probe = m.probe.Unix()
	}
	return "# HELP nodobridge_node_calls_total Calls of the pagoPA node.\n# TYPE nodobridge_node_calls_total counter\n" + strings.Join(counts, "") +
		"# HELP nodobridge_node_call_seconds_total Time spent answering them.\n# TYPE nodobridge_node_call_seconds_total counter\n" + strings.Join(seconds, "") +
		"# HELP nodobridge_probe_last_seen_seconds When the node's liveness probe was last answered, 0 for never.\n# TYPE nodobridge_probe_last_seen_seconds gauge\n" +
		fmt.Sprintf("nodobridge_probe_last_seen_seconds %d\n", probe)
}
