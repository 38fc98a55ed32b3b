package nodesim_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nodobridge/nodesim"
)

func TestHostile_GoodDayIsLikeTheNode(t *testing.T) {
	t.Parallel()
	d := newDay(t, 1, nodesim.Rates{})
	report := d.pay(t, 6)
	if report.Paid != 6 || report.Acknowledged != 6 || report.Calls != 18 || report.Resends+report.Failed+report.Refused != 0 || len(d.sleeps) != 0 {
		t.Errorf("report %s", &report)
	}
	for _, body := range d.station.whole {
		if !strings.HasPrefix(body, `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn=`) {
			t.Errorf("not as the node writes: %s", body)
		}
	}
}

func TestHostile_DuplicatesReallyComeTwice(t *testing.T) {
	t.Parallel()
	d := newDay(t, 2, nodesim.Rates{Duplicate: 100, Odd: 100})
	report := d.pay(t, 10)
	seen := map[string]int{}
	for _, body := range d.station.whole {
		seen[body]++
	}
	for body, times := range seen {
		if times%2 != 0 {
			t.Errorf("came %d times: %s", times, body)
		}
	}
	if len(d.station.whole) != 60 || report.Calls != 30 || report.DuplicatesAnswered != 30 || report.Acknowledged != 10 {
		t.Errorf("%d requests came; %s", len(d.station.whole), &report)
	}
	if report.Troubles[nodesim.Duplicated] == 0 || report.Troubles[nodesim.Twinned] == 0 {
		t.Errorf("one kind is missing: %v", report.Troubles)
	}
}

// On a road where every call takes a second, twins leave in the same second and plain duplicates one after the other.
func TestHostile_TwinsReallyLeaveAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		road := &longRoad{}
		hostile := &nodesim.Hostile{
			Node: &nodesim.Node{URL: "http://station.invalid", HTTP: &http.Client{Transport: road}},
			Seed: 3, Rates: nodesim.Rates{Duplicate: 100}, Concurrency: 1,
		}
		requests := slices.Repeat([]nodesim.PayRequest{{EC: ec, NoticeNumber: nav, Version: nodesim.V1}}, 10)
		report, err := hostile.Campaign(t.Context(), requests)
		if err != nil || report.Acknowledged != 10 {
			t.Fatalf("%v; %s", err, &report)
		}
		twins, others := 0, 0
		for _, together := range road.left {
			switch together {
			case 1:
				others++
			case 2:
				twins++
			default:
				t.Errorf("%d calls left at once", together)
			}
		}
		if twins == 0 || twins != report.Troubles[nodesim.Twinned] || others != 2*report.Troubles[nodesim.Duplicated] {
			t.Errorf("%d twins and %d others left; %s", twins, others, &report)
		}
	})
}

// longRoad leads to an obedient station, a second away, and notes how many calls left at which moment.
type longRoad struct {
	mu      sync.Mutex
	left    map[time.Time]int
	station obedient
}

func (l *longRoad) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	if l.left == nil {
		l.left = map[time.Time]int{}
	}
	l.left[time.Now()]++
	l.mu.Unlock()
	time.Sleep(time.Second)
	recorder := httptest.NewRecorder()
	l.station.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func TestHostile_DelaysWaitInTheMiddleAndAreBounded(t *testing.T) {
	t.Parallel()
	d := newDay(t, 4, nodesim.Rates{Delay: 100})
	d.hostile.MaxDelay = 30 * time.Second
	report := d.pay(t, 10)
	if report.Troubles[nodesim.SlowRequest] == 0 || report.Troubles[nodesim.SlowAnswer] == 0 || report.Acknowledged != 10 || len(d.sleeps) != report.Calls {
		t.Errorf("%d delays; %s", len(d.sleeps), &report)
	}
	if slices.Min(d.sleeps) <= 0 || slices.Max(d.sleeps) > 30*time.Second || slices.Max(d.sleeps) < 15*time.Second {
		t.Errorf("delays of %s to %s, want all sorts up to 30s", slices.Min(d.sleeps), slices.Max(d.sleeps))
	}
}

