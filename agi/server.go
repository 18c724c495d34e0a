package agi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Config says who may come and what he may cost. A zero field stands for its default.
type Config struct {
	// Networks are those of the Asterisks; none: this machine alone.
	Networks []netip.Prefix
	// Token is what calls have to show; "": nothing.
	Token string
	// Connections is how many calls there may be at once: 500.
	Connections int
	// BeginTimeout is how long it may take to tell what the call is: 5 s.
	BeginTimeout time.Duration
	// ReplyTimeout is how long a command may take, beyond what it waits for by itself: 60 s, more than any prompt.
	ReplyTimeout time.Duration
	// CallTimeout is how long a script may take: 5 min.
	CallTimeout time.Duration
}

func (c Config) withDefaults() Config {
	c.Connections = cmp.Or(c.Connections, 500)
	c.BeginTimeout = cmp.Or(c.BeginTimeout, 5*time.Second)
	c.ReplyTimeout = cmp.Or(c.ReplyTimeout, 60*time.Second)
	c.CallTimeout = cmp.Or(c.CallTimeout, 5*time.Minute)
	return c
}

// permits tells whether an address is one of an Asterisk.
func (c Config) permits(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if len(c.Networks) == 0 {
		return address.IsLoopback()
	}
	for _, n := range c.Networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

// Server runs scripts for calls.
type Server struct {
	log     *slog.Logger
	config  atomic.Pointer[Config]
	scripts atomic.Pointer[map[string]Script]

	mu          sync.Mutex
	connections map[net.Conn]struct{}
}

// NewServer makes one without scripts.
func NewServer(c Config, log *slog.Logger) *Server {
	s := &Server{log: log, connections: map[net.Conn]struct{}{}}
	s.Configure(c)
	s.SetScripts(nil)
	return s
}

// Configure changes what holds for calls from now on. Any goroutine.
func (s *Server) Configure(c Config) {
	c = c.withDefaults()
	s.config.Store(&c)
}

// SetScripts changes which scripts there are for calls from now on. Of two with one path the later counts. Any
// goroutine.
func (s *Server) SetScripts(scripts []Script) {
	byPath := make(map[string]Script, len(scripts))
	for _, script := range scripts {
		byPath[script.Path] = script
	}
	s.scripts.Store(&byPath)
}

// Serve runs scripts for the calls that come in by l, until l is closed and they have all ended. When ctx
// ends it closes l and every connection.
func (s *Server) Serve(ctx context.Context, l net.Listener) {
	var calls sync.WaitGroup
	defer calls.Wait()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// Out of descriptors is the usual reason, and passes.
			s.log.Error("accept failed", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		if err := s.admit(conn); err != nil {
			s.log.Warn("AGI connection refused", "client", conn.RemoteAddr(), "reason", err)
			conn.Close()
			continue
		}
		calls.Go(func() {
			defer s.leave(conn)
			s.serve(ctx, conn)
		})
	}
}

var (
	errNetwork = errors.New("it is in none of the networks that calls may come from")
	errMany    = errors.New("there are as many calls as there may be")
)

// admit counts a connection, if it may come.
func (s *Server) admit(conn net.Conn) error {
	config := s.config.Load()
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !config.permits(tcp.AddrPort().Addr()) {
		return errNetwork
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.connections) >= config.Connections {
		return errMany
	}
	s.connections[conn] = struct{}{}
	return nil
}

func (s *Server) leave(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.connections, conn)
}

// Calls is how many connections there are.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.connections)
}

// serve runs one call's script.
func (s *Server) serve(ctx context.Context, conn net.Conn) {
	config := s.config.Load()
	ctx, cancel := context.WithTimeoutCause(ctx, config.CallTimeout, errors.New("the call has taken too long"))
	defer cancel()
	defer context.AfterFunc(ctx, func() { conn.Close() })() // whatever is read or written then ends
	log := s.log.With("client", conn.RemoteAddr())

	call := newCall(conn, config)
	if err := call.begin(); err != nil {
		log.Warn("AGI connection refused", "reason", err)
		return
	}
	log = log.With("script", call.Path, "channel", call.Channel)
	script, known := (*s.scripts.Load())[call.Path]
	if err := call.authenticate(config.Token); err != nil {
		log.Warn("AGI call refused", "reason", err)
		return
	}
	if !known {
		log.Warn("AGI call refused", "reason", "there is no such script")
		return
	}
	err := run(ctx, script, call)
	if cause := context.Cause(ctx); cause != nil && err != nil {
		err = cause
	}
	switch {
	case errors.Is(err, ErrHangup):
		log.Debug("the caller has hung up")
	case errors.Is(err, context.Canceled):
		log.Debug("the call was ended")
	case err != nil:
		log.Error("AGI call failed", "error", err)
	}
}

// run is the script, whose panic is an error like others.
func run(ctx context.Context, script Script, call *Call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return script.Run(ctx, call)
}
