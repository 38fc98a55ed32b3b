package notice_test

import (
	"slices"
	"testing"

	"nodobridge/internal/testkit"
)

// BenchmarkNotice is notices.md §9 row 15: 150 one-page files a second on one core (-cpu 1).
func BenchmarkNotice(b *testing.B) {
	for _, name := range []string{"single", "single-slip"} {
		b.Run(name, func(b *testing.B) {
			p := printer(b)
			n := samples[slices.IndexFunc(samples, func(s sample) bool { return s.name == name })].notice()
			b.ReportAllocs()
			before := testkit.Worked(b)
			for b.Loop() {
				if _, err := p.Notice(n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "PDF/s")
			b.ReportMetric(float64(b.N)/(testkit.Worked(b)-before).Seconds(), "PDF/CPU-s") // what a busy machine does not stretch
		})
	}
}
