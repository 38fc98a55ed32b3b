package api_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/notice"
	"nodobridge/soap"
)

// realPrinter draws what citizens get.
func realPrinter(b *testing.B) *notice.Printer {
	b.Helper()
	p, err := notice.New(notice.Config{AllowMissingBrand: true, Producer: "nodobridge"})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func printStation(b *testing.B) *station {
	b.Helper()
	s := newStationWith(b, api.Config{Printer: realPrinter(b), TempDir: b.TempDir()})
	s.service.SetRegistry(printingRegistry(b))
	return s
}

func thousand() string {
	list := make([]string, bridge.MaxFolder)
	for i := range list {
		list[i] = printItem(int64(i))
	}
	return printItems(list...)
}

// BenchmarkFolder has 1000 notices taken, printed and fetched as a zip (notices.md §9
// row 15: 15 s, 200 MB).
func BenchmarkFolder(b *testing.B) {
	body := thousand()
	var accepting, printing, fetching, work time.Duration
	for n := range b.N {
		b.StopTimer()
		s := printStation(b)
		forgetPeak(b)
		b.StartTimer()
		began, before := time.Now(), testkit.Worked(b)
		id := s.folder(fmt.Sprint(n), body)
		accepted := time.Now()
		s.printed(id)
		printed := time.Now()
		got := s.do(get(s.link(printBase + "/folder/" + id + "/url")))
		if got.status != http.StatusOK || strings.Count(got.body, "%PDF-1.7") != bridge.MaxFolder {
			b.Fatalf("%d, %d bytes", got.status, len(got.body))
		}
		accepting, printing, fetching = accepting+accepted.Sub(began), printing+printed.Sub(accepted), fetching+time.Since(printed)
		work += testkit.Worked(b) - before
	}
	each := func(d time.Duration) float64 { return d.Seconds() / float64(b.N) }
	b.ReportMetric(each(accepting), "s-to-accept")
	b.ReportMetric(each(printing), "s-to-print")
	b.ReportMetric(each(fetching), "s-to-fetch")
	b.ReportMetric(each(work), "CPU-s") // what a busy machine does not stretch
	b.ReportMetric(float64(peak(b))/(1<<20), "MB-peak")
}

// BenchmarkVerifyWhilePrinting asks the station for a notice 50 times a second, in turns of
// half a second while it prints a folder and while it does not, and compares percentiles
// (notices.md §9 row 15: at most 1.2).
func BenchmarkVerifyWhilePrinting(b *testing.B) {
	s := printStation(b)
	s.created(ours+"?toPublish=true", minimal)
	node := soap.NewServer(soap.Config{Service: s.service, Path: "/node", Log: slog.New(slog.DiscardHandler)}).HTTP()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = node.Serve(listener) }() // ends with the test
	b.Cleanup(func() { _ = node.Close() })
	url := "http://" + listener.Addr().String() + "/node"
	body := thousand()
	verifyFor(b, url, 200*time.Millisecond) // connections, caches
	var quiet, busy []time.Duration
	printed := 0
	for n := range b.N {
		id := s.folder(fmt.Sprint(n), body)
		for range 20 { // short turns: what else the machine does is in both
			quiet = append(quiet, verifyFor(b, url, 500*time.Millisecond)...)
			if s.doneOf(id) == bridge.MaxFolder {
				printed += bridge.MaxFolder
				id = s.folder(fmt.Sprintf("%d-%d", n, printed), body)
			}
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan struct{})
			go func() { defer close(done); s.server.WorkPrints(ctx) }()
			busy = append(busy, verifyFor(b, url, 500*time.Millisecond)...)
			cancel()
			<-done
		}
		printed += s.doneOf(id)
		if got := s.do(remove(printBase + "/folder/" + id)); got.status != http.StatusOK {
			b.Fatalf("%d %s", got.status, got.body)
		}
	}
	b.ReportMetric(float64(printed)/float64(b.N)/10, "PDF/s")
	slices.Sort(quiet)
	slices.Sort(busy)
	for _, percent := range []int{50, 95} {
		before, while := quiet[len(quiet)*percent/100].Seconds()*1e6, busy[len(busy)*percent/100].Seconds()*1e6
		b.ReportMetric(before, fmt.Sprintf("µs-p%d-quiet", percent))
		b.ReportMetric(while, fmt.Sprintf("µs-p%d-printing", percent))
		b.ReportMetric(while/before, fmt.Sprintf("times-p%d", percent))
	}
}

// doneOf counts what is printed of a folder.
func (s *station) doneOf(id string) int {
	s.t.Helper()
	f, err := s.service.Folder(context.Background(), bridge.Principal{ECs: []bridge.ECCode{ourEC}}, id)
	if err != nil {
		s.t.Fatal(err)
	}
	done := 0
	for i := range f.Items {
		if f.Items[i].State == bridge.PrintDone {
			done++
		}
	}
	return done
}

const verifyCall = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body><pafn:paVerifyPaymentNoticeReq>` +
	`<idPA>77777777777</idPA><idBrokerPA>` + testkit.Broker + `</idBrokerPA><idStation>` + testkit.Station + `</idStation><qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>347000000000000012</noticeNumber></qrCode>` +
	`</pafn:paVerifyPaymentNoticeReq></soapenv:Body></soapenv:Envelope>`

// verifyFor plays the node at a steady pace and gives how long each answer took. It is
// sent from this process, whose own waking up late is not the station's.
func verifyFor(b *testing.B, url string, length time.Duration) []time.Duration {
	b.Helper()
	const pace = 20 * time.Millisecond
	var list []time.Duration
	for due, end := time.Now(), time.Now().Add(length); due.Before(end); due = due.Add(pace) {
		time.Sleep(time.Until(due)) // the pace of a load, not a wait for something
		sent := time.Now()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(verifyCall))
		if err != nil {
			b.Fatal(err)
		}
		req.Header = http.Header{"Content-Type": {"text/xml"}, "SOAPAction": {`"paVerifyPaymentNotice"`}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil || !strings.Contains(string(answer), "<outcome>OK</outcome>") {
			b.Fatalf("%d %s %v", res.StatusCode, answer, err)
		}
		if err := res.Body.Close(); err != nil {
			b.Fatal(err)
		}
		list = append(list, time.Since(sent))
	}
	return list
}