func TestHostile_CutsReallyLeaveHalves(t *testing.T) {
	t.Parallel()
	d := newDay(t, 5, nodesim.Rates{Cut: 100})
	d.hostile.Reads = 4
	d.station.came = make(chan struct{}, 20)
	report := d.pay(t, 5)
	for range 20 {
		<-d.station.came // the callers do not wait for the station
	}
	d.server.Close()
	if report.Paid != 0 || report.Failed != 5 || report.Calls != 20 || report.Cuts() != 20 || report.NodeErrors[nodesim.Unreachable] != 20 {
		t.Errorf("report %s", &report)
	}
	if len(d.station.halves) != report.Troubles[nodesim.CutInRequest] || len(d.station.whole) != report.Troubles[nodesim.CutInAnswer] ||
		len(d.station.halves) == 0 || len(d.station.whole) == 0 {
		t.Errorf("the station saw %d halves and %d whole; %s", len(d.station.halves), len(d.station.whole), &report)
	}
	for _, half := range d.station.halves {
		if n := len(d.station.whole[0]) / 2; len(half) != n || strings.Contains(half, "</") && strings.HasSuffix(half, "Envelope>") {
			t.Errorf("%d bytes came of twice %d: %s", len(half), n, half)
		}
	}
	for _, x := range d.traced {
		if x.Status != 0 || x.Err == nil || !strings.Contains(x.Err.Error(), "the connection was cut") {
			t.Errorf("exchange ended with HTTP %d, %v", x.Status, x.Err)
		}
	}
}

// A receipt that got no answer is sent again as it was, after others; the payer whose look got none looks again.
func TestHostile_CutPaymentsArriveInTheEnd(t *testing.T) {
	t.Parallel()
	d := newDay(t, 6, nodesim.Rates{Cut: 40, Odd: 100})
	d.hostile.Reads = 40
	report := d.pay(t, 20)
	if report.Acknowledged != 20 || report.Resends == 0 || report.Failed != 0 {
		t.Errorf("report %s", &report)
	}
	sent := map[string]string{} // by receiptId: attributes and text may be written in any way, attempts may not
	for _, x := range d.traced {
		if !strings.HasPrefix(x.Operation, "paSendRT") {
			continue
		}
		key := ""
		for _, r := range report.Results {
			if slices.Contains(receiptIDs(t, string(x.RequestBody)), r.Receipt.ReceiptID) {
				key = r.Receipt.ReceiptID
			}
		}
		if first, known := sent[key]; known && first != string(x.RequestBody) {
			t.Errorf("the receipt changed between attempts:\n%s\n%s", first, x.RequestBody)
		}
		sent[key] = string(x.RequestBody)
	}
	if len(sent) != 20 || sent[""] != "" {
		t.Errorf("%d receipts were sent, want 20 with known receiptId", len(sent))
	}
}

// receiptIDs is what a receipt in any spelling says of itself.
func receiptIDs(t *testing.T, document string) []string {
	t.Helper()
	var ids []string
	for _, leaf := range meaning(t, document) {
		_, id, found := strings.Cut(leaf, "/receipt/receiptId=")
		if found {
			ids = append(ids, strings.Trim(id, `"`))
		}
	}
	return ids
}

func TestHostile_ReceiptsComeInAnotherOrder(t *testing.T) {
	t.Parallel()
	d := newDay(t, 7, nodesim.Rates{})
	report := d.pay(t, 20)
	var wanted, came []string
	for _, r := range report.Results {
		wanted = append(wanted, r.Receipt.ReceiptID)
	}
	lookBetween := false
	for _, x := range d.traced {
		ids := receiptIDs(t, string(x.RequestBody))
		lookBetween = lookBetween || (len(ids) == 0 && len(came) > 0)
		came = append(came, ids...)
	}
	if slices.Equal(came, wanted) || !lookBetween {
		t.Errorf("receipts came in the order of the payments, or all after them: %v", came)
	}
	slices.Sort(came)
	slices.Sort(wanted)
	if !slices.Equal(came, wanted) {
		t.Errorf("came %v, want %v", came, wanted)
	}
}

func TestHostile_StandInInBothSpellings(t *testing.T) {
	t.Parallel()
	d := newDay(t, 8, nodesim.Rates{StandIn: 100, Odd: 100})
	report := d.pay(t, 20)
	inside, beside := 0, 0
	for _, body := range d.station.whole {
		leaves := strings.Join(meaning(t, body), "\n")
		if strings.Contains(leaves, `/receipt/standIn="true"`) {
			inside++
		}
		if strings.Contains(leaves, `Req/standin="true"`) || strings.Contains(leaves, `Request/standin="true"`) {
			beside++
		}
	}
	if inside == 0 || beside == 0 || inside+beside != 20 || report.StandIns[false] != inside || report.StandIns[true] != beside {
		t.Errorf("%d inside, %d beside; %s", inside, beside, &report)
	}
}

