package sim

import (
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// faults are what can be made to go wrong while the server runs.
type faults struct {
	refuseLogins, oldCommand, noEventList, booting, shuttingDown, halfRedirects atomic.Bool

	mu    sync.Mutex
	gate  chan struct{}            // closed while the server runs, open while it is stalled
	holds map[string]chan struct{} // by lower-case action; closed when its replies may go
}

func (f *faults) init() {
	f.gate = make(chan struct{})
	close(f.gate)
	f.holds = make(map[string]chan struct{})
}

// running is closed while the server is not stalled.
func (f *faults) running() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gate
}

// Stall makes the server neither read nor write any more, with all connections open, as a stopped
// process does.
func (s *Server) Stall() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	select {
	case <-s.faults.gate:
		s.faults.gate = make(chan struct{})
	default:
	}
}

// Resume ends Stall.
func (s *Server) Resume() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	select {
	case <-s.faults.gate:
	default:
		close(s.faults.gate)
	}
}

// Cut closes every session of now when n more bytes have been written to it, wherever in a block that is.
func (s *Server) Cut(n int) {
	s.each(func(c *session) {
		c.cut.Store(int64(n))
		if n == 0 {
			c.close()
		}
	})
}

// Disconnect resets every connection of now.
func (s *Server) Disconnect() {
	s.each(func(c *session) {
		if t, ok := c.conn.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		c.close()
	})
}

// RefuseLogins makes every login fail as one with a wrong secret does, or ends that.
func (s *Server) RefuseLogins(on bool) { s.faults.refuseLogins.Store(on) }

// OldCommand makes Command answer as Asterisk 13 and older did: Response: Follows, raw lines and
// --END COMMAND--.
func (s *Server) OldCommand(on bool) { s.faults.oldCommand.Store(on) }

// NoEventList makes lists go without EventList headers, as very old versions sent them: such a list ends
// with the event whose name ends in Complete.
func (s *Server) NoEventList(on bool) { s.faults.noEventList.Store(on) }

// Booting makes the server one that is still starting: no FullyBooted follows a login, and only the actions of
// its core exist. When that ends, FullyBooted goes to all.
func (s *Server) Booting(on bool) {
	if s.faults.booting.Swap(on) && !on {
		s.broadcast(event{message: s.fullyBooted(true)})
	}
}

// ShuttingDown makes every action fail as during a graceful stop, or calls the stop off.
func (s *Server) ShuttingDown(on bool) { s.faults.shuttingDown.Store(on) }

// HalfRedirects makes the second channel of a dual Redirect hang up in the very moment, so that only the first is
// redirected.
func (s *Server) HalfRedirects(on bool) { s.faults.halfRedirects.Store(on) }

// HoldReplies makes the replies to an action wait, and their sessions with them, until release is
// called. The action itself has been received, but not run.
func (s *Server) HoldReplies(action string) (release func()) {
	name := strings.ToLower(action)
	hold := make(chan struct{})
	s.faults.mu.Lock()
	s.faults.holds[name] = hold
	s.faults.mu.Unlock()
	return sync.OnceFunc(func() {
		s.faults.mu.Lock()
		if s.faults.holds[name] == hold {
			delete(s.faults.holds, name)
		}
		s.faults.mu.Unlock()
		close(hold)
	})
}

// held waits while replies to action are held; false: the session is over.
func (c *session) held(action string) bool {
	f := &c.server.faults
	f.mu.Lock()
	hold := f.holds[strings.ToLower(action)]
	f.mu.Unlock()
	if hold == nil {
		return true
	}
	select {
	case <-hold:
		return true
	case <-c.done:
		return false
	}
}
