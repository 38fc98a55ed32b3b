package main

import (
	"strings"
	"testing"
	"time"

	"nodobridge/soap"
)

// The histogram is cumulative, a duration at a bound counts below it, and each family
// has its head.
func TestMetrics_Exposition(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	for _, d := range []time.Duration{time.Microsecond, time.Millisecond, 3 * time.Millisecond, 2 * time.Second, 9 * time.Second} {
		m.observe(soap.Record{Operation: "paSendRTV2", Outcome: "OK", Duration: d})
	}
	m.observe(soap.Record{Operation: "paVerifyPaymentNotice", Outcome: "KO", FaultCode: "PAA_PAGAMENTO_SCONOSCIUTO", Probe: true, Start: time.Unix(42, 0)})
	m.observeAPI(201, 3*time.Millisecond)
	m.observeAPI(507, 9*time.Second)
	text := exposition(m.families())
	for _, want := range []string{
		"# TYPE nodobridge_node_calls_total counter\n",
		`nodobridge_node_calls_total{operation="paSendRTV2",outcome="OK",fault=""} 5`,
		"# TYPE nodobridge_node_call_seconds histogram\n",
		`nodobridge_node_call_seconds_bucket{operation="paSendRTV2",le="0.001"} 2`,
		`nodobridge_node_call_seconds_bucket{operation="paSendRTV2",le="0.002"} 2`,
		`nodobridge_node_call_seconds_bucket{operation="paSendRTV2",le="0.005"} 3`,
		`nodobridge_node_call_seconds_bucket{operation="paSendRTV2",le="2"} 4`,
		`nodobridge_node_call_seconds_bucket{operation="paSendRTV2",le="7"} 4`,
		`nodobridge_node_call_seconds_bucket{operation="paSendRTV2",le="+Inf"} 5`,
		`nodobridge_node_call_seconds_sum{operation="paSendRTV2"} 11.004001`,
		`nodobridge_node_call_seconds_count{operation="paSendRTV2"} 5`,
		"nodobridge_probe_last_seen_seconds 42\n",
		"nodobridge_api_calls_total{status=\"201\"} 1\nnodobridge_api_calls_total{status=\"507\"} 1\n",
		`nodobridge_api_call_seconds_bucket{le="0.005"} 1`,
		`nodobridge_api_call_seconds_bucket{le="+Inf"} 2`,
		"nodobridge_api_call_seconds_sum 9.003000\nnodobridge_api_call_seconds_count 2\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
