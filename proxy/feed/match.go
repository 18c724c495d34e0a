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
		batch, dropped := f.takePending()
		f.matchAll(batch, dropped)
		f.matching.Unlock()
	}
}

// matchPending advances all views to the end of the log.
func (f *Feed) matchPending() {
	f.matching.Lock()
	defer f.matching.Unlock()
	for {
		batch, dropped := f.takePending()
		if len(batch) == 0 && dropped == 0 {
			return
		}
		f.matchAll(batch, dropped)
	}
}

// matchAll matches in stretches, so that nobody who wants mu waits long.
func (f *Feed) matchAll(batch []Event, dropped uint64) {
	for len(batch) > 0 || dropped > 0 {
		n := min(len(batch), 256)
		f.matchBatch(batch[:n])
		if f.observer != nil {
			f.observer(batch[:n], droppedBehind(len(batch) == n, dropped))
		}
		batch = batch[n:]
		if len(batch) == 0 && dropped > 0 {
			f.announceDropped(dropped)
			dropped = 0
		}
		for _, s := range f.sweepers {
			s.eventsPublished()
		}
	}
}

// takePending swaps the pending events for the memory of the batch before.
func (f *Feed) takePending() (batch []Event, dropped uint64) {
	clear(f.spare)
	if cap(f.spare) > 1<<14 {
		f.spare = nil // what a burst needed is not kept for ever
	}
	f.logMu.Lock()
	defer f.logMu.Unlock()
	batch, dropped = f.pending, f.dropped
	f.pending, f.spare = f.spare[:0], batch
	f.pendingBytes, f.dropped = 0, 0
	return batch, dropped
}

func (f *Feed) matchBatch(batch []Event) {
	if len(batch) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	for i := range batch {
		f.match(&batch[i], now)
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
	for i := range f.encoded {
		f.encoded[i].done = false
	}
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

// announceDropped tells every view that events never reached it. Which it would have wanted
// nobody knows any more.
func (f *Feed) announceDropped(dropped uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.list {
		f.memory += v.add(f.matched.Load(), v.selection.Format.AppendGap(nil, GapEvent(dropped, GapOverload)), time.Now())
	}
}
