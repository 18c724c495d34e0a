package feed

import (
	"sync/atomic"
	"time"
)

// view is the encoded events of one Selection, a list of chunks from head to tail.
//
// All fields are guarded by Feed.mu, which the matcher holds for a batch; the chunks themselves
// are read without it.
type view struct {
	selection  Selection
	head, tail *chunk
	cursors    int                      // streams that read it
	grownAt    time.Time                // when the tail was added
	waiters    map[chan uint64]struct{} // get the next event's sequence; each has room for it
	looked     uint64                   // the index's count when it was last found

	events atomic.Uint64 // how many it ever had; for anybody
}

func newView(s Selection, now time.Time) *view {
	first := newChunk(smallChunk, 0)
	return &view{selection: s, head: first, tail: first, grownAt: now, waiters: map[chan uint64]struct{}{}}
}

// addGap appends the encoded announcement of events that were dropped, which counts for all of them: who misses it, too, is
// told of as many. Like add it returns by how many bytes the view's memory has changed.
func (v *view) addGap(gap *Event, encoded []byte, now time.Time) (grown int64) {
	grown = v.add(gap.Sequence, encoded, now)
	v.tail.closeBehind(gap.dropped)
	v.events.Add(gap.dropped - 1)
	return grown
}

// add appends an encoded event and returns by how many bytes the view's memory has changed.
func (v *view) add(sequence uint64, encoded []byte, now time.Time) (grown int64) {
	if !v.tail.add(sequence, encoded) {
		next := newChunk(v.nextSize(len(encoded), now), v.events.Load())
		next.add(sequence, encoded)
		v.tail.next.Store(next)
		v.tail = next
		v.grownAt = now
		grown = next.cost() - v.release()
	}
	v.events.Add(1)
	if len(v.waiters) > 0 {
		for w := range v.waiters {
			w <- sequence
		}
		clear(v.waiters)
	}
	return grown
}

// nextSize lets a view that filled its tail within a second have a larger chunk, and a slower one
// begin small again.
func (v *view) nextSize(event int, now time.Time) int {
	size := smallChunk
	if now.Sub(v.grownAt) < time.Second {
		size = min(4*len(v.tail.bytes), largeChunk)
	}
	return max(size, event)
}

// release lets go of the chunks that all cursors have left, and returns their cost.
func (v *view) release() (released int64) {
	for v.head != v.tail && v.head.cursors.Load() == 0 {
		released += v.head.cost()
		v.head = v.head.next.Load()
	}
	return released
}

// evict cuts off the oldest chunk from those who are still in it, and returns its cost.
func (v *view) evict() int64 {
	old := v.head
	v.head = old.next.Load()
	old.next.Store(evicted)
	return old.cost()
}

// cost is the memory of all its chunks.
func (v *view) cost() (sum int64) {
	for c := v.head; ; c = c.next.Load() {
		sum += c.cost()
		if c == v.tail {
			return sum
		}
	}
}

// oldest is the sequence of the oldest event that could be evicted; ok is false when there is
// only the tail, which stays.
func (v *view) oldest() (sequence uint64, ok bool) {
	if v.head == v.tail {
		return 0, false
	}
	return v.head.marks[0].sequence, true
}
