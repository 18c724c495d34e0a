package load

import (
	"math"
	"math/bits"
)

// subBits sets the histogram's resolution: 128 buckets to a doubling, so a value is known to
// better than 0.8 %.
const subBits = 7

// A histogram counts nanoseconds in log-linear buckets: exact below 128 ns, then 128 equal
// buckets to each doubling. The zero value is empty and ready. One goroutine adds; merge is for
// after it has stopped.
type histogram struct {
	buckets [(64 - subBits) << subBits]uint64
	count   uint64
	max     int64
}

// add counts a value. Negative values, which only a clock's rounding makes, count as 0.
func (h *histogram) add(v int64) {
	v = max(v, 0)
	h.buckets[bucket(uint64(v))]++
	h.count++
	h.max = max(h.max, v)
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	h.count += o.count
	h.max = max(h.max, o.max)
}

// quantile returns the upper end of the bucket that holds the q-th part of all values, 0 < q <= 1,
// never more than the largest value; 0 when empty.
func (h *histogram) quantile(q float64) int64 {
	rank := uint64(math.Ceil(q * float64(h.count)))
	var seen uint64
	for i, n := range h.buckets {
		seen += n
		if n > 0 && seen >= rank {
			return min(bucketTop(i), h.max)
		}
	}
	return h.max
}

func bucket(v uint64) int {
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

func bucketTop(i int) int64 {
	shift := max(i>>subBits-1, 0)
	low := uint64(i-shift<<subBits) << shift
	return int64(low + 1<<shift - 1)
}
