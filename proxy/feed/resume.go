package feed

// stretch is how many events are looked at together while somebody catches up: the matcher waits
// for them.
const stretch = 256

// resumeUnread is how many bytes may wait for a client that catches up before it is given more.
const resumeUnread = 1 << 20

// Resume is SetSelection for a client that comes back: behind reply come the events that selection
// has had since the one with that sequence, and then those to come. If not all of them are kept any
// more, a gap is announced first. The stream must not have had a selection yet.
//
// It returns when the client has caught up, or has gone: a client that reads slowly makes its caller
// wait, and nobody else. The caller is the one who reads the client.
func (s *Stream) Resume(selection *Selection, since uint64, reply []byte) {
	s.Send(func(dst []byte) []byte { return append(dst, reply...) })
	if selection == nil {
		return
	}
	for caughtUp := false; !caughtUp; {
		since, caughtUp = s.catchUp(selection, since)
		s.Wake()
		for room := s.Room(resumeUnread); room != nil; room = s.Room(resumeUnread) {
			select {
			case <-room:
			case <-s.ended:
				return
			}
		}
	}
}

// catchUp queues the next stretch of events behind since, and returns how far it got. With the last
// one the stream's cursor is attached where that ends.
func (s *Stream) catchUp(selection *Selection, since uint64) (until uint64, caughtUp bool) {
	it, until := s.feed.missedSince(selection, since)
	s.mu.Lock()
	if s.refuses() {
		s.mu.Unlock()
		if it.view != nil {
			s.feed.detach(*it.view)
		}
		return until, true
	}
	if caughtUp = it.view != nil; caughtUp {
		s.latest = it.view.view
		s.changes++
	}
	s.items = append(s.items, it)
	s.addWaiting(len(it.bytes))
	s.mu.Unlock()
	return until, caughtUp
}

// missedSince is the next stretch of events behind since, and how far it gets. The last one has the view that goes on
// behind it.
func (f *Feed) missedSince(selection *Selection, since uint64) (it *item, until uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	events, lost := f.recent.after(since, stretch)
	it, until = &item{after: since, alone: true}, since
	if lost {
		it.bytes = selection.Format.AppendGap(nil, GapEvent(0, GapForgotten))
	}
	for _, e := range events {
		if until = e.Sequence; e.dropped > 0 {
			it.bytes = selection.Format.AppendGap(it.bytes, e.Message)
			continue
		}
		it.bytes = selection.append(it.bytes, e, func() []byte { return selection.Format.Append(nil, e) })
	}
	if len(events) < stretch {
		next := f.attachLocked(selection)
		it.after, it.view = f.matched.Load(), &next
	}
	return it, until
}
