package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// soap.options_path switches the payment options on, under the path of the
// station's rest_endpoint (soap-node.md §3).
func TestPaymentOptions_AreOfferedWhereConfigured(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`, `soap: {listen: "127.0.0.1:0", options_path: /odp}`, 1))
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	address := strings.Replace(p.SOAP, "/paForNode", "/odp/payment-options/organizations/"+binarytest.EC+"/notices/"+string(binarytest.NAV(1)), 1)
	res, err := http.Post(address, "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"PO_UNPAID"`) || !strings.Contains(string(body), `"amount":12000`) {
		t.Errorf("HTTP %d %s %v", res.StatusCode, body, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	p.Stop()
}
