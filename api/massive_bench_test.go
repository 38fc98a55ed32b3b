package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// BenchmarkMassive uploads a file of MASSIVE positions (2,000 by default, 100,000 for
// issue-sized figures) and works it off: from the request to the complete report.
func BenchmarkMassive(b *testing.B) {
	positions := 2000
	if n, err := strconv.Atoi(os.Getenv("MASSIVE")); err == nil && n > 0 {
		positions = n
	}
	for range b.N {
		b.StopTimer()
		s := newStationWith(b, api.Config{TempDir: b.TempDir()})
		r := upload(b, "POST", massiveV2, "a.zip", manyZipped(b, positions))
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.server.WorkMassive(ctx) }()
		b.StartTimer()
		got := s.do(r)
		if got.status != 202 {
			b.Fatalf("%d %s", got.status, got.body)
		}
		accepted := b.Elapsed()
		id := strings.Split(got.header.Get("Location"), "/")[6]
		for {
			f, err := s.service.MassiveStatus(ctx, bridge.Principal{ECs: []bridge.ECCode{ourEC}}, testkit.Broker, ourEC, id)
			if err != nil {
				b.Fatal(err)
			}
			if !f.EndedAt.IsZero() {
				if f.Failed > 0 {
					b.Fatalf("%d rows failed", f.Failed)
				}
				break
			}
			time.Sleep(2 * time.Millisecond) // the worker tells nobody but the store
		}
		b.StopTimer()
		cancel()
		<-done
		b.ReportMetric(float64(positions)/b.Elapsed().Seconds()*float64(b.N), "positions/s")
		b.ReportMetric(accepted.Seconds()/float64(b.N), "s-to-accept")
		b.StartTimer()
	}
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
