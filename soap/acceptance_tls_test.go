package soap_test

import (
	"crypto/tls"
	"os"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

// TestAcceptanceTLS is T15 to T17 of soap-node.md §6 in one breath; the tables
// behind them are in tls_test.go.
func TestAcceptanceTLS(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	any := func(*tls.Config) {}
	t.Run("T15", func(t *testing.T) {
		stranger := leaf(t, p.intermediate, "customer.example.com", nil).shown()
		s.noHTTP(t, p.client(s, stranger, any), s.calls())
		s.noHTTP(t, p.client(s, nil, any), s.calls())
	})
	t.Run("T16", func(t *testing.T) {
		a, err := s.ask(t.Context(), p.client(s, p.node(t).shown(), any))
		answered(t, a, err)
	})
	t.Run("T17", func(t *testing.T) {
		old := func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }
		a, err := s.ask(t.Context(), p.client(s, p.node(t).shown(), old))
		answered(t, a, err)
	})
}

// TestAcceptanceCrash is R18: the binary is killed right after its OK to a receipt.
// cmd/nodobridge does it twenty times.
func TestAcceptanceCrash(t *testing.T) {
	t.Parallel()
	t.Run("R18", func(t *testing.T) {
		h := binarytest.New(t, binarytest.SampleConfig)
		h.Must("init")
		key := h.NewKey()
		p := h.Serve()
		p.Upload(key, binarytest.Position(1, 12000))
		story, err := p.Node().Pay(t.Context(), nodesim.PayRequest{EC: binarytest.EC, NoticeNumber: string(binarytest.NAV(1)), Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
		p.Kill()
		if err != nil || !story.Paid || story.Deliveries[0].Fault != nil {
			t.Fatalf("%+v, %v", story, err)
		}
		p = h.Serve()
		if got := p.Status(key, "P-1"); got != "PAID" {
			t.Errorf("after the kill the position is %s", got)
		}
		again, err := p.Node().SendRTV2(t.Context(), story.Receipt)
		if err != nil || again.Fault == nil || again.Fault.Code != "PAA_RECEIPT_DUPLICATA" {
			t.Errorf("the receipt is not there: %+v, %v", again, err)
		}
		p.Stop()
	})
}
