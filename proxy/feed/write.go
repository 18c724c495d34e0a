package feed

import (
	"errors"
	"os"
	"time"

	"github.com/astproxy/astproxy/internal/socket"
)

const (
	// maxWrite is how much one write is given; more gains nothing (see bench in feed_test.go).
	maxWrite = largeChunk
	// maxRecord is how much of that a connection is given that cannot go on behind a deadline: TLS that
	// no socket.Carrier carries, whose records have this size.
	maxRecord = 16 << 10
	// turn is how much one stream may write before others get their turn.
	turn = 4 * maxWrite
)

// nextBytes is what the stream has to write next: events up to the first private message's
// place, then that message, which it returns too. It applies on the way what needs no bytes, unless
// that needs Feed.mu and who asks is hasty: then it is left to others. Only who owns the stream calls it.
func (s *Stream) nextBytes(hasty bool) (bytes []byte, it *item, left bool) {
	for {
		limit := uint64(noLimit)
		it = s.front()
		if it != nil {
			limit = it.after
		}
		matched := s.feed.matched.Load() // before the cursor looks: views are filled first
		if it == nil || it.written == 0 {
			bytes, lost := s.cursor.next(limit)
			switch {
			case lost && hasty:
				return nil, nil, true
			case lost && !s.fellOut():
				return nil, nil, false
			case lost:
				continue
			case len(bytes) > 0:
				return bytes[:min(len(bytes), maxWrite)], nil, false
			}
		}
		switch {
		case it == nil || it.closed != nil && it.closed.Load():
			return nil, nil, false // nothing to say, or not yet
		case limit > matched && (s.cursor.view != nil || it.view != nil):
			return nil, nil, false // its place has not come
		case it.written < len(it.bytes):
			return it.bytes[it.written:min(len(it.bytes), it.written+maxWrite)], it, false
		case it.view != nil && hasty:
			return nil, nil, true
		}
		if !s.finish(it) {
			return nil, nil, false
		}
	}
}

// front is the private message being written, or else the first that waits.
func (s *Stream) front() *item {
	if s.current != nil {
		return s.current
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) == 0 {
		return nil
	}
	s.current = s.items[0]
	s.items[0] = nil
	if s.items = s.items[1:]; len(s.items) == 0 {
		s.items = nil
	}
	return s.current
}

// finish does what a written item asks for, and tells whether the stream goes on.
func (s *Stream) finish(it *item) bool {
	s.current = nil
	if it.view != nil {
		s.feed.detach(s.cursor)
		s.cursor = *it.view
		s.cursor.pass(it.after)
		s.viewing.Store(s.cursor.view)
		s.passed.Store(s.cursor.written())
		s.mu.Lock()
		s.changes--
		s.makeRoom()
		s.mu.Unlock()
	}
	if it.last {
		s.closing.Store(true)
		return false
	}
	return true
}

// advance notes that n bytes are written of what nextBytes gave.
func (s *Stream) advance(it *item, n int) {
	s.delivered.Add(uint64(n))
	s.feed.delivered.Add(uint64(n))
	if it != nil {
		it.written += n
		s.mu.Lock()
		s.addWaiting(-n)
		s.mu.Unlock()
		return
	}
	s.cursor.offset += uint32(n)
	s.passed.Store(s.cursor.written())
}

// fellOut is called when what the stream should get next is gone; false: it ends at once.
func (s *Stream) fellOut() bool {
	missed := s.feed.skip(&s.cursor)
	if missed == 0 {
		return true // it had read all of what is gone
	}
	s.feed.tooSlow.Add(1)
	format := s.cursor.view.selection.Format
	if Policy(s.policy.Load()) == Skip {
		s.interpose(&item{bytes: format.AppendGap(nil, GapEvent(missed, GapTooSlow))})
		return true
	}
	farewell := format.AppendEnd(nil, ErrTooSlow)
	if len(farewell) == 0 {
		s.end(ErrTooSlow)
		return false
	}
	s.mu.Lock()
	if s.err == nil {
		s.err = ErrTooSlow
	}
	s.mu.Unlock()
	s.interpose(&item{bytes: farewell, last: true})
	return true
}

// interpose has an item written before everything else: the cursor stands between two events. Only
// who owns the stream calls it.
func (s *Stream) interpose(it *item) {
	s.mu.Lock()
	s.addWaiting(len(it.bytes))
	if s.current != nil {
		s.items = append([]*item{s.current}, s.items...)
	}
	s.mu.Unlock()
	s.current = it
}

// end marks the stream as ended by err.
func (s *Stream) end(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.closing.Store(true)
}

// take makes the caller the one who writes the stream; false: somebody else does, and will look
// again before he gives it back.
func (s *Stream) take() bool {
	if s.owned.CompareAndSwap(false, true) {
		return true
	}
	s.missed.Store(true)
	return s.owned.CompareAndSwap(false, true) // given back in between
}

