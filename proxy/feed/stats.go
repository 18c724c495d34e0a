package feed

// Stats is what a Feed has done and holds, for who watches over it.
type Stats struct {
	Appended   uint64 // events ever
	Matched    uint64 // of those, the ones that every view has
	Dropped    uint64 // events that found no room, ever
	EventBytes int64  // memory of events
	ReplyBytes int64  // memory of private messages that are not written yet
	Streams    int    // open
	Lag        uint64 // events that the stream furthest behind was not sent yet
	TooSlow    uint64 // streams ever closed, or made to skip, because they read too slowly
	Delivered  uint64 // bytes written to streams ever
	Views      []ViewStats
}

// ViewStats is one view: a selection that somebody has.
type ViewStats struct {
	Key     string
	Cursors int    // who reads it
	Events  uint64 // ever
	Bytes   int64  // memory
}

// Stats is the Feed as it is now. Any goroutine.
func (f *Feed) Stats() Stats {
	s := Stats{
		Appended:  f.appended.Load(),
		Matched:   f.matched.Load(),
		Dropped:   f.droppedEver.Load(),
		TooSlow:   f.tooSlow.Load(),
		Delivered: f.delivered.Load(),
		Views:     f.viewStats(),
	}
	s.EventBytes, s.ReplyBytes = f.Memory()
	f.streamsMu.Lock()
	defer f.streamsMu.Unlock()
	s.Streams = len(f.streams)
	for stream := range f.streams {
		s.Lag = max(s.Lag, stream.Lag())
	}
	return s
}

func (f *Feed) viewStats() []ViewStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]ViewStats, 0, len(f.list))
	for _, v := range f.list {
		all = append(all, ViewStats{Key: v.selection.Key, Cursors: v.cursors, Events: v.events.Load(), Bytes: v.cost()})
	}
	return all
}
