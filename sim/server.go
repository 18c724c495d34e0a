package sim

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Server is one simulated Asterisk. All its methods may be called by anybody at any time.
type Server struct {
	// Set at construction.
	config   Config
	started  time.Time
	pbx      *pbx
	received received
	faults   faults

	mu       sync.Mutex
	address  string
	sessions map[*session]struct{}
	loggedIn int
	serving  bool
	ready    chan struct{} // closed at the first Serve

	sessionCount atomic.Uint64
}

// ErrServing is what a second Serve at the same time returns.
var ErrServing = errors.New("sim: Serve is running already")

// maxUnauthenticated is how many sessions may be waiting for their login (manager.conf, authlimit).
const maxUnauthenticated = 50

// New makes a Server that listens nowhere yet.
func New(c Config) *Server {
	s := &Server{config: c.withDefaults(), started: time.Now(), sessions: make(map[*session]struct{}), ready: make(chan struct{})}
	s.received.arrived = make(chan struct{})
	s.faults.init()
	s.pbx = newPBX(s.config, s.broadcast)
	return s
}

// Serve answers whoever connects to l until ctx ends, closes l and all sessions, hangs up all calls, and
// returns when every goroutine it started has ended. The error is that of l, nil when ctx ended.
//
// It may be called again afterwards: that is an Asterisk started anew, with its database but without
// channels, conferences and queue members.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.mu.Lock()
	if s.serving {
		s.mu.Unlock()
		return ErrServing
	}
	s.serving = true
	s.address = l.Addr().String()
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
	s.mu.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	unhook := context.AfterFunc(ctx, func() { _ = l.Close() })
	s.pbx.start()

	var sessions sync.WaitGroup
	err := s.accept(ctx, l, &sessions)

	cancel()
	unhook()
	_ = l.Close()
	s.pbx.stop()
	sessions.Wait()
	s.mu.Lock()
	s.serving = false
	s.mu.Unlock()
	return err
}

func (s *Server) accept(ctx context.Context, l net.Listener, sessions *sync.WaitGroup) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		c := newSession(s, conn)
		if !s.add(c) {
			_ = conn.Close()
			continue
		}
		sessions.Go(func() {
			c.run(ctx)
			s.remove(c)
		})
	}
}

func (s *Server) add(c *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions)-s.loggedIn >= maxUnauthenticated {
		return false
	}
	s.sessions[c] = struct{}{}
	return true
}

func (s *Server) remove(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, c)
	if c.user != nil {
		s.loggedIn--
	}
}

// login counts a session as logged in as u, unless u is in and may be only once.
func (s *Server) login(c *session, u *User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.user = u
	s.loggedIn++
}

// inUse tells whether u is logged in and may not be twice.
func (s *Server) inUse(u *User) bool {
	if u == nil || !u.Once {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sessions {
		if c.user == u {
			return true
		}
	}
	return false
}

// Addr is where Serve listens or last listened, or "".
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// Ready is closed when Addr can be asked.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Sessions is how many sessions are logged in.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loggedIn
}

// Broadcast sends an event to every session whose mask and rights hold all classes of its Privilege.
func (s *Server) Broadcast(m ami.Message) { s.broadcast(event{message: m}) }

// broadcast queues an event for every session; it never waits for one.
func (s *Server) broadcast(e event) {
	e.class, _ = e.message.Privilege()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sessions {
		c.queue(e)
	}
}

// each calls f for every session of now, without holding a lock.
func (s *Server) each(f func(*session)) {
	s.mu.Lock()
	all := make([]*session, 0, len(s.sessions))
	for c := range s.sessions {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		f(c)
	}
}
