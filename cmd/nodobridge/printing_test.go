package main_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// A position is uploaded, its notice asked for over HTTP and by the command line, while
// the station runs and while it does not: one file, the same each time. Then it is paid,
// and the receipt is a document too.
func TestNotice_ByEveryWay(t *testing.T) {
	t.Parallel()
	config := strings.Replace(binarytest.SampleConfig, "name: Comune di Prova}", "name: Comune di Prova, cbill: CBI1Z}", 1) + "notices: {allow_missing_brand: true}\n"
	h := binarytest.New(t, config)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	path := "/bridge/v1/organizations/" + binarytest.EC + "/"
	status, first := p.Call("GET", path+"notices/"+string(binarytest.NAV(1)), key, "")
	if status != http.StatusOK || !strings.HasPrefix(first, "%PDF-1.7") {
		t.Fatalf("HTTP %d %.200s", status, first)
	}
	file := filepath.Join(h.Dir, "a.pdf")
	printed := func() {
		t.Helper()
		h.Must("notice", string(binarytest.NAV(1)), "--ec", binarytest.EC, "-o", file)
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, []byte(first)) {
			t.Errorf("the command line gives another file: %d bytes, %v", len(got), err)
		}
	}
	printed()
	if code, _, problem := h.Run("notice", string(binarytest.NAV(9)), "--ec", binarytest.EC, "-o", file); code == 0 || !strings.Contains(problem, "has no payment option") {
		t.Errorf("an unknown notice: exit %d %s", code, problem)
	}
	if code, _, problem := h.Run("notice", string(binarytest.NAV(1)), "-o", file); code == 0 || !strings.Contains(problem, "say --ec") {
		t.Errorf("without --ec: exit %d %s", code, problem)
	}
	if code, _, problem := h.Run("notice", string(binarytest.NAV(1)), "--ec", binarytest.EC, "--slip", "always", "-o", file); code == 0 || !strings.Contains(problem, "no account at Poste") {
		t.Errorf("with a slip: exit %d %s", code, problem)
	}
	h.Must("simulate", "receipt", string(binarytest.NAV(1)), "--url", p.SOAP, "--broker", "99999999999", "--station", "99999999999_01", "--ec", binarytest.EC, "--amount", "120.00", "--receipt-id", "r1")
	if status, receipt := p.Call("GET", path+"receipts/r1/pdf", key, ""); status != http.StatusOK || !strings.HasPrefix(receipt, "%PDF-1.7") {
		t.Errorf("receipt: HTTP %d %.200s", status, receipt)
	}
	if status, body := p.Call("GET", path+"notices/"+string(binarytest.NAV(1)), key, ""); status != http.StatusUnprocessableEntity {
		t.Errorf("the notice of what is paid: HTTP %d %.200s", status, body)
	}
	p.Upload(key, binarytest.Position(2, 12000))
	p.Stop()
	h.Must("notice", string(binarytest.NAV(2)), "--ec", binarytest.EC, "-o", file)
	if got, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(got, []byte("%PDF-1.7")) {
		t.Errorf("while the station is stopped: %d bytes, %v", len(got), err)
	}
}

// Artwork that cannot be read is said when the station starts, with exit code 78.
func TestNotice_BadArtwork(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig+"notices: {brand_dir: brand}\n")
	h.Must("init")
	if err := os.Mkdir(filepath.Join(h.Dir, "brand"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.Dir, "brand", "pagopa.png"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, problem := h.Run("serve"); code != 78 || !strings.Contains(problem, "pagopa.png") {
		t.Errorf("exit %d %s", code, problem)
	}
}
