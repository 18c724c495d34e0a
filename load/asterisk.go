package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

const banner = "Asterisk Call Manager/11.0.0\r\n"

// An asterisk is the server the measured proxy logs in to. It accepts every user, answers the
// actions a proxy sends of its own, and has events written to all sessions that want them.
type asterisk struct {
	listener net.Listener
	stalled  time.Duration // how long one write may make no progress
	wait     sync.WaitGroup

	mu       sync.Mutex
	sessions map[*session]bool // true: logged in, with events
	changed  chan struct{}     // closed and replaced when sessions changes
	closed   bool
}

// A session is one connection to the played Asterisk.
type session struct {
	conn net.Conn

	mu sync.Mutex // one writer at a time: the feed or the answering goroutine
}

// playAsterisk listens and starts answering; close ends it.
func playAsterisk(address string, stalled time.Duration) (*asterisk, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("play Asterisk: %w", err)
	}
	a := &asterisk{
		listener: l,
		stalled:  stalled,
		sessions: make(map[*session]bool),
		changed:  make(chan struct{}),
	}
	a.wait.Go(a.accept)
	return a, nil
}

// address is where it listens.
func (a *asterisk) address() string { return a.listener.Addr().String() }

// close ends all sessions and waits for the goroutines.
func (a *asterisk) close() {
	a.mu.Lock()
	a.closed = true
	for s := range a.sessions {
		s.conn.Close()
	}
	a.mu.Unlock()
	a.listener.Close()
	a.wait.Wait()
}

func (a *asterisk) accept() {
	for {
		conn, err := a.listener.Accept()
		if err != nil {
			return
		}
		s := &session{conn: conn}
		if !a.set(s, false) {
			conn.Close()
			return
		}
		a.wait.Go(func() {
			a.answer(s)
			a.drop(s)
		})
	}
}

// set records a session and whether it gets events; false when the server is closed.
func (a *asterisk) set(s *session, events bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.sessions[s] = events
	a.announce()
	return true
}

func (a *asterisk) drop(s *session) {
	s.conn.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sessions, s)
	a.announce()
}

// announce wakes whoever waits for a change; a.mu is held.
func (a *asterisk) announce() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// listeners returns the sessions that get events, and a channel closed at the next change.
func (a *asterisk) listeners() ([]*session, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []*session
	for s, events := range a.sessions {
		if events {
			list = append(list, s)
		}
	}
	return list, a.changed
}

// waitForProxy returns when somebody has logged in and wants events.
func (a *asterisk) waitForProxy(ctx context.Context) error {
	for {
		list, changed := a.listeners()
		if len(list) > 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("no proxy logged in to %s: %w", a.address(), context.Cause(ctx))
		}
	}
}

var errNoProxy = errors.New("the proxy's session is gone")

// broadcast writes whole events to every session that wants them and returns when all have taken
// them: a proxy that reads slowly slows the feed, where a real Asterisk would cut it off.
func (a *asterisk) broadcast(events []byte) error {
	list, _ := a.listeners()
	if len(list) == 0 {
		return errNoProxy
	}
	for _, s := range list {
		if err := s.write(events, a.stalled); err != nil {
			return fmt.Errorf("write events to the proxy: %w", err)
		}
	}
	return nil
}

func (s *session) write(b []byte, stalled time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.SetWriteDeadline(time.Now().Add(stalled)); err != nil {
		return err
	}
	_, err := s.conn.Write(b)
	return err
}

// answer reads actions, pipelined or not, until the session ends.
func (a *asterisk) answer(s *session) {
	if s.write([]byte(banner), a.stalled) != nil {
		return
	}
	r := bufio.NewReader(s.conn)
	for {
		action, err := readMessage(r)
		if err != nil {
			return
		}
		reply := replyTo(action)
		if s.write([]byte(reply.text), a.stalled) != nil || reply.logoff {
			return
		}
		if reply.login {
			// Asterisk sends FullyBooted in a write of its own, and only with events on.
			if reply.events && s.write([]byte(fullyBooted), a.stalled) != nil {
				return
			}
		}
		if reply.login || reply.mask {
			if !a.set(s, reply.events) {
				return
			}
		}
	}
}

// eventsOn says what an event mask asks for; anything but off is all the generator sends.
func eventsOn(mask string) bool { return !strings.EqualFold(strings.TrimSpace(mask), "off") }
