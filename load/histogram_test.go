package load

import (
	"math"
	"testing"
)

func TestQuantilesAreWithinTheirResolution(t *testing.T) {
	var h histogram
	for v := int64(1); v <= 1_000_000; v++ {
		h.add(v)
	}
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := q * 1_000_000
		if got := float64(h.quantile(q)); got < want || got > want*1.008+1 {
			t.Errorf("quantile %v is %v", q, got)
		}
	}
}

func TestEveryValueHasABucketThatEndsNotBelowIt(t *testing.T) {
	last := -1
	for v := uint64(0); v < math.MaxInt64/3; v += v/300 + 1 {
		i := bucket(v)
		if i < last || i > last+1 {
			t.Fatalf("%d is in bucket %d after %d", v, i, last)
		}
		if top := bucketTop(i); top < int64(v) || bucket(uint64(top)) != i || bucket(uint64(top)+1) != i+1 {
			t.Fatalf("bucket %d of %d ends at %d", i, v, top)
		}
		last = i
	}
	var h histogram
	h.add(math.MaxInt64)
	h.add(-5)
	if h.quantile(1) != math.MaxInt64 || h.quantile(0.5) != 0 {
		t.Errorf("the ends are %d and %d", h.quantile(0.5), h.quantile(1))
	}
}
