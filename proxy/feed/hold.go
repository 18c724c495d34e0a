package feed

import "sync/atomic"

// Hold stops a stream's events at one place until the next one comes: what WaitEvent needs.
type Hold struct {
	// Event gets the sequence of the next event the stream's view has; nil when it has no view.
	Event <-chan uint64

	stream *Stream
	item   *item
	view   *view  // whose next event it is
	cancel func() // of Event
}

// Hold stops the stream after everything so far. The caller must call Release.
func (s *Stream) Hold() *Hold {
	h := s.PrepareHold()
	for !h.Begin() {
		h = s.PrepareHold()
	}
	return h
}

// PrepareHold is a Hold that has not begun, of which everything is done that may have to wait for the matcher.
// Begin or Drop it soon: what comes from here on ends it.
func (s *Stream) PrepareHold() *Hold {
	it := &item{alone: true, closed: new(atomic.Bool)}
	it.closed.Store(true)
	s.mu.Lock()
	h := &Hold{stream: s, item: it, view: s.latest, cancel: func() {}}
	s.mu.Unlock()
	if h.view != nil {
		h.Event, h.cancel = s.feed.nextEvent(h.view)
	}
	return h
}

// Begin stops the stream after everything so far. The caller must call Release then. false: the selection has changed
// meanwhile, and the Hold is dropped.
func (h *Hold) Begin() bool {
	s := h.stream
	s.mu.Lock()
	if s.latest != h.view {
		s.mu.Unlock()
		h.Drop()
		return false
	}
	defer s.mu.Unlock()
	if s.refuses() {
		return true
	}
	h.item.after = s.feed.Sequence()
	s.items = append(s.items, h.item)
	return true
}

// Drop ends a Hold that has not begun.
func (h *Hold) Drop() { h.cancel() }

// Release writes before, lets the events up to the one that Event told go (sequence zero: none), and
// writes after.
func (h *Hold) Release(sequence uint64, before, after []byte) {
	s := h.stream
	h.cancel()
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	h.item.bytes = before
	s.addWaiting(len(before))
	// In front of what was queued meanwhile: that belongs behind the end of the wait.
	end := &item{after: max(sequence, h.item.after), bytes: after, alone: true}
	s.addWaiting(len(after))
	at := 0
	for i, it := range s.items {
		if it == h.item {
			at = i + 1
		}
	}
	s.items = append(s.items[:at:at], append([]*item{end}, s.items[at:]...)...)
	s.mu.Unlock()
	h.item.closed.Store(false)
	s.Wake()
}

// nextEvent returns a channel that gets the sequence of the next event of v, and what ends the wait
// for it. Events that are in the log already but not matched count too: they were not written yet.
func (f *Feed) nextEvent(v *view) (next <-chan uint64, cancel func()) {
	c := make(chan uint64, 1)
	f.mu.Lock()
	v.waiters[c] = struct{}{}
	f.mu.Unlock()
	return c, func() {
		f.mu.Lock()
		delete(v.waiters, c)
		f.mu.Unlock()
	}
}
