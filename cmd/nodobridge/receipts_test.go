package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// An EC goes live at the node before it stands in config.yaml: its receipt is
// refused and kept, seen by the operator, and recorded once it is configured
// (soap-node.md §2.5 step 2, §6 R16).
func TestReceiptsReplay(t *testing.T) {
	t.Parallel()
	const newEC = "11111111111"
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	if out := h.Must("receipts", "replay", "--all"); !strings.Contains(out, "no refused receipt waits") {
		t.Errorf("an empty store: %s", out)
	}
	p := h.Serve()
	deliver := func() string {
		_, out, problem := h.Run("simulate", "receipt", string(binarytest.NAV(1)), "--url", p.SOAP, "--broker", "99999999999", "--station", "99999999999_01", "--ec", newEC, "--amount", "120.00", "--receipt-id", "r1")
		return out + problem
	}
	if said := deliver(); !strings.Contains(said, "PAA_ID_DOMINIO_ERRATO") {
		t.Fatalf("delivered: %s", said)
	}
	for _, args := range [][]string{{}, {"--ec", newEC}, {"--class", "configuration", "--since", "2026-01-01"}} {
		if out := h.Must(append([]string{"anomalies", "list"}, args...)...); !strings.Contains(out, "configuration") || !strings.Contains(out, "r1") {
			t.Errorf("anomalies list %v:\n%s", args, out)
		}
	}
	for _, args := range [][]string{{"--ec", binarytest.EC}, {"--class", "suspicious"}, {"--since", "2999-01-01T00:00:00Z"}} {
		if out := h.Must(append([]string{"anomalies", "list"}, args...)...); strings.Contains(out, "r1") {
			t.Errorf("anomalies list %v:\n%s", args, out)
		}
	}
	if code, out, problem := h.Run("receipts", "replay", "--all"); code != 1 || !strings.Contains(out, "still not configured") || !strings.Contains(problem, "1 of 1") {
		t.Errorf("replayed before the EC is configured: exit %d\n%s%s", code, out, problem)
	}
	p.Stop()

	configured := strings.Replace(binarytest.SampleConfig, "creditor_institutions:", "creditor_institutions:\n          - {code: \""+newEC+"\", name: Comune Nuovo}", 1)
	if err := os.WriteFile(filepath.Join(h.Dir, "config.yaml"), []byte(configured), 0o600); err != nil {
		t.Fatal(err)
	}
	p = h.Serve() // the running station carries the order out
	if out := h.Must("receipts", "replay", "1"); !strings.Contains(out, "recorded") {
		t.Errorf("replayed: %s", out)
	}
	if said := deliver(); !strings.Contains(said, "PAA_RECEIPT_DUPLICATA") {
		t.Errorf("delivered after the replay: %s", said)
	}
	p.Stop()
	if out := h.Must("receipts", "replay", "1"); !strings.Contains(out, "replayed before") { // now in the command's own process
		t.Errorf("replayed twice: %s", out)
	}
	if out := h.Must("receipts", "replay", "--all"); !strings.Contains(out, "no refused receipt waits") {
		t.Errorf("afterwards: %s", out)
	}
}

func TestOperatorCommands_RefuseWhatTheyCannotDo(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"no refused receipt 7", []string{"receipts", "replay", "7"}},
		{"not the number", []string{"receipts", "replay", "r1"}},
		{"either --all or", []string{"receipts", "replay"}},
		{"either --all or", []string{"receipts", "replay", "--all", "7"}},
		{"double_payment", []string{"anomalies", "list", "--class", "double"}},
		{"--since yesterday", []string{"anomalies", "list", "--since", "yesterday"}},
		{"limit must be", []string{"anomalies", "list", "--limit", "0"}},
	} {
		if code, _, problem := h.Run(c.args...); code != 1 || !strings.Contains(problem, c.says) || strings.Count(strings.TrimSpace(problem), "\n") != 0 {
			t.Errorf("%v: exit %d %s", c.args, code, problem)
		}
	}
}
