package feed

import (
	"sort"
	"sync/atomic"

	"github.com/astproxy/astproxy/internal/socket"
)

const (
	smallChunk = 4 << 10  // a view's first, so that a thousand quiet views cost little
	largeChunk = 64 << 10 // of a busy view: also the size of one write
	// bytesPerMark is how small events must be on average for the marks to run out before the
	// bytes do. The recorded ones have 343 bytes.
	bytesPerMark = 128
)

// chunk is a stretch of a view's encoded bytes.
//
// The matcher fills it and publishes by count; bytes and marks below count never change again, so
// cursors read them without a lock. Its successor is set once, and replaced by evicted when the
// chunk falls out of the window: a cursor that is still in it then pins this chunk alone.
type chunk struct {
	bytes []byte
	marks []mark
	count atomic.Uint32 // marks published
	next  atomic.Pointer[chunk]
	// cursors is how many cursors are in this chunk. One enters the next before it leaves this.
	cursors atomic.Int32
	first   uint64 // how many events the view had before this chunk
	// standsFor is how many events its last mark is of, where that is the announcement of a loss; 0: one. Nothing is
	// added behind it.
	standsFor atomic.Uint64

	// Of a full one that several are sent.
	sent   atomic.Uint32                 // how often much of it was written
	extent atomic.Pointer[socket.Extent] // a copy in the kernel's memory; nil: there is none
}

// mark is the end of one event in a chunk.
type mark struct {
	sequence uint64
	end      uint32
}

// evicted is what follows a chunk whose successor is no longer kept for those behind.
var evicted = &chunk{}

func newChunk(size int, first uint64) *chunk {
	return &chunk{bytes: make([]byte, size), marks: make([]mark, max(1, size/bytesPerMark)), first: first}
}

// cost is the memory a chunk holds, in bytes.
func (c *chunk) cost() int64 { return int64(len(c.bytes)) + int64(len(c.marks))*16 }

// add appends and publishes an event; false when there is no room. Matcher only.
func (c *chunk) add(sequence uint64, encoded []byte) bool {
	n := c.count.Load()
	var begin uint32
	if n > 0 {
		begin = c.marks[n-1].end
	}
	if int(n) == len(c.marks) || len(c.bytes)-int(begin) < len(encoded) || c.standsFor.Load() > 0 {
		return false
	}
	copy(c.bytes[begin:], encoded)
	c.marks[n] = mark{sequence: sequence, end: begin + uint32(len(encoded))}
	c.count.Store(n + 1)
	return true
}

// closeBehind has the last mark stand for so many events, and ends the chunk. Matcher only.
func (c *chunk) closeBehind(events uint64) { c.standsFor.Store(events) }

// published is how many bytes may be read.
func (c *chunk) published() uint32 {
	if n := c.count.Load(); n > 0 {
		return c.marks[n-1].end
	}
	return 0
}

// lastSequence is that of the last event published in it, 0 if it has none.
func (c *chunk) lastSequence() uint64 {
	if n := c.count.Load(); n > 0 {
		return c.marks[n-1].sequence
	}
	return 0
}

// through is the offset behind the last event up to sequence.
func (c *chunk) through(sequence uint64) uint32 {
	n := int(c.count.Load())
	i := sort.Search(n, func(i int) bool { return c.marks[i].sequence > sequence })
	if i == 0 {
		return 0
	}
	return c.marks[i-1].end
}

// boundary is the first end of an event at or behind offset, and how many events of the view are
// before it.
func (c *chunk) boundary(offset uint32) (end uint32, events uint64) {
	if offset == 0 {
		return 0, c.first
	}
	n := int(c.count.Load())
	i := sort.Search(n, func(i int) bool { return c.marks[i].end >= offset })
	events = c.first + uint64(i) + 1
	if stands := c.standsFor.Load(); stands > 0 && i == n-1 {
		events += stands - 1
	}
	return c.marks[i].end, events
}

const (
	// sendLeast is how much of a chunk is sent by its extent: less is copied faster.
	sendLeast = 16 << 10
	// sendFrom is the write of a chunk before which it gets an extent: a copy more does not pay for one client.
	sendFrom = 2
	// sendMemory is how much all extents may take, beside Config.Memory.
	sendMemory = 16 << 20
)

// shared is the chunk's extent, made if that pays; nil: there is none. Whoever writes from the chunk calls it.
func (c *chunk) shared(pages *socket.Pages) *socket.Extent {
	if e := c.extent.Load(); e != nil {
		return e
	}
	if c.next.Load() == nil || c.sent.Add(1) != sendFrom { // nothing comes to a full one any more
		return nil
	}
	e := pages.Copy(c.bytes[:c.published()])
	c.extent.Store(e)
	return e
}
