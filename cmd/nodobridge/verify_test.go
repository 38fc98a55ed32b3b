package main_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// A station that has been used, and redacted, is whole, running and stopped; a changed
// row is named.
func TestVerify_Command(t *testing.T) {
	t.Parallel()
	h, p, _ := canaryStation(t)
	h.Must("privacy", "erase", "--fiscal-code", subjectCode, "--reason", "protocollo 12/2026", "--receipts")
	for _, want := range []string{"is whole", "receipt chain  ", "end of the journal chain: record "} {
		if out := h.Must("verify"); !strings.Contains(out, want) {
			t.Errorf("while it runs: no %q in\n%s", want, out)
		}
	}
	head := strings.TrimSpace(h.Must("verify", "--print-head"))
	if strings.ContainsAny(head, " \n") || !strings.HasPrefix(head, "nodobridge-head-1/") {
		t.Errorf("head %q", head)
	}
	h.NewKey() // the journal grows
	if out := h.Must("verify", "--expect", head); !strings.Contains(out, "head kept elsewhere  ") {
		t.Errorf("while it runs: %s", out)
	}
	later := h.Must("verify", "--print-head")
	forged := strings.Replace(later, later[strings.LastIndex(later, ":")+1:], strings.Repeat("ab", 32), 1)
	for args, want := range map[string]int{"x": 1, forged: 65} {
		if code, out, _ := h.Run("verify", "--expect", args, "--print-head"); code != want || strings.Contains(out, "nodobridge-head") {
			t.Errorf("--expect %s: exit %d, want %d\n%s", args, code, want, out)
		}
	}
	p.Stop()
	h.Must("verify", "--expect", later)
	stopped := h.Must("verify")
	tamperFile(t, h, `UPDATE receipt SET fee_cents = fee_cents + 1 WHERE id = 3`)
	code, out, problem := h.Run("verify")
	if code != 65 || !strings.Contains(problem, "receipt chain: record 3:") || !strings.Contains(out, "BROKEN") {
		t.Errorf("exit %d\n%s%s\nbefore:\n%s", code, out, problem, stopped)
	}
	if err := os.Truncate(storeFile(h), 50); err != nil {
		t.Fatal(err)
	}
	if code, _, problem := h.Run("verify"); code != 78 {
		t.Errorf("a store that is cut short: exit %d %s", code, problem)
	}
}

func storeFile(h *binarytest.Home) string { return filepath.Join(h.Dir, "var", "nodobridge.db") }

// tamperFile changes a stopped station's store with another program.
func tamperFile(t *testing.T, h *binarytest.Home, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+storeFile(h))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// countRows reads one number from a stopped station's store.
func countRows(t *testing.T, h *binarytest.Home, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+storeFile(h)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
