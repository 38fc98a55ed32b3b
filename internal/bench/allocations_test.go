package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/fill"
	"nodobridge/load"
	"nodobridge/nodesim"
	"nodobridge/soap"
	"nodobridge/store"
)

var update = flag.Bool("update", false, "write the measured allocations as the baseline")

const baselineFile = "allocations.txt"

// allocationCalls is over how many calls allocations are averaged; what happens beside
// them (a checkpoint, a timer) then weighs less than the tolerance.
const allocationCalls = 400

// The tolerance: a call may allocate so much more than the baseline says, because maps
// and pools are filled at other moments in each run.
const (
	allocationSlack = 1.02
	allocationRoom  = 2
)

// quiet takes an answer and keeps nothing but its status and outcome.
type quiet struct {
	header http.Header
	status int
	ok     bool
}

func (w *quiet) Header() http.Header { return w.header }
func (w *quiet) WriteHeader(s int)   { w.status = s }
func (w *quiet) Write(p []byte) (int, error) {
	w.ok = bytes.Contains(p, []byte("<outcome>OK</outcome>"))
	return len(p), nil
}

// Allocations a call, from the handler to the store and back, with the log and the
// journal on, are no more than the baseline says. They are the same on every machine and
// under every load, as times are not. "go test ./internal/bench -run Allocations -update"
// writes a new baseline; a higher one needs its reason in the commit.
func TestAllocations(t *testing.T) { // not parallel: everybody's allocations are counted
	const positions = 2000
	dir := filepath.Join(t.TempDir(), "data")
	if err := fill.Store(t.Context(), dir, positions, nil); err != nil {
		t.Fatal(err)
	}
	handler := inProcess(t, dir)
	measured := map[string]float64{}
	for _, operation := range []load.Operation{load.Verify, load.Payment, load.Receipt} {
		s, err := stencilOf(operation)
		if err != nil {
			t.Fatal(err)
		}
		calls := make([]*http.Request, 0, allocationCalls+1)
		for n := range allocationCalls + 1 {
			calls = append(calls, parsed(t, s.Append(nil, string(fill.NAV(n)), fmt.Sprintf("ALLOC-%010d", n))))
		}
		n, answer := 0, &quiet{header: http.Header{}}
		measured[s.Operation] = testing.AllocsPerRun(allocationCalls, func() {
			handler.ServeHTTP(answer, calls[n])
			if answer.status != http.StatusOK || !answer.ok {
				t.Fatalf("%s of notice %d: HTTP %d, OK %v", s.Operation, n, answer.status, answer.ok)
			}
			n++
		})
	}
	if *update {
		writeBaseline(t, measured)
	}
	baseline := readBaseline(t)
	if len(baseline) != len(measured) {
		t.Errorf("the baseline has %d operations, want %d", len(baseline), len(measured))
	}
	for operation, got := range measured {
		most := baseline[operation]*allocationSlack + allocationRoom
		t.Logf("%s: %.0f allocations, baseline %.0f", operation, got, baseline[operation])
		if got > most {
			t.Errorf("%s makes %.0f allocations a call, the baseline is %.0f", operation, got, baseline[operation])
		}
	}
}

// inProcess is a station without its listeners, on a filled store.
func inProcess(t testing.TB, dir string) http.Handler {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	parties, err := fill.Parties()
	if err != nil {
		t.Fatal(err)
	}
	return soap.NewServer(soap.Config{
		Service: bridge.NewService(db, systemClock{}, parties), Path: "/paForNode", HashKey: []byte("key"),
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), // every record is written, as in production
	})
}

// stencilOf gives an operation's requests; a receipt says what the positions cost.
func stencilOf(operation load.Operation) (*nodesim.Stencil, error) {
	node := &nodesim.Node{URL: "http://station/paForNode", Broker: fill.Broker, Station: fill.Station}
	switch operation {
	case load.Verify:
		return node.VerifyStencil(string(fill.EC))
	case load.Payment:
		return node.PaymentStencil(string(fill.EC))
	}
	p := fill.Position(0)
	data := nodesim.PaymentData{
		Version: nodesim.V2, Request: nodesim.ActivateRequest{EC: string(fill.EC)}, PaymentAmount: nodesim.Cents(fill.Amount), Description: "TARI 2026", CompanyName: p.CompanyName,
		Debtor: nodesim.Subject{Type: "F", Code: p.Options[0].Debtor.FiscalCode, FullName: p.Options[0].Debtor.FullName},
	}
	for _, x := range p.Options[0].Instalments[0].Transfers {
		data.Transfers = append(data.Transfers, nodesim.Transfer{
			ID: x.ID, Amount: nodesim.Cents(x.Amount), FiscalCodePA: string(x.EC), CompanyName: x.CompanyName, IBAN: string(x.IBAN),
			RemittanceInformation: x.RemittanceInformation, TransferCategory: x.Category,
		})
	}
	return node.ReceiptStencil(nodesim.ReceiptFor(data, nodesim.SamplePSP(), nodesim.ReceiptOptions{}))
}

// parsed is a message as net/http gives it to a handler.
func parsed(t testing.TB, message []byte) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(message)))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:1"
	return r
}

func readBaseline(t *testing.T) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(baselineFile)
	if err != nil {
		t.Fatal(err)
	}
	baseline := map[string]float64{}
	for line := range bytes.Lines(text) {
		var operation string
		var count float64
		if _, err := fmt.Sscan(string(line), &operation, &count); err != nil {
			t.Fatalf("%s: %q: %v", baselineFile, line, err)
		}
		baseline[operation] = count
	}
	return baseline
}

func writeBaseline(t *testing.T, measured map[string]float64) {
	t.Helper()
	var b bytes.Buffer
	for _, operation := range slices.Sorted(maps.Keys(measured)) {
		fmt.Fprintf(&b, "%s %.0f\n", operation, measured[operation])
	}
	if err := os.WriteFile(baselineFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
