package crash_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

const (
	ec      = binarytest.EC
	clients = 16
)

// load is callers of both kinds: each uploads a position and pays it, and notes in the
// oracle what it was told, after it has read the whole answer.
type load struct {
	oracle *oracle
	key    string

	mu     sync.Mutex
	serial int64
	enough chan struct{}
	left   int
}

// run drives a station until so many receipts are acknowledged or every caller has
// failed; it says whether there were enough. Its callers end with the context.
func (l *load) run(t *testing.T, p *binarytest.Process, receipts int) bool {
	t.Helper()
	l.enough, l.left = make(chan struct{}), receipts
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group sync.WaitGroup
	failed := make(chan struct{})
	for range clients {
		group.Go(func() { l.call(ctx, p) })
	}
	go func() { group.Wait(); close(failed) }()
	select {
	case <-l.enough:
		return true
	case <-failed:
		return false
	}
}

// hit runs the load, kills the station in the middle of it, and waits for the callers.
func (l *load) hit(t *testing.T, p *binarytest.Process, receipts int) {
	t.Helper()
	l.enough, l.left = make(chan struct{}), receipts
	var group sync.WaitGroup
	for range clients {
		group.Go(func() { l.call(t.Context(), p) })
	}
	ended := make(chan struct{})
	go func() { group.Wait(); close(ended) }()
	select {
	case <-l.enough:
	case <-ended:
		t.Errorf("the station answered nobody any more before it was killed:\n%s", last(p))
	}
	p.Kill()
	<-ended
}

// call pays position after position until a call fails.
func (l *load) call(ctx context.Context, p *binarytest.Process) {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}, Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	node := p.Node()
	node.HTTP = client
	for ctx.Err() == nil {
		n := l.next()
		if !l.upload(ctx, client, p, n) {
			return
		}
		answer, err := node.SendRTV2(ctx, receipt(n))
		if err != nil || answer.Fault != nil {
			return
		}
		l.acknowledged(n)
	}
}

func (l *load) next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serial++
	return l.serial
}

func (l *load) acknowledged(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.oracle.receipts = append(l.oracle.receipts, n)
	if l.left--; l.left == 0 {
		close(l.enough)
	}
}

// upload publishes a position; false when it was not acknowledged.
func (l *load) upload(ctx context.Context, client *http.Client, p *binarytest.Process, n int64) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.API+binarytest.Positions+"?toPublish=true", strings.NewReader(binarytest.Position(n, 12000)))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Ocp-Apim-Subscription-Key", l.key)
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusCreated {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.oracle.positions = append(l.oracle.positions, n)
	return true
}

func receipt(n int64) nodesim.Receipt {
	nav := string(binarytest.NAV(n))
	data := nodesim.PaymentData{
		Version: nodesim.V2, Request: nodesim.ActivateRequest{EC: ec, NoticeNumber: nav}, CreditorReferenceID: nav[1:],
		PaymentAmount: 12000, Description: "TARI 2026", CompanyName: "Comune di Prova",
		Transfers: []nodesim.Transfer{{
			ID: 1, Amount: 12000, FiscalCodePA: ec, IBAN: "IT60X0542811101000000123456", RemittanceInformation: "TARI 2026", TransferCategory: "9/0101108TS/",
		}},
		Debtor: nodesim.Subject{Type: "F", Code: "RSSMRA80A01H501U", FullName: "Mario Rossi"},
	}
	return nodesim.ReceiptFor(data, nodesim.SamplePSP(), nodesim.ReceiptOptions{Now: time.Now(), ReceiptID: receiptOf(n)})
}

func last(p *binarytest.Process) string {
	lines := p.Lines(0, 0)
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

func (o *oracle) String() string {
	return fmt.Sprintf("acknowledged %d (%d positions, %d receipts)", len(o.positions)+len(o.receipts), len(o.positions), len(o.receipts))
}
