package load

import (
	"math"
	"math/bits"
	"time"
)

// A histogram is log-linear: exact below 256 ns, and each octave above is cut into 128
// equal parts, so that a value is known to better than 0.8 %.
const (
	partBits = 7
	parts    = 1 << partBits
	buckets  = (64 - partBits) * parts
)

// Histogram counts durations. The zero value is empty. It is not safe for concurrent use.
type Histogram struct {
	counts [buckets]uint32
	count  int64
	sum    time.Duration
	max    time.Duration
}

// bucketOf is the bucket of a duration in nanoseconds.
func bucketOf(v uint64) int {
	if v < 2*parts {
		return int(v)
	}
	shift := bits.Len64(v) - partBits - 1
	return shift*parts + int(v>>shift)
}

// upperOf is the largest duration of a bucket.
func upperOf(bucket int) uint64 {
	if bucket < 2*parts {
		return uint64(bucket)
	}
	shift := bucket/parts - 1
	return uint64(bucket-shift*parts+1)<<shift - 1
}

// Add counts one duration; a negative one is taken for none at all.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d))]++
	h.count++
	h.sum += d
	h.max = max(h.max, d)
}

// Merge adds what another has counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.count += o.count
	h.sum += o.sum
	h.max = max(h.max, o.max)
}

// Count is how many durations there are.
func (h *Histogram) Count() int64 { return h.count }

// Max is the longest one, exactly.
func (h *Histogram) Max() time.Duration { return h.max }

// Mean is the arithmetic mean, 0 when there are none.
func (h *Histogram) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return h.sum / time.Duration(h.count)
}

// Quantile gives the duration that the share q (0 to 1) of all does not exceed, too long
// by less than 0.8 %; 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.count == 0 {
		return 0
	}
	rank := max(int64(math.Ceil(q*float64(h.count))), 1)
	var seen int64
	for i, n := range h.counts {
		seen += int64(n)
		if seen >= rank {
			return min(time.Duration(upperOf(i)), h.max)
		}
	}
	return h.max
}
