package bridge_test

import (
	"context"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// oneNotice is a store that has read its one notice already.
type oneNotice struct {
	bridge.Store
	notice bridge.Notice
}

func (s *oneNotice) Notice(context.Context, bridge.ECCode, bridge.NoticeNumber) (*bridge.Notice, error) {
	n := s.notice
	return &n, nil
}

// BenchmarkGetPayment is the domain alone: addressee, payability, and an answer fit for
// the wire.
func BenchmarkGetPayment(b *testing.B) {
	p := testkit.Single(1)
	clock := testkit.NewClock()
	p.Status, p.PublishedAt = bridge.Valid, clock.Now()
	in := &p.Options[0].Instalments[0]
	in.Status, in.Transfers[0].Status = bridge.InstalmentUnpaid, bridge.TransferUnreported
	service := bridge.NewService(&oneNotice{notice: p.Notices()[0]}, clock, testkit.Registry())
	q := bridge.PaymentQuery{V2: true, NoticeQuery: bridge.NoticeQuery{Addressee: testkit.Addressee(), QRFiscalCode: string(testkit.EC), NAV: string(testkit.NAV(1))}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := service.GetPayment(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
