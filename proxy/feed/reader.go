package feed

import (
	"context"
	"slices"
)

// Reader is a client that has no connection to be written to: it asks, now and then, for what its
// selection has had since. It costs what a stream costs that is behind, and what it leaves unread too
// long is lost to it as to a slow client. One goroutine at a time may use it.
type Reader struct {
	feed   *Feed
	format Format
	cursor cursor
	kept   []byte // of earlier selections, not read yet
}

// maxKept is how many bytes of an earlier selection a Reader keeps.
const maxKept = 1 << 20

// NewReader makes a Reader that begins behind all events that are matched: one that was appended a moment
// ago may still come. Close it.
func (f *Feed) NewReader(s *Selection) *Reader {
	r := &Reader{feed: f, cursor: f.attach(s)}
	if s != nil {
		r.format = s.Format
	}
	return r
}

// Select changes which events come from here on; nil: none. Those of the old selection that were not
// read yet still are, up to a bound.
func (r *Reader) Select(s *Selection) {
	next := r.feed.attach(s)
	r.kept = r.Read(nil, maxKept)
	r.feed.detach(r.cursor)
	if r.cursor = next; s != nil {
		r.format = s.Format
	}
}

// Read appends whole events to dst, until there are no more or it has at least limit bytes. Where
// events were lost a GapEvent stands for them.
func (r *Reader) Read(dst []byte, limit int) []byte {
	dst, r.kept = append(dst, r.kept...), nil
	for begin := len(dst); len(dst)-begin < limit; {
		bytes, lost := r.cursor.next(noLimit)
		switch {
		case lost:
			if missed := r.feed.skip(&r.cursor); missed > 0 { // else all of what is gone was read
				dst = r.format.AppendGap(dst, GapEvent(missed, GapTooSlow))
			}
			continue
		case len(bytes) == 0:
			return dst
		}
		dst = append(dst, bytes...)
		r.cursor.offset += uint32(len(bytes))
	}
	return slices.Clip(dst)
}

// Wait waits until there is something to read, or ctx ends, and tells which.
func (r *Reader) Wait(ctx context.Context) bool {
	ready, cancel := r.Next()
	defer cancel()
	select {
	case <-ready:
		return true
	case <-ctx.Done():
		return r.ready()
	}
}

// atOnce is what Next gives when there is something already.
var atOnce = func() <-chan uint64 {
	c := make(chan uint64)
	close(c)
	return c
}()

// Next returns a channel that is ready when there is something to read, for who waits for other
// things too; what comes out of it means nothing. It knows of the present selection alone. cancel ends
// the wait.
func (r *Reader) Next() (ready <-chan uint64, cancel func()) {
	switch {
	case r.ready():
		return atOnce, func() {}
	case r.cursor.view == nil:
		return nil, func() {}
	}
	ready, cancel = r.feed.nextEvent(r.cursor.view)
	if r.ready() { // it came before ready was there to hear of it
		cancel()
		return atOnce, func() {}
	}
	return ready, cancel
}

func (r *Reader) ready() bool { return len(r.kept) > 0 || r.cursor.ready() }

// Close lets go of what the Reader has not read.
func (r *Reader) Close() {
	r.feed.detach(r.cursor)
	r.cursor, r.kept = cursor{}, nil
}
