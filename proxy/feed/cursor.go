package feed

import "slices"

// cursor is a stream's place in a view: the next byte it has to write. It belongs to whoever
// writes the stream at the moment. The zero cursor is in no view and has nothing to write.
type cursor struct {
	view   *view
	chunk  *chunk
	offset uint32
}

// attach gives a cursor at the end of what is matched in the view of s, which it makes if need be.
func (f *Feed) attach(s *Selection) cursor {
	if s == nil {
		return cursor{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.attachLocked(s)
}

// attachLocked is attach with mu held.
func (f *Feed) attachLocked(s *Selection) cursor {
	v := f.views[s.Key]
	if v == nil {
		v = newView(*s, now())
		f.views[s.Key] = v
		f.list = append(f.list, v)
		f.index.add(v)
		f.memory += v.cost()
	}
	v.cursors++
	v.tail.cursors.Add(1)
	return cursor{view: v, chunk: v.tail, offset: v.tail.published()}
}

// detach lets go of the cursor's view; without cursors a view ends.
func (f *Feed) detach(c cursor) {
	if c.view == nil {
		return
	}
	c.chunk.cursors.Add(-1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.view.cursors--; c.view.cursors > 0 {
		return
	}
	f.memory -= c.view.cost()
	delete(f.views, c.view.selection.Key)
	f.index.remove(c.view)
	f.list = slices.DeleteFunc(f.list, func(v *view) bool { return v == c.view })
	f.encoded = nil // a format that nobody uses any more must not stay
}

// next is what the cursor has to write now, at most one chunk's rest, of the events up to limit.
// lost says that what follows is not kept any more.
func (c *cursor) next(limit uint64) (bytes []byte, lost bool) {
	if c.view == nil {
		return nil, false
	}
	for {
		// In this order: a successor is set when this chunk has got its last event.
		following := c.chunk.next.Load()
		end := c.end(limit)
		if c.offset < end {
			return c.chunk.bytes[c.offset:end], false
		}
		switch {
		case following == nil || c.offset < c.chunk.published():
			return nil, false
		case following == evicted:
			return nil, limit > c.chunk.lastSequence()
		}
		c.enter(following)
	}
}

// end is how far this chunk may be written when nothing behind limit may be, but for the rest of
// an event that is half-written.
func (c *cursor) end(limit uint64) uint32 {
	if limit == noLimit {
		return c.chunk.published()
	}
	end := c.chunk.through(limit)
	if end < c.offset {
		end, _ = c.chunk.boundary(c.offset)
	}
	return end
}

// enter goes on to the chunk that was seen to follow, unless this one was cut off from it meanwhile:
// then what follows may be let go already, and whoever kept a place in it would keep all that comes
// after it alive.
func (c *cursor) enter(following *chunk) {
	following.cursors.Add(1) // first in, then out: see chunk.cursors
	if c.chunk.next.Load() != following {
		following.cursors.Add(-1)
		return
	}
	c.chunk.cursors.Add(-1)
	c.chunk, c.offset = following, 0
}

// pass moves the cursor behind all events up to sequence, which the view must be matched to.
func (c *cursor) pass(sequence uint64) {
	for c.view != nil {
		following := c.chunk.next.Load()
		c.offset = max(c.offset, c.chunk.through(sequence))
		if following == nil || following == evicted || c.offset < c.chunk.published() {
			return
		}
		c.enter(following)
	}
}

// ready tells cheaply whether there may be something to write.
func (c *cursor) ready() bool {
	return c.view != nil && (c.offset < c.chunk.published() || c.chunk.next.Load() != nil)
}

// events is how many events of the view are before the cursor, with one that is half-written.
func (c *cursor) events() uint64 {
	_, n := c.chunk.boundary(c.offset)
	return n
}

// written is events without the one that is half-written; zero for a cursor in no view.
func (c *cursor) written() uint64 {
	if c.view == nil {
		return 0
	}
	end, n := c.chunk.boundary(c.offset)
	if end > c.offset {
		n--
	}
	return n
}

// skip moves a cursor whose next chunk was evicted to the oldest that is kept, and says how many
// events it lost.
func (f *Feed) skip(c *cursor) (missed uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := c.events()
	c.view.head.cursors.Add(1)
	c.chunk.cursors.Add(-1)
	c.chunk, c.offset = c.view.head, 0
	return c.chunk.first - before
}
