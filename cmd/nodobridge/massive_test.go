package main_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

const massivePath = "/upload/gpd/debt-positions-service/v2/brokers/99999999999/organizations/" + binarytest.EC + "/debtpositions/file"

// massiveStatus is what the station tells of a file.
type massiveStatus struct {
	ProcessedItem   int
	SubmittedItem   int
	OperationStatus string
}

// A file goes on after kill -9 where its last commit left it: every row once, none of
// them refused because the file itself had created it (gpd-api.md §6.2, issue #1065).
func TestMassive_SurvivesKill(t *testing.T) {
	t.Parallel()
	const rows, kills = 1500, 3
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	id := uploadMassive(t, p, key, rows)
	for kill := range kills {
		for readMassive(t, p, key, id).ProcessedItem < (kill+1)*rows/(2*kills) {
			verifyAnything(t, p) // the station answers meanwhile, and the loop waits for it
		}
		p.Kill()
		p = h.Serve()
	}
	status := readMassive(t, p, key, id)
	for status.OperationStatus == "IN_PROGRESS" {
		verifyAnything(t, p)
		status = readMassive(t, p, key, id)
	}
	if status.OperationStatus != "COMPLETED" || status.ProcessedItem != rows {
		t.Errorf("ended as %+v", status)
	}
	code, report := p.Call("GET", massivePath+"/"+id+"/report", key, "")
	if code != 200 || strings.Count(report, `"P-`) != rows || !strings.Contains(report, `"statusCode":201`) || strings.Count(report, "statusCode") != 1 {
		t.Errorf("%d, %d rows reported", code, strings.Count(report, `"P-`))
	}
	if got := p.Status(key, fmt.Sprintf("P-%d", rows)); got != "VALID" {
		t.Errorf("the last position is %s", got)
	}
	p.Stop()
}

func verifyAnything(t *testing.T, p *binarytest.Process) {
	t.Helper()
	if _, err := p.Node().Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1))); err != nil {
		t.Fatal(err)
	}
}

func readMassive(t *testing.T, p *binarytest.Process, key, id string) massiveStatus {
	t.Helper()
	code, answer := p.Call("GET", massivePath+"/"+id+"/status", key, "")
	var status massiveStatus
	if err := json.Unmarshal([]byte(answer), &status); code != 200 || err != nil {
		t.Fatalf("%d %s, %v", code, answer, err)
	}
	return status
}

// uploadMassive uploads a file of new positions and gives its id.
func uploadMassive(t *testing.T, p *binarytest.Process, key string, rows int) string {
	t.Helper()
	list := make([]string, rows)
	for n := range rows {
		list[n] = binarytest.Position(int64(n+1), 12000)
	}
	var zipped, body bytes.Buffer
	archive := zip.NewWriter(&zipped)
	document, err := archive.Create("positions.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(document, `{"paymentPositions":[`+strings.Join(list, ",")+`]}`); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "positions.zip")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(zipped.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.API+massivePath, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Ocp-Apim-Subscription-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusAccepted {
		t.Fatalf("%d %s, %v", res.StatusCode, answer, err)
	}
	return strings.Split(res.Header.Get("Location"), "/")[6]
}
