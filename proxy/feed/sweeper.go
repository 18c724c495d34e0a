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
// few and clients many: the sweeper walks its streams, in rounds, and writes to those that have
// something. Rounds are at least Config.Flush apart, and further when writing takes long, so that it
// takes a bounded share of a processor until there is so much to write that batches are large
// anyway. While events keep coming the rest is spread over the round, so that the clients and what
// carries to them are not flooded once a round. A private message does not wait for its round.
type sweeper struct {
	feed *Feed
	wake chan struct{}

	// asleep says that the sweeper waits for wake and not for a time: then events must wake it, to match them too.
	asleep atomic.Bool
	// urgent says that a private message waits for the matcher: then it must not sleep on.
	urgent atomic.Bool
	// rests says that the sweeper sleeps for a moment only, and then matches what has come meanwhile.
	rests atomic.Bool

	// guarded by mu
	mu      sync.Mutex
	added   []*Stream
	ready   []*Stream
	stopped bool

	// owned by run
	streams []*Stream
	spare   []*Stream // memory of the ready list before
	round   round
	resting time.Time // no writing of events before
	blocked []*Stream // whose private message belongs behind an event that is not matched
	tried   uint64    // what was matched when they were last visited
	drains  sync.WaitGroup
}

const (
	// restFor is how many times longer than it writes a sweeper rests: writing few events to many
	// clients takes half of a processor.
	restFor = 1
	// longestRound is the most that rests may stretch a round to.
	longestRound = 36 * time.Millisecond
	// shortRest is the longest that events may wait for a sweeper to match them: others than clients get them, too.
	shortRest = 10 * time.Millisecond
	// slice is how long it writes between two rests.
	slice = time.Millisecond
)

// round is a walk along all streams, from the last to the first.
type round struct {
	began  time.Time
	swept  uint64        // what was matched then: everything up to here is offered to all in it
	next   int           // the stream to visit next; below zero: it is over
	paced  bool          // with rests in it, since events keep coming
	left   bool          // streams have more, so that another must follow: see Stream.leaves
	worked time.Duration // without the rests, so far
	before time.Duration // in the one before
	usual  time.Duration // the less of the last two: one may have been disturbed
}

func newSweeper(f *Feed) *sweeper {
	return &sweeper{feed: f, wake: make(chan struct{}, 1), round: round{next: -1}}
}

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
		w.feed.matchFew()
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
			w.rests.Store(wait <= shortRest && w.feed.config.Load().Flush > 0)
		} else {
			w.asleep.Store(true)
			if w.round.swept < w.feed.matched.Load() { // came between the look and the word
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
		w.rests.Store(false)
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
		switch s.flush(false) {
		case handedOver:
			return
		case unfinished:
			s.Wake()
		case lagging:
			w.round.left = true
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
	if len(w.blocked) > 0 {
		w.feed.Match()
	}
	return len(w.blocked) > 0 && w.feed.matched.Load() != w.tried
}

// sweepIfDue offers events to the next streams of the round, and returns how long to wait until that
// may go on, or zero when there is nothing to do.
func (w *sweeper) sweepIfDue() time.Duration {
	start := now()
	if w.round.next < 0 && !w.round.left && w.feed.matched.Load() == w.round.swept {
		w.round.paced = false
		return 0
	}
	if wait := w.resting.Sub(start); wait > 0 {
		return wait
	}
	if w.round.next < 0 {
		w.beginRound(start)
	}
	end := w.sweep(start)
	w.round.worked += end.Sub(start)
	w.resting = w.restUntil()
	return max(1, w.resting.Sub(end))
}

func (w *sweeper) beginRound(start time.Time) {
	r := &w.round
	r.swept = w.feed.matched.Load()
	r.next, r.left = len(w.streams)-1, false
	r.began = start
	r.usual = min(r.before, r.worked)
	r.before, r.worked = r.worked, 0
}

// sweep visits streams until the round is over, or in a paced one a slice of time. It returns when
// it ended.
func (w *sweeper) sweep(start time.Time) (end time.Time) {
	// Streams may have been removed since the last slice; then one that was visited already stands in
	// the place of another.
	for i := min(w.round.next, len(w.streams)-1); i >= 0; i-- {
		if w.round.paced && i%16 == 0 {
			if end = now(); end.Sub(start) > slice {
				w.round.next = i
				return end
			}
		}
		w.offer(w.streams[i])
	}
	w.round.next = -1
	return now()
}

// offer writes to a stream if it has something. Whoever writes it already looks again.
func (w *sweeper) offer(s *Stream) {
	if s.caughtUp() || !s.take() {
		return
	}
	if s.cursor.ready() || s.current != nil {
		w.write(s)
	} else {
		s.give()
	}
}

// restUntil is when the round may go on, or the next one begin: a round has a length, and this is
// where in it the streams visited so far end. A rest that was too long shortens the ones after it.
func (w *sweeper) restUntil() time.Time {
	r := &w.round
	if w.feed.config.Load().Flush < 0 {
		return r.began
	}
	length := max(w.feed.config.Load().Flush, min((1+restFor)*r.usual, longestRound))
	if r.next < 0 {
		r.paced = true
		return r.began.Add(length)
	}
	visited := len(w.streams) - 1 - r.next
	return r.began.Add(length * time.Duration(visited) / time.Duration(len(w.streams)))
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
