package notice_test

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// worked is the processors' time that this process has had.
func worked(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkNotice is notices.md §9 row 15: 150 one-page files a second on one core (-cpu 1).
func BenchmarkNotice(b *testing.B) {
	for _, name := range []string{"single", "single-slip"} {
		b.Run(name, func(b *testing.B) {
			p := printer(b)
			n := samples[slices.IndexFunc(samples, func(s sample) bool { return s.name == name })].notice()
			b.ReportAllocs()
			before := worked(b)
			for b.Loop() {
				if _, err := p.Notice(n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "PDF/s")
			b.ReportMetric(float64(b.N)/(worked(b)-before).Seconds(), "PDF/CPU-s") // what a busy machine does not stretch
		})
	}
}
