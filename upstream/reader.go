package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// timedConn is a connection whose read deadlines are the session's clock: when one has passed,
// Read does what is due and goes on.
type timedConn struct {
	session *Session
	conn    net.Conn
	ticking bool // before, a deadline is an error
}

func (c *timedConn) Read(p []byte) (int, error) {
	for {
		n, err := c.conn.Read(p)
		if n > 0 {
			c.session.reader.receivedAt = time.Now()
			return n, nil // an error comes again
		}
		if !c.ticking || !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		if err := c.session.look(time.Now()); err != nil {
			return 0, err
		}
	}
}

// readBlocks starts the writer and reads until the connection ends.
func (s *Session) readBlocks(l *link) error {
	now := time.Now()
	s.reader.stage, s.reader.bootBy = stageBoot, now.Add(bootGrace)
	s.mu.Lock()
	s.conn, s.writing = l.conn, true
	s.mu.Unlock()
	var writer sync.WaitGroup
	writer.Go(func() { s.writeBlocks(l) })
	defer writer.Wait()
	defer s.stopWriting(l)
	if err := s.look(now); err != nil {
		return l.fail(err)
	}
	l.source.ticking = true
	for {
		m, err := l.reader.Read()
		if err != nil {
			return l.fail(err)
		}
		s.route(m)
	}
}

// stopWriting ends the writer.
func (s *Session) stopWriting(l *link) {
	_ = l.fail(io.ErrClosedPipe) // frees a Write that hangs
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.writing = nil, false
	s.work.Signal()
}

// comeUp says that clients may send, once it is known what.
func (s *Session) comeUp() {
	s.reader.stage = stageServing
	s.mu.Lock()
	s.status.Up, s.status.Reason, s.status.Since = true, "", time.Now()
	status := s.statusLocked()
	s.mu.Unlock()
	s.log.Info("session is up", "banner", status.Banner, "actions", len(s.Actions()))
	s.observer.Changed(s, status)
}

// noticeShutdown keeps what Asterisk says before it stops, and leaves the connection to it.
func (s *Session) noticeShutdown(m ami.Message) {
	s.reader.farewell = "Asterisk was shut down"
	if ami.IsTrue(m.Get("Restart")) {
		s.reader.farewell = "Asterisk restarts"
	}
}

// lost answers everything that is under way, after the reader and the writer have ended, and
// says how long the session was up.
func (s *Session) lost(ctx context.Context, cause error) (up time.Duration, err error) {
	now := time.Now()
	s.mu.Lock()
	wasUp := s.status.Up
	s.status.Up, s.status.Reason = false, s.reasonFor(ctx, cause)
	if wasUp {
		up = max(now.Sub(s.status.Since), 1)
		s.status.Since = now
	}
	s.settleAll(s.status.Reason)
	status := s.statusLocked()
	s.mu.Unlock()
	s.fullyBooted.Store(nil)
	s.deliver()
	if wasUp {
		s.observer.Changed(s, status)
	}
	return up, cause
}

// settleAll ends every action. None is sent again.
func (s *Session) settleAll(reason string) {
	notSent := fmt.Errorf("%s: %w: %s", s.config.Name, ErrNotSent, reason)
	unknown := fmt.Errorf("%s: %w: %s", s.config.Name, ErrOutcomeUnknown, reason)
	for _, p := range s.sent {
		if p.unsent {
			s.fail(p, notSent)
			continue
		}
		if p.request.Originate > 0 {
			s.outcomes.hide(p.number) // Asterisk may have placed the call
		}
		s.fail(p, unknown)
	}
	for number, p := range s.originates {
		s.outcomes.hide(number)
		s.fail(p, unknown)
	}
	for _, p := range s.own {
		s.fail(p, notSent)
	}
	for p := s.ready.next(); p != nil; p = s.ready.next() {
		s.fail(p, notSent)
	}
	clear(s.sent)
	clear(s.own)
	clear(s.originates)
	s.sent, s.own, s.unanswered = s.sent[:0], s.own[:0], 0
	s.waitingDue, s.originateDue, s.headSince = time.Time{}, time.Time{}, time.Time{}
	s.learnAgain = false
	s.reader.answered = nil
}

// reasonFor is why there is no session, for people. It holds nothing that differs from one attempt
// to the next, such as a local port.
func (s *Session) reasonFor(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "stopped"
	}
	if s.reader.farewell != "" {
		return s.reader.farewell
	}
	text := err.Error()
	if network := (*net.OpError)(nil); errors.As(err, &network) {
		inner := network.Err.Error()
		if lookup := (*net.DNSError)(nil); errors.As(network.Err, &lookup) {
			inner = "lookup of " + lookup.Name + ": " + lookup.Err
		}
		if network.Op == "dial" {
			inner = "cannot connect to " + s.config.Address + ": " + inner
		}
		text = strings.ReplaceAll(text, network.Error(), inner)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return strings.ReplaceAll(text, io.ErrUnexpectedEOF.Error(), "Asterisk closed the connection in the middle of a message")
	case errors.Is(err, io.EOF):
		return strings.ReplaceAll(text, io.EOF.Error(), "Asterisk closed the connection")
	case errors.Is(err, context.DeadlineExceeded):
		return "cannot connect to " + s.config.Address + " within " + s.config.ConnectTimeout.String()
	}
	return text
}
