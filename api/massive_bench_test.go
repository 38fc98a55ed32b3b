package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// BenchmarkMassive uploads a file of MASSIVE positions (2,000 by default, 100,000 for
// issue-sized figures) and works it off, from the request to the complete report, while
// the node asks for a notice 100 times a second. It tells the peak of the process's memory
// and the slowest of a hundred of the node's calls.
func BenchmarkMassive(b *testing.B) {
	positions := 2000
	if n, err := strconv.Atoi(os.Getenv("MASSIVE")); err == nil && n > 0 {
		positions = n
	}
	file := manyZipped(b, positions)
	for range b.N {
		b.StopTimer()
		s := newStationWith(b, api.Config{TempDir: b.TempDir()})
		r := upload(b, "POST", massiveV2, "a.zip", file)
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.server.WorkMassive(ctx) }()
		forgetPeak(b)
		calls := make(chan []time.Duration)
		go s.askMeanwhile(ctx, calls)
		b.StartTimer()
		got := s.do(r)
		if got.status != 202 {
			b.Fatalf("%d %s", got.status, got.body)
		}
		accepted := b.Elapsed()
		s.awaitMassive(b, strings.Split(got.header.Get("Location"), "/")[6])
		b.StopTimer()
		cancel()
		<-done
		b.ReportMetric(float64(positions)/b.Elapsed().Seconds()*float64(b.N), "positions/s")
		b.ReportMetric(accepted.Seconds()/float64(b.N), "s-to-accept")
		b.ReportMetric(float64(peak(b))/(1<<20), "peak-MB")
		asked := <-calls
		slices.Sort(asked)
		b.ReportMetric(asked[len(asked)*99/100].Seconds()*1000, "ms-verify-p99")
		b.StartTimer()
	}
}

// awaitMassive waits until every row of a file has its outcome, and wants none refused.
func (s *station) awaitMassive(b *testing.B, id string) {
	b.Helper()
	for {
		f, err := s.service.MassiveStatus(b.Context(), bridge.Principal{ECs: []bridge.ECCode{ourEC}}, testkit.Broker, ourEC, id)
		if err != nil {
			b.Fatal(err)
		}
		if f.EndedAt.IsZero() {
			time.Sleep(2 * time.Millisecond) // the worker tells nobody but the store
			continue
		}
		if f.Failed > 0 {
			b.Fatalf("%d rows failed", f.Failed)
		}
		return
	}
}

// askMeanwhile asks, as the node would, for a notice that comes with the file, and gives
// how long each answer took.
func (s *station) askMeanwhile(ctx context.Context, calls chan<- []time.Duration) {
	q := bridge.NoticeQuery{
		Addressee:    bridge.Addressee{EC: string(ourEC), Broker: testkit.Broker, Station: testkit.Station},
		QRFiscalCode: string(ourEC), NAV: "347000000000000000",
	}
	var took []time.Duration
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		begun := time.Now()
		if _, err := s.service.VerifyNotice(ctx, q); err != nil && ctx.Err() == nil {
			var refusal *bridge.Error
			if !errors.As(err, &refusal) || refusal.Code == bridge.CodeStoreUnavailable {
				s.t.Errorf("a call of the node's meanwhile: %v", err)
			}
		}
		took = append(took, time.Since(begun))
		select {
		case <-ctx.Done():
			calls <- took
			return
		case <-ticker.C:
		}
	}
}

// forgetPeak lets the kernel count the process's peak of memory anew (proc(5)).
func forgetPeak(b *testing.B) {
	b.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Logf("the peak of memory includes what came before: %v", err)
	}
}

// peak is the most memory that the process has held, in bytes; 0 where proc(5) is not.
func peak(b *testing.B) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest + " 0")[0], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes << 10
}

// manyZipped is a zip of n positions, about 1 KB each.
func manyZipped(b *testing.B, n int) []byte {
	b.Helper()
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	f, err := w.Create("positions.json")
	if err != nil {
		b.Fatal(err)
	}
	filler := strings.Repeat("x", 100)
	template := edited(minimal, "iupd", "IUPD@@", option0+"iuv", "47@@", "streetName", filler, "city", filler, "email", "mario.rossi@example.org",
		transfer0+"remittanceInformation", filler, option0+"description", filler)
	for i := range n {
		separator := ","
		if i == 0 {
			separator = `{"paymentPositions":[`
		}
		if _, err := fmt.Fprint(f, separator, strings.ReplaceAll(template, "@@", fmt.Sprintf("%015d", i))); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := fmt.Fprint(f, "]}"); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return buffer.Bytes()
}
