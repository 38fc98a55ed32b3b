package soap_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/judge"
	"nodobridge/internal/testkit"
	"nodobridge/nodesim"
	"nodobridge/soap"
)

// A node on a bad day pays 240 notices: whatever it writes, repeats, delays or cuts, each receipt that the station has
// acknowledged is stored once, and each position is paid once (soap-node.md §2.5, §2.6).
func TestHostileNode_EveryAcknowledgedReceiptIsStoredOnce(t *testing.T) {
	t.Parallel()
	const payments = 240
	seed := rand.Uint64()
	t.Logf("seed %d", seed) // the whole day again: put it in place of the line above
	s := newStation(t, openStore(t), soap.Limits{})
	var requests []nodesim.PayRequest
	for n := int64(1); n <= payments; n++ {
		s.create(t, testkit.Single(n), true)
		version := nodesim.Version(1 + n%2)
		requests = append(requests, nodesim.PayRequest{EC: string(testkit.EC), NoticeNumber: string(testkit.NAV(n)), Version: version,
			Receipt: nodesim.ReceiptOptions{Now: testkit.Noon}}) // paid while the station lives, whatever today is
	}
	node := s.node()
	node.Trace = func(x nodesim.Exchange) {
		if x.Status == 0 {
			return
		}
		if err := judge.Message(x.ResponseBody); err != nil || x.Status != 200 {
			t.Errorf("%s: HTTP %d: %v\n%s\n%s", x.Operation, x.Status, err, x.RequestBody, x.ResponseBody)
		}
	}
	hostile := nodesim.NewHostile(node, seed)
	hostile.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	report, err := hostile.Campaign(t.Context(), requests)
	t.Log(report.String())
	if err != nil {
		t.Fatal(err)
	}
	if report.Paid != payments || report.Acknowledged != payments || report.Failed != 0 {
		t.Errorf("want %d payments made and acknowledged", payments)
	}
	for n, r := range report.Results {
		s.wantPaidOnce(t, int64(n+1), r)
	}
	s.wantDay(t, report)
}

// wantPaidOnce is the invariant, for one payment.
func (s *station) wantPaidOnce(t *testing.T, n int64, r nodesim.Result) {
	t.Helper()
	if !r.Acknowledged {
		t.Errorf("notice %d: %v, fault %v, %v", n, r.Refusal, r.Fault, r.Err)
		return
	}
	kept, err := s.service.ReceiptsOfNotice(t.Context(), testkit.Principal(), testkit.EC, testkit.NAV(n))
	if err != nil || len(kept) != 1 {
		t.Fatalf("notice %d: %d receipts are stored: %v", n, len(kept), err)
	}
	if kept[0].ReceiptID != r.Receipt.ReceiptID || kept[0].Amount != 12000 || int(kept[0].Version) != int(r.Request.Version) || kept[0].IUPD == "" ||
		kept[0].StandIn != r.Receipt.StandIn {
		t.Errorf("notice %d: stored %+v, sent %+v", n, kept[0], r.Receipt)
	}
	p, err := s.service.Position(t.Context(), testkit.Principal(), testkit.EC, testkit.Single(n).IUPD)
	if err != nil || p.Status != bridge.Paid || p.Options[0].Instalments[0].ReceiptID != r.Receipt.ReceiptID {
		t.Errorf("notice %d: the position is %+v: %v", n, p, err)
	}
}

// wantDay checks that the day was a bad one, and that nothing was held against the receipts but that the node stood in.
func (s *station) wantDay(t *testing.T, report nodesim.Report) {
	t.Helper()
	for _, trouble := range []nodesim.Trouble{nodesim.Duplicated, nodesim.Twinned, nodesim.SlowRequest, nodesim.SlowAnswer, nodesim.CutInRequest, nodesim.CutInAnswer} {
		if report.Troubles[trouble] == 0 {
			t.Errorf("%s did not happen in %d calls", trouble, report.Calls)
		}
	}
	codes := slices.Collect(maps.Keys(report.NodeErrors))
	if !slices.Equal(codes, []nodesim.NodeCode{nodesim.Unreachable}) || report.NodeErrors[nodesim.Unreachable] != report.Cuts() {
		t.Errorf("the node found %v, want %d cuts and nothing else", report.NodeErrors, report.Cuts())
	}
	noted := append(s.anomalies(t, testkit.EC), s.anomalies(t, "")...)
	if other := slices.DeleteFunc(slices.Clone(noted), func(c bridge.AnomalyClass) bool { return c == bridge.AnomalyStandIn }); len(other) != 0 {
		t.Errorf("anomalies: %v", other)
	}
	if marked := report.StandIns[false] + report.StandIns[true]; len(noted) != marked {
		t.Errorf("%d receipts are noted as collected in the station's place, want the %d that say so inside or beside", len(noted), marked)
	}
}
