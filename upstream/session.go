package upstream

import (
	"context"
	"log/slog"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Observer hears what a session has for everybody. Its methods are called on the session's reader
// goroutine, in order; they must not block, and must not call back into the session but for Name and
// what m or status tells.
type Observer interface {
	// Broadcast is an event for everybody. A token of ours is already put back to the ActionID the
	// client gave; where it gave none the line is removed.
	Broadcast(s *Session, m ami.Message)
	// Changed tells that the session is up, or lost.
	Changed(s *Session, status Status)
}

// Status is what a session is doing.
type Status struct {
	Up          bool
	Banner      string    // of the last connection, such as "Asterisk Call Manager/11.0.0"
	Reason      string    // why it is down, for people; empty while up
	Since       time.Time // when it went up, or down
	Outstanding int       // actions Asterisk has not answered yet
}

// Session is one Asterisk's session. Its methods may be called from any goroutine.
type Session struct {
	config   Config
	observer Observer
	log      *slog.Logger
}

// New makes a session of a valid Config. Nothing happens before Run.
func New(c Config, o Observer, log *slog.Logger) *Session {
	return &Session{config: c.withDefaults(), observer: o, log: log.With("server", c.Name)}
}

// Run connects, and connects again for ever. It returns only when ctx ends, with ctx's error, after
// all its goroutines have ended. It is called once.
func (s *Session) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// Name is the configured name of the server.
func (s *Session) Name() string { return s.config.Name }

// Status is the session's state now.
func (s *Session) Status() Status { return Status{} }

// FullyBooted is the last FullyBooted event of the present connection, if there was one.
func (s *Session) FullyBooted() (ami.Message, bool) { return ami.Message{}, false }
