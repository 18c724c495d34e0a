package upstream

import (
	"time"

	"github.com/astproxy/astproxy/ami"
)

// writeBlocks writes what is due, as much as there is in one Write, until the connection ends. It
// is the writer goroutine.
func (s *Session) writeBlocks(l *link) {
	var buffer []byte
	var batch []*pending
	for {
		buffer, batch = buffer[:0], batch[:0]
		s.mu.Lock()
		for s.writing && !s.somethingDue() {
			s.work.Wait()
		}
		if !s.writing {
			s.mu.Unlock()
			return
		}
		buffer, batch = s.takeDue(buffer, batch)
		s.mu.Unlock()
		if len(buffer) == 0 {
			continue // whoever waited has gone
		}
		n, err := l.conn.Write(buffer)
		if err != nil {
			s.mu.Lock()
			for _, p := range batch {
				p.unsent = p.end > n // Asterisk runs nothing of which it has not read the blank line
			}
			s.mu.Unlock()
			_ = l.fail(err)
			return
		}
		clear(batch)
		if cap(buffer) > writeBufferKept {
			buffer = nil
		}
	}
}

// writeBufferKept is what the writer keeps between writes; a batch is rarely larger.
const writeBufferKept = 64 << 10

// somethingDue tells whether an action may be sent now.
func (s *Session) somethingDue() bool {
	return len(s.own) > 0 || s.ready.first != nil && s.unanswered < s.config.Unanswered
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
	for s.unanswered < s.config.Unanswered {
		p := s.ready.next()
		if p == nil {
			break
		}
		s.unanswered++
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
