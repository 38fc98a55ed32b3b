package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// The compat listener speaks GPD's core, and pagoPA's payment options, to this machine
// alone.
func TestCompat(t *testing.T) {
	t.Parallel()
	compat := strings.Replace(binarytest.SampleConfig, `api: {listen: "127.0.0.1:0", calls_per_10s: 0}`, `api: {listen: "127.0.0.1:0", calls_per_10s: 0, compat_listen: "127.0.0.1:0"}`, 1)
	h := binarytest.New(t, compat)
	h.Must("init")
	p := h.Serve()
	defer p.Stop()
	call := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, p.Compat+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(answer)
	}
	if status, answer := call("POST", "/organizations/77777777777/debtpositions?toPublish=true", binarytest.Position(1, 12000)); status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	nav := string(binarytest.NAV(1))
	if status, answer := call("POST", "/payment-options/organizations/77777777777/notices/"+nav, ""); status != 200 || !strings.Contains(answer, `"PO_UNPAID"`) {
		t.Errorf("%d %s", status, answer)
	}
	story, err := p.Node().Verify(t.Context(), binarytest.EC, nav)
	if err != nil || story.Fault != nil {
		t.Errorf("%+v, %v", story, err)
	}
	if status, answer := call("POST", "/organizations/77777777777/paymentoptions/"+nav+"/pay", `{"pspCompany":"Banca","idReceipt":"r"}`); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	if story, err := p.Node().Verify(t.Context(), binarytest.EC, nav); err != nil || story.Fault == nil || story.Fault.Code != "PAA_PAGAMENTO_DUPLICATO" {
		t.Errorf("%+v, %v", story, err)
	}
}

func TestCompat_StaysOnLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:8083", ":8083", "192.0.2.1:8083", "8083"} {
		h := binarytest.New(t, strings.Replace(binarytest.SampleConfig, `api: {listen: "127.0.0.1:0", calls_per_10s: 0}`, `api: {listen: "127.0.0.1:0", compat_listen: "`+address+`"}`, 1))
		code, _, said := h.Run("serve")
		if code != 78 || !strings.Contains(said, "api.compat_listen") {
			t.Errorf("%s: exit %d, %s", address, code, said)
		}
	}
}
