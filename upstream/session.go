package upstream

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Observer hears what a session has for everybody. Its methods are called on the session's reader
// goroutine, in order with every Receive. They must not block, and must not call back into the
// session but for Name, Status, FullyBooted, Action and Actions.
type Observer interface {
	// Broadcast is an event for everybody. A token of ours is already put back to the ActionID the
	// client gave; where it gave none the line is removed.
	Broadcast(s *Session, m ami.Message)
	// Changed tells that the session has come up, or is lost.
	Changed(s *Session, status Status)
}

// Settler is what an Observer may be too: it is told when everything that was received is handed
// out, before the reader waits for more, and also behind what a loss has handed out, before Changed.
// It may do then what serves several messages at once.
type Settler interface {
	// Settled is called like the methods of Observer.
	Settled(s *Session)
}

// Status is what a session is doing.
type Status struct {
	Up          bool
	Banner      string    // of the last connection, such as "Asterisk Call Manager/11.0.0"
	Reason      string    // why it is down, for people; empty while up
	Since       time.Time // when it came up or was lost
	Connections uint64    // how often it ever came up
	Outstanding int       // actions Asterisk has not answered, and Originates that wait for their outcome
}

// Session is the one session with an Asterisk. Its methods may be called from any goroutine.
type Session struct {
	// Set at construction.
	config   Config
	observer Observer
	log      *slog.Logger
	tokens   tokens
	dial     func(context.Context) (net.Conn, error)
	work     sync.Cond     // on mu: the writer has something to do
	gathered chan struct{} // the reader is to gather no longer

	// Owned by Run's goroutine, which is the reader.
	reader reading

	// Replaced as a whole.
	actions     atomic.Pointer[actionTable]
	fullyBooted atomic.Pointer[ami.Message]

	mu sync.Mutex // guards all below; nothing is called, written or waited for under it

	status    Status
	conn      net.Conn  // of the present connection, for its read deadline
	link      *link     // the present connection, for who writes
	wakeAt    time.Time // the read deadline that is set
	writing   bool      // the writer is to go on
	gathers   bool      // the reader waits for more to read
	busy      bool      // somebody writes, the writer or a Send
	out       output    // owned by whoever is busy, else guarded by mu
	lastToken uint64

	// Actions by how far they are: waiting with their requesters, of which ready are those that
	// may send one; of the session's own, which go first; sent, oldest first; Originates whose
	// outcome is awaited.
	requesters map[*Requester]struct{} // that are not closed
	ready      round
	own        []*pending
	sent       []*pending
	unanswered int // of sent, those of requesters
	taken      int // the places of the window that they take
	originates map[uint64]*pending
	headSince  time.Time // since when the oldest of sent has Asterisk for itself

	waitingDue   time.Time // no earlier does an action expire unsent; zero: none waits
	originateDue time.Time // no earlier does an Originate expire; zero: none waits

	originals originals
	outcomes  outcomes

	learning   *learning // the question that is under way
	learnAgain bool      // ask again when it is answered
	learnedAt  time.Time // when the last one was asked
}

// reading is what belongs to the reader.
type reading struct {
	receivedAt time.Time  // when bytes last came
	answered   *pending   // the last one that was finished; stragglers may follow it
	out        []delivery // what to call once mu is free
	slow       []slowAction
	stage      stage
	bootBy     time.Time // until when FullyBooted is waited for
	farewell   string    // what Event: Shutdown said
	gathering  gathering
}

// stage is how far a connection is.
type stage int

const (
	stageLogin   stage = iota
	stageBoot          // logged in, waiting for FullyBooted
	stageLearn         // asking for the actions
	stageServing       // up
)

// New makes a session of a valid Config. Nothing happens before Run.
func New(c Config, o Observer, log *slog.Logger) *Session {
	s := &Session{
		config:     c.withDefaults(),
		observer:   o,
		log:        log.With("server", c.Name),
		tokens:     newTokens(),
		status:     Status{Reason: "not connected yet", Since: time.Now()},
		requesters: make(map[*Requester]struct{}),
		originates: make(map[uint64]*pending),
		outcomes:   newOutcomes(),
		gathered:   make(chan struct{}, 1),
	}
	s.dial = s.dialNetwork
	s.work.L = &s.mu
	return s
}

// Name is the configured name of the server.
func (s *Session) Name() string { return s.config.Name }

// Status is the session's state now.
func (s *Session) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statusLocked()
}

func (s *Session) statusLocked() Status {
	status := s.status
	status.Outstanding = s.unanswered + len(s.originates)
	return status
}

// FullyBooted is the last FullyBooted event of the present connection, if there was one.
func (s *Session) FullyBooted() (ami.Message, bool) {
	if m := s.fullyBooted.Load(); m != nil {
		return *m, true
	}
	return ami.Message{}, false
}

// Run connects, and connects again for ever. It returns only when ctx ends, with ctx's error, after
// all its goroutines have ended. It is called once.
func (s *Session) Run(ctx context.Context) error {
	wait := backoff{least: s.config.BackoffMin, greatest: s.config.BackoffMax}
	reported := ""
	for {
		up, err := s.serve(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if up > 0 {
			reported = ""
		}
		if up >= s.config.BackoffMax {
			wait.reset()
		}
		reason := s.Status().Reason
		if reason != reported {
			reported = reason
			s.logLoss(up > 0, reason, err)
		}
		if !sleep(ctx, wait.next()) {
			return ctx.Err()
		}
	}
}

// serve runs one connection from dialling to its loss, and says how long the session was up.
func (s *Session) serve(ctx context.Context) (up time.Duration, err error) {
	s.reader = reading{out: s.reader.out[:0]}
	conn, err := s.dial(ctx)
	if err != nil {
		s.setDown(ctx, err)
		return 0, err
	}
	l := s.newLink(ctx, conn)
	defer l.end()
	if err = s.login(l); err == nil {
		err = s.readBlocks(l)
	}
	return s.lost(ctx, l.fail(err))
}
