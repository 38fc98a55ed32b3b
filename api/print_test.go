package api_test

import (
	"errors"
	"fmt"
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
	s := newStationWith(t, api.Config{Printer: printer, ReceiptDetail: func(raw []byte) (*bridge.ReceiptDetail, error) {
		return &bridge.ReceiptDetail{Description: string(raw)}, nil
	}})
	ec := bridge.CreditorInstitution{Code: ourEC, Name: "Comune di Prova", CBILL: "CBI1Z", PostalAccount: "1"}
	other := bridge.CreditorInstitution{Code: otherEC, Name: "Comune Altrui"}
	registry, err := bridge.NewRegistry([]bridge.Broker{{Code: testkit.Broker, Stations: map[string]bridge.Station{
		testkit.Station: {ID: testkit.Station, ECs: map[bridge.ECCode]bridge.CreditorInstitution{ourEC: ec, otherEC: other}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	s.service.SetRegistry(registry)
	s.created(ours+"?toPublish=true", minimal)
	return s
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
