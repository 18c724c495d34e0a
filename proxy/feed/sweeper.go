package feed

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// sweeper writes a share of all streams.
//
// Events do not wake a goroutine a client, which would cost more than the write when events are
// few and clients many: the sweeper walks its streams and writes to those that have something.
// Walks are at least Config.Flush apart, and further when a walk takes long, so that writing
// events takes a bounded share of a processor until there is so much to write that batches are large
// anyway. A private message does not wait for the walk.
type sweeper struct {
	feed *Feed
	wake chan struct{}

	// asleep says that the sweeper waits for wake and not for a time: then events must wake it.
	asleep atomic.Bool
	// urgent says that a private message waits for the matcher: then it must not sleep on.
	urgent atomic.Bool

	// guarded by mu
	mu      sync.Mutex
	added   []*Stream
	ready   []*Stream
	stopped bool

	// owned by run
	streams []*Stream
	spare   []*Stream // memory of the ready list before
	swept   uint64    // everything up to here was offered to all
	resting time.Time // no sweep before
	blocked []*Stream // whose private message belongs behind an event that is not matched
	tried   uint64    // what was matched when they were last visited
	drains  sync.WaitGroup
}

// After a sweep a sweeper rests restFor times as long as it took, so that sweeping many clients for
// few events takes a fifth of a processor, but never longer than longestRest.
const (
	restFor     = 4
	longestRest = 40 * time.Millisecond
)

func newSweeper(f *Feed) *sweeper { return &sweeper{feed: f, wake: make(chan struct{}, 1)} }

// add takes a new stream over, unless the sweeper has stopped. Any goroutine.
func (w *sweeper) add(s *Stream) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	w.added = append(w.added, s)
	return true
}

// push has a stream looked at soon. Any goroutine; must be called once until it was looked at.
func (w *sweeper) push(s *Stream) {
	w.mu.Lock()
	w.ready = append(w.ready, s)
	w.mu.Unlock()
	notify(w.wake)
}

// eventsPublished tells the sweeper that views have grown.
func (w *sweeper) eventsPublished() {
	if w.asleep.CompareAndSwap(true, false) || w.urgent.Load() {
		notify(w.wake)
	}
}

func (w *sweeper) run(ctx context.Context) {
	defer w.stop()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		w.flushReady()
		w.flushBlocked()
		wait := w.sweepIfDue()
		if w.stillBlocked() {
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			timer.Reset(wait)
			due = timer.C
		} else {
			w.asleep.Store(true)
			if w.swept < w.feed.matched.Load() { // came between the look and the word
				w.asleep.Store(false)
				continue
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-due:
		}
		w.asleep.Store(false)
	}
}

// flushReady writes the streams that have private messages, or more than they could write in a
// turn. Those with still more come again after all others.
func (w *sweeper) flushReady() {
	w.mu.Lock()
	ready, added := w.ready, w.added
	w.ready, w.added = w.spare[:0], nil
	w.mu.Unlock()
	for _, s := range added {
		s.index = len(w.streams)
		w.streams = append(w.streams, s)
	}
	for _, s := range ready {
		s.queued.Store(false) // before the look: what comes from now on pushes again
		w.visit(s)
	}
	clear(ready)
	w.spare = ready
}

// visit writes one stream, unless somebody else does.
func (w *sweeper) visit(s *Stream) {
	if s.index >= 0 && s.take() {
		w.write(s)
	}
}

// write writes a stream that was taken, and gives it back, or removes it.
func (w *sweeper) write(s *Stream) {
	if !s.closing.Load() {
		switch s.flush() {
		case handedOver:
			return
		case unfinished:
			s.Wake()
		}
	}
	if s.closing.Load() {
		w.remove(s)
		return
	}
	if s.current != nil && s.current.after > w.tried && !s.blocked {
		s.blocked = true
		w.blocked = append(w.blocked, s)
	}
	s.give()
}

// startDrain hands a taken stream to a goroutine of its own, unless the sweeper has stopped. Whoever
// owns the stream calls it.
func (w *sweeper) startDrain(s *Stream) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	w.drains.Go(s.drain)
	return true
}

// flushBlocked visits the streams whose private message may have got its place.
func (w *sweeper) flushBlocked() {
	if len(w.blocked) == 0 {
		return
	}
	w.tried = w.feed.matched.Load()
	blocked := w.blocked
	w.blocked = nil
	for _, s := range blocked {
		s.blocked = false
		w.visit(s)
	}
}

// stillBlocked has the matcher wake the sweeper if a private message waits for it, and tells
// whether that has happened already.
func (w *sweeper) stillBlocked() bool {
	w.urgent.Store(len(w.blocked) > 0)
	return len(w.blocked) > 0 && w.feed.matched.Load() != w.tried
}

// sweepIfDue offers new events to every stream, and returns how long to wait until that may be
// done again, or zero when there is nothing to do.
func (w *sweeper) sweepIfDue() time.Duration {
	matched := w.feed.matched.Load()
	if matched == w.swept {
		return 0
	}
	start := now()
	if wait := w.resting.Sub(start); wait > 0 {
		return wait
	}
	w.swept = matched
	for i := len(w.streams) - 1; i >= 0; i-- { // from the end: visit may remove
		s := w.streams[i]
		if !s.take() {
			continue // whoever writes it looks again
		}
		if s.cursor.ready() || s.current != nil {
			w.write(s)
		} else {
			s.give()
		}
	}
	end := now()
	w.resting = end
	if w.feed.config.Flush > 0 {
		w.resting = end.Add(max(w.feed.config.Flush, min(restFor*end.Sub(start), longestRest)))
	}
	return 0
}

// remove closes a stream, which stays taken for ever after.
func (w *sweeper) remove(s *Stream) {
	last := len(w.streams) - 1
	w.streams[s.index] = w.streams[last]
	w.streams[s.index].index = s.index
	w.streams[last] = nil
	w.streams = w.streams[:last]
	s.index = -1
	s.release()
}

// stop closes all streams and waits for those that a goroutine of their own writes.
func (w *sweeper) stop() {
	w.mu.Lock()
	w.stopped = true
	w.mu.Unlock()
	w.flushReady()
	for _, s := range w.streams {
		s.end(ErrStopped)
		s.conn.Close()
	}
	w.drains.Wait()
	for len(w.streams) > 0 {
		s := w.streams[len(w.streams)-1]
		for !s.take() {
			runtime.Gosched() // a Flush is under way, which never waits
		}
		w.remove(s)
	}
}
