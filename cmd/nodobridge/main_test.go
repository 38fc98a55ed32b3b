package main_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

func TestServe_StopsCleanlyAndForgetsNothing(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	p.Stop()
	p = h.Serve()
	if got := p.Status(key, "P-1"); got != "VALID" {
		t.Errorf("after a restart the position is %s", got)
	}
	p.Stop()
	for _, secret := range []string{"RSSMRA80A01H501U", "Mario", "IT60X", key, string(binarytest.NAV(1))} {
		if strings.Contains(p.Log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

// kill -9 right after an OK to paSendRTV2 loses nothing.
func TestKill9_KeepsAcknowledgedReceipts(t *testing.T) {
	t.Parallel()
	const rounds = 20
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	for round := int64(1); round <= rounds; round++ {
		p := h.Serve()
		p.Upload(key, binarytest.Position(round, 10000+round))
		story, err := p.Node().Pay(t.Context(), nodesim.PayRequest{EC: binarytest.EC, NoticeNumber: string(binarytest.NAV(round)), Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
		p.Kill()
		if err != nil || !story.Paid || story.Deliveries[0].Fault != nil {
			t.Fatalf("round %d: %+v, %v", round, story, err)
		}
		p = h.Serve()
		if got := p.Status(key, fmt.Sprintf("P-%d", round)); got != "PAID" {
			t.Fatalf("round %d: after the kill the position is %s", round, got)
		}
		again, err := p.Node().SendRTV2(t.Context(), story.Receipt)
		if err != nil || again.Fault == nil || again.Fault.Code != "PAA_RECEIPT_DUPLICATA" {
			t.Fatalf("round %d: the receipt is not there: %+v, %v", round, again, err)
		}
		p.Kill()
	}
}

func TestKeys_WhileServingAndNot(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	offline := h.NewKey()
	p := h.Serve()
	online := h.NewKey()
	p.Upload(offline, binarytest.Position(1, 100))
	p.Upload(online, binarytest.Position(2, 100))
	id := strings.Split(online, "_")[1]
	list := h.Must("keys", "list")
	if !strings.Contains(list, id) || strings.Contains(list, strings.SplitN(online, "_", 3)[2]) {
		t.Errorf("listed as\n%s", list)
	}
	h.Must("keys", "revoke", id)
	for name, c := range map[string]struct {
		key, path string
		status    int
	}{
		"revoked": {online, binarytest.Positions, 401},
		"missing": {"", binarytest.Positions, 401},
		"unknown": {"nb_000000000000_x", binarytest.Positions, 401},
		"foreign": {offline, strings.Replace(binarytest.Positions, binarytest.EC, binarytest.OtherEC, 1), 403},
		"live":    {offline, binarytest.Positions, 200},
	} {
		if status, answer := p.Call("GET", c.path, c.key, ""); status != c.status {
			t.Errorf("%s key: HTTP %d %s", name, status, answer)
		}
	}
	if code, _, problem := h.Run("keys", "revoke", "000000000000"); code != 1 || !strings.Contains(problem, "no such live key") {
		t.Errorf("revoking an unknown key: exit %d %s", code, problem)
	}
	if code, _, problem := h.Run("keys", "create", "--name", "x", "--ec", "12345678901"); code != 1 || !strings.Contains(problem, "not configured") {
		t.Errorf("a key for an EC that is not configured: exit %d %s", code, problem)
	}
	p.Stop()
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	p := h.Serve()
	if _, err := p.Node().Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1))); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		"/livez": {"ok"}, "/readyz": {"ok"},
		"/metrics": {
			`nodobridge_node_calls_total{operation="paVerifyPaymentNotice",outcome="KO",fault="PAA_PAGAMENTO_SCONOSCIUTO"} 1`,
			`nodobridge_node_call_seconds_count{operation="paVerifyPaymentNotice"} 1`, `nodobridge_store_bytes{file="nodobridge.db"} `, "nodobridge_massive_waiting_rows 0",
		},
	} {
		status, body := read(t, p.Admin+path)
		for _, want := range wants {
			if status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: HTTP %d, no %s in\n%s", path, status, want, body)
			}
		}
	}
	p.Stop()
}

func read(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
