package load

import (
	"math"
	"testing"
	"time"
)

func TestHistogram_KnowsEveryDurationToAHundredth(t *testing.T) {
	t.Parallel()
	values := []uint64{0, 1, 127, 128, 255, 256, 257, 511, 512, 1000, 123_456, 1_000_000, 999_999_999, 1 << 40, math.MaxInt64}
	for _, v := range values {
		b := bucketOf(v)
		if b < 0 || b >= buckets {
			t.Fatalf("%d falls into bucket %d of %d", v, b, buckets)
		}
		upper := upperOf(b)
		if upper < v || float64(upper-v) > 0.008*float64(v) {
			t.Errorf("%d is taken for up to %d", v, upper)
		}
		if bucketOf(upper) != b || upper < math.MaxInt64 && bucketOf(upper+1) != b+1 {
			t.Errorf("bucket %d does not end at %d", b, upper)
		}
	}
}

func TestHistogram_Quantiles(t *testing.T) {
	t.Parallel()
	var a, b Histogram
	for i := 1; i <= 1000; i++ {
		h := &a
		if i%2 == 0 {
			h = &b
		}
		h.Add(time.Duration(i) * time.Millisecond)
	}
	a.Merge(&b)
	if a.Count() != 1000 || a.Max() != time.Second || a.Mean() != 500500*time.Microsecond {
		t.Errorf("count %d, max %v, mean %v", a.Count(), a.Max(), a.Mean())
	}
	for q, want := range map[float64]time.Duration{0: time.Millisecond, 0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 0.999: 999 * time.Millisecond, 1: time.Second} {
		if got := a.Quantile(q); got < want || float64(got-want) > 0.008*float64(want) {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if new(Histogram).Quantile(0.5) != 0 || new(Histogram).Mean() != 0 {
		t.Error("an empty histogram has a duration")
	}
}
