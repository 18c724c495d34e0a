package feed

import (
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Put is Append for who has more to come at once: nobody gets it before Settle, Match, or somebody's Append.
func (f *Feed) Put(server string, class ami.Class, m ami.Message) {
	f.append(Event{Server: server, Class: class, Message: m})
}

// Settle has everybody get what was Put. A sweeper that has nothing to do is woken and matches it itself, one that rests
// for a moment only does so when it goes on, and the matcher is spared: to wake a goroutine for an event costs several times
// what it costs to match it. Any goroutine may call it.
func (f *Feed) Settle() {
	if f.appended.Load() == f.matched.Load() {
		return
	}
	for _, w := range f.sweepers {
		if w.rests.Load() {
			return
		}
		if w.asleep.CompareAndSwap(true, false) {
			notify(w.wake)
			return
		}
	}
	notify(f.wake)
}

// Match is Settle where something waits for its place behind what was Put: no sweeper's rest is waited for.
func (f *Feed) Match() {
	if f.appended.Load() != f.matched.Load() {
		notify(f.wake)
	}
}

// few is how many events a sweeper matches itself.
const few = 256

// matchFew matches what was appended, if that is little and nobody does already; else the matcher does.
func (f *Feed) matchFew() {
	switch n := f.appended.Load() - f.matched.Load(); {
	case n == 0:
	case n > few || !f.matching.TryLock():
		notify(f.wake)
	default:
		f.matchAll(f.takePending())
		f.matching.Unlock()
	}
}

// matchPending advances all views to the end of the log.
func (f *Feed) matchPending() {
	f.matching.Lock()
	defer f.matching.Unlock()
	for {
		batch := f.takePending()
		if len(batch) == 0 {
			return
		}
		f.matchAll(batch)
	}
}

// matchAll matches in stretches, so that nobody who wants mu waits long.
func (f *Feed) matchAll(batch []Event) {
	for len(batch) > 0 {
		n, dropped := nextStretch(batch)
		f.matchBatch(batch[:n])
		if f.observer != nil {
			f.observer(batch[:n], dropped)
		}
		if batch = batch[n:]; dropped > 0 {
			f.announce(&batch[0])
			batch = batch[1:]
		}
		for _, s := range f.sweepers {
			s.eventsPublished()
		}
		f.relieve() // under a load that does not end, too
	}
}

// nextStretch is how many of a batch to match at once, and how many were dropped behind those, of which what follows them
// is the announcement.
func nextStretch(batch []Event) (n int, dropped uint64) {
	for n < min(len(batch), 256) {
		if dropped = batch[n].dropped; dropped > 0 {
			break
		}
		n++
	}
	return n, dropped
}

// takePending swaps the pending events for the memory of the batch before.
func (f *Feed) takePending() (batch []Event) {
	clear(f.spare)
	if cap(f.spare) > 1<<14 {
		f.spare = nil // what a burst needed is not kept for ever
	}
	f.logMu.Lock()
	defer f.logMu.Unlock()
	if f.dropped > 0 {
		f.appendGap()
	}
	batch = f.pending
	f.pending, f.spare = f.spare[:0], batch
	f.pendingBytes = 0
	return batch
}

func (f *Feed) matchBatch(batch []Event) {
	if len(batch) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now, roomFor := time.Now(), f.memory+f.config.Load().Memory/8
	for i := range batch {
		if f.match(&batch[i], now); f.memory > roomFor { // large ones are not waited with to the end of the stretch
			f.makeRoom()
			roomFor = f.memory + f.config.Load().Memory/8
		}
	}
	f.recent.add(batch)
	f.matched.Store(batch[len(batch)-1].Sequence)
	f.makeRoom()
}

// match adds one event to every view that wants it, encoded once a format.
func (f *Feed) match(e *Event, now time.Time) {
	f.label(e)
	if e.hidden {
		return
	}
	f.forgetEncoded()
	f.index.find(e, func(v *view) {
		switch {
		case len(e.Earlier) > 0 && len(v.selection.Tags) > 0:
			together := v.selection.append(nil, e, func() []byte { return f.encode(v.selection.Format, e) })
			if len(together) > 0 { // one entry: who misses it, or is cut off before it, misses all of it
				f.memory += v.add(e.Sequence, together, now)
			}
		case v.selection.Match(e):
			f.memory += v.add(e.Sequence, f.encode(v.selection.Format, e), now)
		}
	})
}

// forgetEncoded is called before another event. A rare large one must not cost its memory for ever, and once a format.
func (f *Feed) forgetEncoded() {
	for i := range f.encoded {
		c := &f.encoded[i]
		if c.done = false; cap(c.bytes) > largeChunk {
			c.bytes = nil
		}
	}
}

func (f *Feed) encode(format Format, e *Event) []byte {
	for i := range f.encoded {
		c := &f.encoded[i]
		if c.format != format {
			continue
		}
		if !c.done {
			c.bytes, c.done = format.Append(c.bytes[:0], e), true
		}
		return c.bytes
	}
	f.encoded = append(f.encoded, encoding{format: format, bytes: format.Append(nil, e), done: true})
	return f.encoded[len(f.encoded)-1].bytes
}

// announce tells every view, and who comes back, that events never reached it. Which it would have wanted
// nobody knows any more.
func (f *Feed) announce(gap *Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.list {
		f.memory += v.addGap(gap, v.selection.Format.AppendGap(nil, gap.Message), time.Now())
	}
	f.recent.add([]Event{*gap})
	f.matched.Store(gap.Sequence)
}
