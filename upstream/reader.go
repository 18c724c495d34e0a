package upstream

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/internal/socket"
)

// timedConn is a connection whose read deadlines are the session's clock: when one has passed,
// Read does what is due and goes on.
type timedConn struct {
	session  *Session
	conn     net.Conn
	gatherer *socket.Gatherer // of conn; nil where there can be none
	ticking  bool             // before, a deadline is an error
}

func (c *timedConn) Read(p []byte) (int, error) {
	for {
		if c.ticking {
			c.session.settled()
			if n := c.gather(p); n > 0 {
				c.session.received(time.Now())
				return n, nil
			}
		}
		n, err := c.conn.Read(p)
		if n > 0 {
			c.session.received(time.Now())
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

// received notes when bytes have come.
func (s *Session) received(now time.Time) {
	s.reader.receivedAt = now
	if s.config.Gather > 0 {
		s.reader.gathering.came(now, s.config.Gather)
	}
}

// settled tells the observer that all that was received is handed out.
func (s *Session) settled() {
	if settler, ok := s.observer.(Settler); ok {
		settler.Settled(s)
	}
}

// readBlocks starts the writer and reads until the connection ends.
func (s *Session) readBlocks(l *link) error {
	now := time.Now()
	s.reader.stage, s.reader.bootBy = stageBoot, now.Add(bootGrace)
	s.mu.Lock()
	s.conn, s.link, s.writing, s.out = l.conn, l, true, output{}
	s.mu.Unlock()
	var writer sync.WaitGroup
	writer.Go(func() { s.writeBlocks(l) })
	defer s.stopWriting(l, &writer)
	if err := s.look(now); err != nil {
		return l.fail(err)
	}
	l.source.ticking = true
	for {
		m, err := l.reader.Read()
		switch {
		case err == nil:
			s.route(m)
		case l.reader.GoesOn():
			s.routeTooLarge(m, err)
		default:
			return l.fail(err)
		}
	}
}

// stopWriting ends the writer, and waits for a Send that writes.
func (s *Session) stopWriting(l *link, writer *sync.WaitGroup) {
	_ = l.fail(io.ErrClosedPipe) // frees a Write that hangs
	s.mu.Lock()
	s.conn, s.link, s.writing = nil, nil, false
	s.work.Signal()
	s.mu.Unlock()
	writer.Wait()
	s.mu.Lock()
	for s.busy {
		s.work.Wait()
	}
	s.out.markUnsent() // also what was left to a writer that ended before it came to that
	s.mu.Unlock()
}

// comeUp says that clients may send, once it is known what.
func (s *Session) comeUp() {
	s.reader.stage = stageServing
	s.mu.Lock()
	s.status.Up, s.status.Reason, s.status.Since = true, "", time.Now()
	s.status.Connections++
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