func TestHostile_SeedReplaysTheDay(t *testing.T) {
	t.Parallel()
	play := func(seed uint64) string {
		d := newDay(t, seed, nodesim.DefaultRates())
		d.pay(t, 30)
		var b strings.Builder
		for _, x := range d.traced {
			b.WriteString(x.Operation + " " + x.RequestID + "\n" + string(x.RequestBody) + "\n")
		}
		return b.String()
	}
	first := play(9)
	if play(9) != first {
		t.Error("the same seed gave another day")
	}
	if play(10) == first {
		t.Error("another seed gave the same day")
	}
}

func TestHostile_InsistsOnReceiptsLikeTheNode(t *testing.T) {
	t.Parallel()
	busy, ko := answer{status: http.StatusServiceUnavailable}, answer{body: envelop(receiptV2KO)}
	refused := answer{body: strings.Replace(envelop(receiptV2KO), "PAA_RECEIPT_DUPLICATA", "PAA_SYSTEM_ERROR", 1)}
	cases := []struct {
		name         string
		receipts     []answer
		attempts     int
		acknowledged bool
		failed       bool
	}{
		{"48 attempts and no more", []answer{busy}, 48, false, true},
		{"duplicate after no answer: it had arrived", []answer{busy, ko}, 2, true, false},
		{"duplicate at once: that was another", []answer{ko}, 1, false, false},
		{"KO is final", []answer{refused}, 1, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDay(t, 11, nodesim.Rates{})
			d.station.receipts = c.receipts
			request := nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2}
			report, err := d.hostile.Campaign(t.Context(), []nodesim.PayRequest{request})
			if err != nil {
				t.Fatal(err)
			}
			r := report.Results[0]
			if r.Attempts != c.attempts || r.Acknowledged != c.acknowledged || (r.Err != nil) != c.failed || len(d.sleeps) != c.attempts-1 {
				t.Errorf("%d attempts, acknowledged %v, %v, %d pauses", r.Attempts, r.Acknowledged, r.Err, len(d.sleeps))
			}
			for _, wait := range d.sleeps {
				if wait != time.Second {
					t.Errorf("paused %s", wait)
				}
			}
		})
	}
}

func TestHostile_RefusesWhatItCannotRun(t *testing.T) {
	t.Parallel()
	good := nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2}
	two := good
	two.Recipients = []string{ec, second}
	cases := []struct {
		name    string
		rates   nodesim.Rates
		request nodesim.PayRequest
		want    string
	}{
		{"more than all", nodesim.Rates{Odd: 101}, good, "rate Odd of 101 per cent"},
		{"less than none", nodesim.Rates{StandIn: -1}, good, "rate StandIn of -1 per cent"},
		{"more troubles than calls", nodesim.Rates{Duplicate: 50, Delay: 30, Cut: 30}, good, "rate Duplicate + Delay + Cut of 110"},
		{"no version", nodesim.Rates{}, nodesim.PayRequest{}, "payment 1: cannot use primitive version 0"},
		{"two recipients", nodesim.Rates{}, two, "tells one recipient"},
	}
	for _, c := range cases {
		d := newDay(t, 12, c.rates)
		_, err := d.hostile.Campaign(t.Context(), []nodesim.PayRequest{c.request})
		if err == nil || !strings.Contains(err.Error(), c.want) || len(d.station.whole) != 0 {
			t.Errorf("%s: error %v after %d calls", c.name, err, len(d.station.whole))
		}
	}
}

func TestHostile_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	d := newDay(t, 13, nodesim.Rates{})
	d.station.receipts = []answer{{status: http.StatusServiceUnavailable}}
	ctx, cancel := context.WithCancel(t.Context())
	d.hostile.Sleep = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	requests := slices.Repeat([]nodesim.PayRequest{{EC: ec, NoticeNumber: nav, Version: nodesim.V2}}, 5)
	report, err := d.hostile.Campaign(ctx, requests)
	if !errors.Is(err, context.Canceled) || report.Failed != 5 || report.Acknowledged != 0 {
		t.Errorf("%v; %s", err, &report)
	}
}