// give ends take.
func (s *Stream) give() {
	s.owned.Store(false)
	if s.missed.Swap(false) {
		s.Wake()
	}
}

// Flush writes what waits, as far as that needs no waiting, on the caller's goroutine: for one
// private message that saves waking another. What is left the sweeper does. Any goroutine: Feed.mu, which
// the matcher may hold for long, is not taken.
func (s *Stream) Flush() {
	if !s.take() {
		return
	}
	state := s.flush(true)
	if state == handedOver {
		return
	}
	again := state == unfinished || s.current != nil || s.closing.Load()
	s.give()
	if again {
		s.Wake()
	}
}

// flushed is how a flush has left a stream.
type flushed int

const (
	finished   flushed = iota // nothing is left to write now
	unfinished                // there is more, after others had their turn
	lagging                   // there is more, which the next round may write whole
	handedOver                // the socket is full, and a drain goroutine owns the stream
)

// flush writes what there is without waiting for the socket, nor, if it is to be hasty, for Feed.mu. The caller
// owns the stream. Of one that is to end nothing is written any more: its cursor may stand behind events that it has lost, and
// its farewell may be said.
func (s *Stream) flush(hasty bool) flushed {
	if s.closing.Load() {
		return finished
	}
	for written := 0; written < turn; {
		bytes, it, left := s.nextBytes(hasty)
		if left {
			return unfinished
		}
		if len(bytes) == 0 {
			return finished
		}
		if s.leaves(written, hasty) {
			return lagging
		}
		n, err := s.tryWrite(bytes, it)
		s.advance(it, n)
		written += n
		if err != nil {
			s.end(err)
			return finished
		}
		if n < len(bytes) || s.holds() {
			if s.sweeper.startDrain(s) {
				return handedOver
			}
			return finished // it is being stopped
		}
	}
	return unfinished
}

// leaves tells whether what the stream would write next is left to the next round: an unfinished chunk, from its beginning, behind
// a whole one in this round. So many events come then that it is soon a whole one, which the kernel need not copy for each client:
// a burst to a hundred of them costs an eighth less so (astproxy load --burst). With Config.Flush below zero nothing is left.
func (s *Stream) leaves(written int, hasty bool) bool {
	c := &s.cursor
	return written >= largeChunk && !hasty && s.current == nil && c.offset == 0 && c.chunk.next.Load() == nil && s.feed.config.Load().Flush > 0
}

// extent has what nextBytes gave, where the cursor stands in it; nil: it is to be written.
func (s *Stream) extent(bytes []byte, it *item) *socket.Extent {
	if it != nil || len(bytes) < sendLeast || !s.socket.Sends() {
		return nil
	}
	return s.cursor.chunk.shared(s.feed.pages)
}

// tryWrite writes as much as the socket takes at once of what nextBytes gave.
func (s *Stream) tryWrite(bytes []byte, it *item) (n int, err error) {
	if s.socket == nil {
		return 0, nil // a drain goroutine writes it, and may wait
	}
	if e := s.extent(bytes, it); e != nil {
		return s.socket.TrySend(bytes, e, int(s.cursor.offset))
	}
	return s.socket.TryWrite(bytes)
}

// holds tells whether the socket has not taken all that was given to it.
func (s *Stream) holds() bool { return s.socket != nil && s.socket.Held() }

// drain writes a stream whose socket is full, waiting for it, until nothing is left or the stream
// ends. It owns the stream until it gives it back to the sweeper.
func (s *Stream) drain() {
	defer func() {
		s.conn.SetWriteDeadline(time.Time{}) // or, once it has passed, nothing could be written any more
		s.give()
		s.Wake() // something may have come since the last look
	}()
	for !s.closing.Load() {
		var bytes []byte
		var it *item
		if !s.holds() {
			if bytes, it, _ = s.nextBytes(false); len(bytes) == 0 {
				return
			}
		}
		s.conn.SetWriteDeadline(now().Add(s.feed.config.Load().WriteTimeout))
		n, progress, err := s.write(bytes, it)
		s.advance(it, n)
		switch {
		case err == nil || progress && errors.Is(err, os.ErrDeadlineExceeded):
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.end(ErrWriteTimeout)
		default:
			s.end(err)
		}
	}
}

// write waits for the socket.
func (s *Stream) write(bytes []byte, it *item) (n int, progress bool, err error) {
	if s.socket != nil {
		if e := s.extent(bytes, it); e != nil {
			return s.socket.Send(bytes, e, int(s.cursor.offset))
		}
		return s.socket.Write(bytes)
	}
	n, err = s.conn.Write(bytes[:min(len(bytes), maxRecord)])
	return n, n > 0, err
}
