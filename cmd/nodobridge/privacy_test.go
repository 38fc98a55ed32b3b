package main_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // makes the backup that is looked into

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

const subjectCode = "CNRSGR80A01H501U"

// canaryPosition is a position of the person whose data the tests look for.
func canaryPosition(n int64) string {
	return strings.NewReplacer("RSSMRA80A01H501U", subjectCode, "Mario Rossi", "Canary Segreto", "TARI 2026", "Retta Canary",
		`Kanarienvogel`, `Canary`, `kanarienvogel`, `canary`, `"companyName"`, `"phone":"333-Canary","companyName"`).Replace(binarytest.Position(n, 12000))
}

// canaryStation has a person with two paid positions, one that is open, one receipt that
// was refused, and another person with one paid position.
func canaryStation(t *testing.T) (*binarytest.Home, *binarytest.Process, string) {
	t.Helper()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	for n := int64(1); n <= 3; n++ {
		p.Upload(key, canaryPosition(n))
	}
	p.Upload(key, binarytest.Position(4, 12000))
	for _, n := range []int64{1, 2, 4} {
		story, err := p.Node().Pay(t.Context(), nodesim.PayRequest{EC: binarytest.EC, NoticeNumber: string(binarytest.NAV(n)), Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
		if err != nil || !story.Paid {
			t.Fatalf("%+v, %v", story, err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.SOAP, strings.NewReader("<broken>"+subjectCode+" Canary"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("SOAPAction", "paSendRTV2")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusInternalServerError {
		t.Fatalf("%v, %v", res, err)
	}
	return h, p, key
}

// A person gets what is known of them, whole and nobody else's
// (reliability-security.md §8 G20).
func TestSubjectExport(t *testing.T) {
	t.Parallel()
	h, p, _ := canaryStation(t)
	out := filepath.Join(t.TempDir(), "subject.zip")
	if said := h.Must("subject", "export", "--fiscal-code", strings.ToLower(subjectCode), "--reason", "protocollo 12/2026", "--out", out); !strings.Contains(said, "3 positions and 2 receipts") {
		t.Errorf("said %q", said)
	}
	if code, _, _ := h.Run("subject", "export", "--fiscal-code", subjectCode, "--reason", "protocollo 12/2026", "--out", out); code == 0 {
		t.Error("another file was written over")
	}
	if code, _, problem := h.Run("subject", "export", "--fiscal-code", subjectCode, "--reason", "di "+subjectCode, "--out", out+"2"); code == 0 || !strings.Contains(problem, "must not name") {
		t.Errorf("a reason that names the person: %d %s", code, problem)
	}
	archive, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	content := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		content[f.Name] = string(text)
	}
	var data struct {
		Posizioni []struct{ IUPD string }
		Ricevute  []struct{ Importo, File string }
	}
	if err := json.Unmarshal([]byte(content["dati.json"]), &data); err != nil || len(data.Posizioni) != 3 || len(data.Ricevute) != 2 || data.Ricevute[0].Importo != "120.00" {
		t.Errorf("%v\n%s", err, content["dati.json"])
	}
	for _, r := range data.Ricevute {
		if !strings.Contains(content[r.File], "paSendRTV2Request") || !strings.Contains(content[r.File], subjectCode) {
			t.Errorf("%s holds\n%s", r.File, content[r.File])
		}
	}
	if page := content["leggimi.html"]; !strings.Contains(page, "Via Canary") || !strings.Contains(page, "120.00 euro") {
		t.Errorf("the page says\n%s", page)
	}
	for name, text := range content {
		if strings.Contains(text, "Mario Rossi") {
			t.Errorf("%s names another person", name)
		}
	}
	p.Stop()
}

// After an erasure no word of the person is in the store's files or in a new backup
// (reliability-security.md §8 G19); amounts, the open position and other persons stay.
func TestErasure_LeavesNoResidue(t *testing.T) {
	t.Parallel()
	h, p, key := canaryStation(t)
	erase := func(more ...string) string {
		return h.Must(append([]string{"privacy", "erase", "--fiscal-code", subjectCode, "--reason", "protocollo 13/2026"}, more...)...)
	}
	if said := erase("--dry-run", "--receipts"); !strings.Contains(said, "anonymised: 2") || !strings.Contains(said, "redacted: 2") || !strings.Contains(said, "stay: 1") {
		t.Errorf("dry run:\n%s", said)
	}
	hold := h.Must("privacy", "hold", "place", "--fiscal-code", subjectCode, "--reason", "contenzioso 5/2026")
	if said := erase("--receipts"); !strings.Contains(said, "held: 5") || !strings.Contains(said, "anonymised: 0") {
		t.Errorf("held (%s):\n%s", hold, said)
	}
	if list := h.Must("privacy", "hold", "list"); strings.Contains(list, subjectCode) || !strings.Contains(list, "contenzioso") {
		t.Errorf("the holds:\n%s", list)
	}
	h.Must("privacy", "hold", "release", "1")
	if status, body := p.Call("DELETE", binarytest.Positions+"/P-3", key, ""); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if said := erase("--receipts", "--compact"); !strings.Contains(said, "anonymised: 2") || !strings.Contains(said, "redacted: 2") || !strings.Contains(said, "traces removed: 1") {
		t.Errorf("erased:\n%s", said)
	}
	if got := p.Status(key, "P-1"); got != "PAID" {
		t.Errorf("the paid position is %s", got)
	}
	status, list := p.Call("GET", "/bridge/v1/organizations/"+binarytest.EC+"/receipts", key, "")
	if status != 200 || strings.Count(list, `"amount":12000`) != 3 {
		t.Errorf("the receipts: %d %s", status, list)
	}
	again, err := p.Node().Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1)))
	if err != nil || again.Fault == nil || again.Fault.Code != "PAA_PAGAMENTO_DUPLICATO" {
		t.Errorf("the notice: %+v, %v", again, err)
	}
	h.Must("verify") // the chain of receipts holds over those that were redacted
	p.Stop()
	h.Must("verify")
	files, err := filepath.Glob(filepath.Join(h.Dir, "var", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	backup := filepath.Join(h.Dir, "backup.db")
	copyInto(t, filepath.Join(h.Dir, "var", "nodobridge.db"), backup)
	found := false
	for _, name := range append(files, backup) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(bytes.ToLower(content), []byte("canary")); at >= 0 || bytes.Contains(content, []byte(subjectCode)) {
			t.Errorf("%s still holds the person, at %d: %q", name, at, content[max(0, at-60):min(len(content), at+60)])
		}
		found = found || bytes.Contains(content, []byte("Mario Rossi"))
	}
	if !found {
		t.Error("the other person is gone too, or the files hold nothing to be found")
	}
}

// copyInto makes a backup as SQLite does.
func copyInto(t *testing.T, from, to string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+from+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "VACUUM INTO ?", to); err != nil {
		t.Fatal(err)
	}
}

// Nothing that is young is due, and what a key has done is told.
func TestPrivacyRunAndBreach(t *testing.T) {
	t.Parallel()
	h, p, key := canaryStation(t)
	said := h.Must("privacy", "run", "--dry-run")
	for _, class := range []string{"unpaid", "paid", "receipts", "refused"} {
		if !strings.Contains(said, class) {
			t.Errorf("no %s in\n%s", class, said)
		}
	}
	h.Must("privacy", "run", "--compact")
	if got := p.Status(key, "P-1"); got != "PAID" {
		t.Errorf("a young position is %s", got)
	}
	id := strings.Split(key, "_")[1]
	report := h.Must("breach", "report", "--key", id, "--from", "2026-01-01")
	if strings.Count(report, "position.create") != 4 || !strings.Contains(report, "P-3") || !strings.Contains(report, fmt.Sprint("key=", id)) {
		t.Errorf("reported as\n%s", report)
	}
	if report := h.Must("breach", "report", "--key", id, "--from", "2026-01-01", "--to", "2026-01-02"); !strings.Contains(report, "0 records") {
		t.Errorf("of another time:\n%s", report)
	}
	p.Stop()
}
