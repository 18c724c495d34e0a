package upstream

import (
	"time"

	"github.com/astproxy/astproxy/ami"
)

// output is text on its way to Asterisk, as much as there was to send, and the actions in it.
type output struct {
	text    []byte
	actions []*pending
	written int // of text
}

// rest is what is not written yet.
func (o *output) rest() []byte { return o.text[o.written:] }

// reset makes room for the next.
func (o *output) reset() {
	clear(o.actions)
	o.actions, o.written = o.actions[:0], 0
	if o.text = o.text[:0]; cap(o.text) > writeBufferKept {
		o.text = nil
	}
}

// markUnsent notes which actions were not written whole: Asterisk runs nothing of which it has not read
// the blank line.
func (o *output) markUnsent() {
	for _, p := range o.actions {
		p.unsent = p.end > o.written
	}
}

// writeBlocks writes what is due, as much as there is in one Write, until the connection ends. It
// is the writer goroutine.
func (s *Session) writeBlocks(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for s.writing && (s.busy || !s.somethingToWrite()) {
			s.work.Wait()
		}
		if !s.writing {
			return
		}
		if len(s.out.rest()) == 0 && !s.fillOutput() {
			continue // whoever waited has gone
		}
		s.busy = true
		s.mu.Unlock()
		n, err := l.conn.Write(s.out.rest())
		s.mu.Lock()
		s.busy = false
		s.out.written += n
		if err != nil {
			s.out.markUnsent()
			_ = l.fail(err)
			return
		}
	}
}

// somethingToWrite tells whether the writer has something to do.
func (s *Session) somethingToWrite() bool { return len(s.out.rest()) > 0 || s.somethingDue() }

// fillOutput takes all that is due; false: that was nothing.
func (s *Session) fillOutput() bool {
	s.out.reset()
	s.out.text, s.out.actions = s.takeDue(s.out.text, s.out.actions)
	return len(s.out.text) > 0
}

// writeNow writes what is due on the goroutine of a Send, as far as that needs no waiting: to wake
// the writer for a single action takes longer than to write it. Where it cannot, the writer does. It is
// called with mu held, and gives it back.
func (s *Session) writeNow() {
	l := s.link
	if l == nil || l.socket == nil || s.busy || len(s.out.rest()) > 0 || !s.somethingDue() || !s.fillOutput() {
		s.wakeWriter()
		s.mu.Unlock()
		return
	}
	s.busy = true
	s.mu.Unlock()
	n, err := l.socket.TryWrite(s.out.rest())
	s.mu.Lock()
	s.busy = false
	if s.out.written += n; err != nil {
		s.out.markUnsent()
	}
	if s.somethingToWrite() || !s.writing {
		s.work.Signal() // the writer, or who waits for the last one to write
	}
	s.mu.Unlock()
	if err != nil {
		_ = l.fail(err) // the reader ends the session
	}
}

// writeBufferKept is what the writer keeps between writes; a batch is rarely larger.
const writeBufferKept = 64 << 10

// somethingDue tells whether an action may be sent now.
func (s *Session) somethingDue() bool {
	return len(s.own) > 0 || s.ready.first != nil && s.windowOpen()
}

// wakeWriter lets the writer look whether something is due.
func (s *Session) wakeWriter() {
	if s.somethingDue() {
		s.work.Signal()
	}
}

// takeDue moves all that is due to the sent ones.
func (s *Session) takeDue(buffer []byte, batch []*pending) ([]byte, []*pending) {
	now := time.Now()
	put := func(p *pending) {
		buffer = s.take(buffer, p, now)
		p.end = len(buffer)
		batch = append(batch, p)
	}
	for _, p := range s.own {
		put(p)
	}
	clear(s.own)
	s.own = s.own[:0]
	for s.windowOpen() {
		p := s.ready.next()
		if p == nil {
			break
		}
		s.unanswered++
		s.taken += placesOf(p.name)
		put(p)
		if answersWithText(p.name) {
			p.fenced = true
			put(s.newPing(fence))
		}
	}
	return buffer, batch
}

// take gives p its token and its place behind all that was sent, and appends its text.
func (s *Session) take(buffer []byte, p *pending, now time.Time) []byte {
	s.lastToken++
	p.number = s.lastToken
	p.sentAt = now
	p.due = now.Add(p.request.Timeout)
	if len(s.sent) == 0 {
		s.headSince = now
	}
	s.sent = append(s.sent, p)
	s.endGathering()
	s.wakeReader(earlier(p.due, now.Add(slowAfter)))
	if p.given {
		s.originals.put(p.number, p.original)
		s.outcomes.remember(p)
	}
	buffer = p.request.Action.AppendAction(buffer, s.tokens.token(p.number), p.request.Without...)
	if p.kind == ofClient {
		p.request.Action, p.request.Without = ami.Message{}, nil // not needed any more
	}
	return buffer
}
