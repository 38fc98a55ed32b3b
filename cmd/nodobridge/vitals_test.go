package main_test

import (
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

// Receipts, what was odd about them since the start, and what applications were answered
// show in the metrics; a restart begins the counters anew and keeps the receipts.
func TestVitals(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	payOne(t, p, key, 1)
	unknown := string(binarytest.NAV(77))
	answer, err := p.Node().SendRTV2(t.Context(), nodesim.ReceiptFor(nodesim.PaymentData{
		Version: nodesim.V2, Request: nodesim.ActivateRequest{EC: binarytest.EC, NoticeNumber: unknown}, CreditorReferenceID: unknown[1:],
		PaymentAmount: 12000, Description: "x", CompanyName: "Comune di Prova",
		Transfers: []nodesim.Transfer{{ID: 1, Amount: 12000, FiscalCodePA: binarytest.EC, IBAN: "IT60X0542811101000000123456", RemittanceInformation: "x", TransferCategory: "9/0101108TS/"}},
		Debtor:    nodesim.Subject{Type: "F", Code: "RSSMRA80A01H501U", FullName: "Mario Rossi"},
	}, nodesim.SamplePSP(), nodesim.ReceiptOptions{Now: time.Now(), ReceiptID: "receipt-77"}))
	if err != nil || answer.Fault != nil {
		t.Fatalf("%+v, %v", answer, err)
	}
	shows := func(wants ...string) {
		t.Helper()
		text := p.Metrics()
		for _, want := range wants {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("no %s in\n%s", want, text)
			}
		}
	}
	shows("nodobridge_receipts 2", `nodobridge_anomalies_total{class="unknown_notice"} 1`, `nodobridge_anomalies_total{class="double_payment"} 0`,
		`nodobridge_api_calls_total{status="201"} 1`, "nodobridge_api_call_seconds_count 1", "nodobridge_massive_oldest_seconds 0")
	shows(`nodobridge_anomalies_total{class="unknown_notice"} 1`) // counted once
	p.Stop()
	p = h.Serve()
	shows("nodobridge_receipts 2", `nodobridge_anomalies_total{class="unknown_notice"} 0`)
	p.Stop()
}
