package main_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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

// A folder of the print service outlives kill -9: it is printed by the next process, and
// its zip holds real documents.
func TestPrintService_Killed(t *testing.T) {
	t.Parallel()
	config := strings.Replace(binarytest.SampleConfig, "name: Comune di Prova}", "name: Comune di Prova, cbill: CBI1Z}", 1) + "notices: {allow_missing_brand: true}\n"
	h := binarytest.New(t, config)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	var items []string
	for n := range int64(100) {
		items = append(items, fmt.Sprintf(`{"templateId":"TemplateSingleInstalment","data":{"notice":{"subject":"TARI 2026","paymentAmount":1050,"dueDate":"31/12/2026","code":%q},"creditorInstitution":{"taxCode":%q},
			"debtor":{"fullName":"Mario Rossi","address":"Via Roma","buildingNumber":"1","postalCode":"00100","city":"Roma","province":"RM"}}}`, binarytest.NAV(n), binarytest.EC))
	}
	const base = "/print-payment-notice-service/external/v1/notices"
	status, id := taken(t, p, base+"/generate-massive", key, `{"notices":[`+strings.Join(items, ",")+`]}`)
	if status != http.StatusOK {
		t.Fatalf("HTTP %d %s", status, id)
	}
	p.Kill()
	p = h.Serve()
	for _, body := p.Call("GET", base+"/folder/"+id+"/status", key, ""); !strings.Contains(body, `"PROCESSED"`); _, body = p.Call("GET", base+"/folder/"+id+"/status", key, "") {
		if !strings.Contains(body, `"noticesInError":[]`) {
			t.Fatal(body)
		}
		time.Sleep(10 * time.Millisecond) // the worker tells nobody but the store
	}
	_, body := p.Call("GET", base+"/folder/"+id+"/url", key, "")
	var link struct{ SignedURL string }
	if err := json.Unmarshal([]byte(body), &link); err != nil {
		t.Fatal(err)
	}
	status, file := p.Call("GET", strings.TrimPrefix(link.SignedURL, p.API), "", "")
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	if status != http.StatusOK || err != nil || len(z.File) != len(items) {
		t.Fatalf("HTTP %d, %d bytes, %v", status, len(file), err)
	}
	if n := strings.Count(file, "%PDF-1.7"); n != len(items) {
		t.Errorf("%d documents", n)
	}
	for key, value := range map[string]string{"notices.folder_days": "0", "api.public_url": "ftp://x"} {
		if code, _, problem := h.RunWith([]string{"NODOBRIDGE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_")) + "=" + value}, "config", "show"); code != 78 || !strings.Contains(problem, key) {
			t.Errorf("%s: exit %d %s", key, code, problem)
		}
	}
}

// taken posts a folder and gives its id.
func taken(t *testing.T, p *binarytest.Process, path, key, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.API+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Ocp-Apim-Subscription-Key": {key}, "Idempotency-Key": {"k"}}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		ID string `json:"folder_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer.ID
}

// Numbers are reserved by the command line too, while the station runs.
func TestNumbers_Reserve(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	p := h.Serve()
	first := strings.Fields(h.Must("numbers", "reserve", "--ec", binarytest.EC, "--segregation", "02", "--count", "3"))
	second := strings.Fields(h.Must("numbers", "reserve", "--ec", binarytest.EC, "--segregation", "02"))
	if len(first) != 3 || len(second) != 1 || slices.Contains(first, second[0]) || !strings.HasPrefix(second[0], "302") {
		t.Errorf("%v, then %v", first, second)
	}
	if code, _, problem := h.Run("numbers", "reserve", "--ec", binarytest.EC, "--segregation", "02", "--count", "1001"); code == 0 || !strings.Contains(problem, "between 1 and 1000") {
		t.Errorf("exit %d %s", code, problem)
	}
	p.Stop()
}
