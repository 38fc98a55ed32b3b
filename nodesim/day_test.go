package nodesim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/nodesim"
)

// obedient is a station that says OK to everything and notes what came, even by halves.
type obedient struct {
	mu       sync.Mutex
	whole    []string // bodies
	halves   []string
	came     chan struct{} // told of every call, whole or not; may be nil
	receipts []answer      // for receipts, one after the other and the last for ever; empty: OK
}

func (s *obedient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if s.came != nil {
			s.came <- struct{}{}
		}
	}()
	if err != nil {
		s.halves = append(s.halves, string(body))
		return
	}
	s.whole = append(s.whole, string(body))
	next := s.answer(string(body))
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	if next.status != 0 {
		w.WriteHeader(next.status)
	}
	_, _ = io.WriteString(w, next.body) // the caller may have cut the connection
}

// stampless is an activation of version 2 without stamp: the number of a stamp bought is not drawn from the seed.
var stampless = strings.NewReplacer("paGetPaymentRes", "paGetPaymentV2Response", "<debtor>", "<companyName>Comune di Prova</companyName><debtor>").Replace(paymentV1OK)

func (s *obedient) answer(body string) answer {
	for root, payload := range map[string]string{
		"paVerifyPaymentNoticeReq": verifyOK, "paGetPaymentReq": paymentV1OK, "paGetPaymentV2Request": stampless,
	} {
		if strings.Contains(body, root) {
			return answer{body: envelop(payload)}
		}
	}
	if len(s.receipts) > 0 {
		next := s.receipts[0]
		s.receipts = append(s.receipts[1:], next)[:len(s.receipts)]
		return next
	}
	if strings.Contains(body, "paSendRTReq") {
		return answer{body: envelop(receiptV1OK)}
	}
	return answer{body: envelop(receiptV2OK)}
}

// day is a campaign against an obedient station.
type day struct {
	station obedient
	server  *httptest.Server
	hostile *nodesim.Hostile

	mu     sync.Mutex
	sleeps []time.Duration
	traced []nodesim.Exchange
}

func newDay(t *testing.T, seed uint64, rates nodesim.Rates) *day {
	t.Helper()
	d := new(day)
	d.server = httptest.NewServer(&d.station)
	t.Cleanup(d.server.Close)
	d.hostile = &nodesim.Hostile{
		Node: &nodesim.Node{
			URL: d.server.URL, Broker: broker, Station: station, HTTP: d.server.Client(),
			Trace: func(x nodesim.Exchange) { d.traced = append(d.traced, x) },
		},
		Seed: seed, Rates: rates, Concurrency: 1,
		Sleep: func(ctx context.Context, wait time.Duration) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.sleeps = append(d.sleeps, wait)
			return ctx.Err()
		},
	}
	return d
}

// pay runs a campaign of so many payments, by turns of version 1 and 2.
func (d *day) pay(t *testing.T, payments int) nodesim.Report {
	t.Helper()
	var requests []nodesim.PayRequest
	for i := range payments {
		requests = append(requests, nodesim.PayRequest{
			EC: ec, NoticeNumber: nav, Version: nodesim.Version(1 + i%2), Receipt: nodesim.ReceiptOptions{Now: time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)},
		})
	}
	report, err := d.hostile.Campaign(t.Context(), requests)
	t.Log(report.String())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) != payments {
		t.Errorf("%d results of %d payments", len(report.Results), payments)
	}
	return report
}
