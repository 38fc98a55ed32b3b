package api_test

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// clerk is a printer that says on paper what it was given.
type clerk struct{ fails error }

func (c clerk) Notice(n *bridge.PaymentNotice) ([]byte, error) {
	return fmt.Appendf(nil, "%s %s %d %v %q %v", n.EC.Code, n.Subject, len(n.Payments()), n.Slip, n.Language, n.Discounted != nil), c.fails
}

func (c clerk) Receipt(ec *bridge.CreditorInstitution, r *bridge.Receipt, d *bridge.ReceiptDetail) ([]byte, error) {
	return fmt.Appendf(nil, "%s %s %s", ec.Name, r.ReceiptID, d.Description), c.fails
}

// printing is a station whose EC prints notices, with a position and its receipt.
func printing(t *testing.T, printer api.Printer) *station {
	t.Helper()
	return newPrinting(t, api.Config{Printer: printer, ReceiptDetail: func(raw []byte) (*bridge.ReceiptDetail, error) {
		return &bridge.ReceiptDetail{Description: string(raw)}, nil
	}})
}

func newPrinting(t *testing.T, config api.Config) *station {
	t.Helper()
	s := newStationWith(t, config)
	s.service.SetRegistry(printingRegistry(t))
	s.created(ours+"?toPublish=true", minimal)
	return s
}

// printingRegistry has an EC that prints notices, and one that does not.
func printingRegistry(t testing.TB) *bridge.Registry {
	t.Helper()
	ec := bridge.CreditorInstitution{Code: ourEC, Name: "Comune di Prova", CBILL: "CBI1Z", PostalAccount: "1"}
	other := bridge.CreditorInstitution{Code: otherEC, Name: "Comune Altrui"}
	registry, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{
		testkit.Station: {ID: testkit.Station, ECs: map[bridge.ECCode]bridge.CreditorInstitution{ourEC: ec, otherEC: other}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// TestPrintNotice: the notice of a stored position, chosen by its number, with what was
// asked for; the reason for no slip is told.
func TestPrintNotice(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	const path = own + "/notices/347000000000000012"
	got := s.do(get(path))
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.body, string(ourEC)+" ") ||
		got.header.Get("Content-Disposition") != `inline; filename="avviso-77777777777-347000000000000012.pdf"` || !strings.Contains(got.header.Get("X-No-Postal-Slip"), "no authorisation") {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	if got := s.do(get(path + "?language=de&slip=never")); !strings.Contains(got.body, `"de"`) || got.header.Get("X-No-Postal-Slip") != "" {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	for query, want := range map[string]int{"?slip=always": 422, "?layout=fine": 422, "?slip=yes": 400, "?language=it": 400, "?layout=x": 400, "?lang=de": 400} {
		if got := s.do(get(path + query)); got.status != want {
			t.Errorf("%s: %d %s, want %d", query, got.status, got.body, want)
		}
	}
	if got := s.do(get(own + "/notices/347000000000000099")); got.status != http.StatusNotFound {
		t.Errorf("unknown: %d %s", got.status, got.body)
	}
	refusing := printing(t, clerk{&bridge.Error{Code: bridge.CodeNotPrintable, Detail: "no logo"}})
	refusing.want(get(path), 422, problem(422, "The document cannot be printed", "no logo"))
	failing := printing(t, clerk{errors.New("disk of Mario Rossi")})
	if got := failing.do(get(path)); got.status != 500 || strings.Contains(got.body, "Mario") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := newStation(t, api.Limits{}); got.do(get(path)).status != http.StatusInternalServerError {
		t.Error("a station without a printer printed")
	}
}

// TestPrintReceipt: a receipt as a document, for who may read receipts.
func TestPrintReceipt(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	s.receipted("r1", "47000000000000012", 10000)
	got := s.do(get(own + "/receipts/r1/pdf"))
	if got.status != http.StatusOK || got.body != "Comune di Prova r1 <r1/>" || got.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	if got := s.do(get(own + "/receipts/r2/pdf")); got.status != http.StatusNotFound {
		t.Errorf("unknown: %d %s", got.status, got.body)
	}
	if got := s.do(get(own + "/notices/347000000000000012")); got.status != 422 {
		t.Errorf("the notice of a paid position: %d %s", got.status, got.body)
	}
}

// TestPrintUpload: the notices of an uploaded file as a zip; what cannot be printed is
// listed with its reason, and a file under way is not printed by halves.
func TestPrintUpload(t *testing.T) {
	t.Parallel()
	s := printing(t, clerk{})
	id := s.uploaded("POST", massiveV2, several(bulkItem(1), bulkItem(2), bulkItem(3)))
	path := massiveV2 + "/" + id + "/notices"
	if got := s.do(get(path)); got.status != http.StatusTooEarly {
		t.Errorf("too early: %d %s", got.status, got.body)
	}
	s.worked(id)
	s.receipted("r2", "47000000000000002", 10000)
	got := s.do(get(path + "?slip=never"))
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/zip" || got.header.Get("Link") != "" {
		t.Fatalf("%d %s %v", got.status, got.body, got.header)
	}
	z, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	if len(files) != 3 || !strings.HasPrefix(files["avviso-77777777777-347000000000000001.pdf"], string(ourEC)) || files["avviso-77777777777-347000000000000003.pdf"] == "" ||
		!strings.Contains(files["non-stampati.csv"], "bulk-2,nothing of the debt position is to be paid") {
		t.Errorf("%v", files)
	}
	for query, want := range map[string]int{"?page=1": 400, "?page=-1": 400, "?pages=1": 400, "?slip=x": 400} {
		if got := s.do(get(path + query)); got.status != want {
			t.Errorf("%s: %d %s, want %d", query, got.status, got.body, want)
		}
	}
}
