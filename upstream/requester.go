package upstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// What became of a Request. They come wrapped, with the server's name and the reason.
var (
	ErrDown           = errors.New("server is down")
	ErrNotSent        = errors.New("action was not sent")
	ErrOutcomeUnknown = errors.New("action was sent, its outcome is unknown")
	ErrTimeout        = errors.New("no answer in time")
	ErrClosed         = errors.New("requester is closed")
	ErrNoAction       = errors.New("message names no action")
)

// Request is one action of a client.
type Request struct {
	Action   ami.Message // judged by ami.CheckAction; its ActionID is replaced by a token
	Without  []string    // headers that are left out, such as "Server"
	Receiver Receiver    // nil: nobody wants the answer
	Client   string      // who asks, for the log

	// Originate, when above zero, says that Action is an Originate with Async: true that stands for
	// a synchronous one, and how long to wait for its OriginateResponse after the response. That
	// event is then the last reply, and nobody else sees it.
	Originate time.Duration

	// Timeout is how long the action may wait to be sent, and then again to be answered; 0 is
	// Config.ActionTimeout.
	Timeout time.Duration
}

// Receiver gets the replies to a request.
type Receiver interface {
	// Receive is called on the session's reader goroutine, never twice at once. It must not block,
	// nor call Send or LearnActions.
	Receive(r Reply)
}

// Reply is one message of the answer to a request, or the news that there will be none.
//
// Exactly one reply of a request has Last, but for stragglers: events that Asterisk sends behind a
// response that promised none come with Last too, until the next response of the session.
type Reply struct {
	// Message is as Asterisk sent it, so its ActionID is the token. It is zero when Err is not
	// nil, and when what has ended the answer was no message of it: an action may answer with
	// nothing at all.
	Message ami.Message
	Last    bool  // nothing more comes for this request
	Err     error // ErrNotSent, ErrOutcomeUnknown or ErrTimeout, wrapped; then Last is true
}

// Requester is one client's place among those who want something of a session. It outlives the
// session's connections.
type Requester struct {
	session *Session
	room    chan struct{} // a Send that waits may look again

	// Guarded by Session.mu.
	first, last *pending // waiting, in order
	waiting     int
	blocked     int // Sends that wait for room
	unanswered  int
	alone       bool // one of those unanswered is alone
	closed      bool
	ready       bool       // in the session's round
	nextReady   *Requester // behind it there
}

// NewRequester makes a place for a client, who gives it back by Close.
func (s *Session) NewRequester() *Requester {
	q := &Requester{session: s, room: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requesters[q] = struct{}{}
	return q
}

// Send queues r, and writes it where that needs no waiting. It blocks while the requester's own queue is full. With ErrDown, ErrClosed,
// ErrNoAction or ctx's error Receive is not called; otherwise it is called until Last. Actions of one
// requester are sent in the order in which Send is called.
func (q *Requester) Send(ctx context.Context, r Request) error {
	s := q.session
	p := &pending{request: r, name: r.Action.Action(), requester: q}
	if p.name == "" {
		return ErrNoAction
	}
	if i := r.Action.Index("ActionID"); i >= 0 {
		_, value := r.Action.Header(i)
		p.original, p.given = strings.Clone(value), true // outlives the action
	}
	if p.request.Timeout <= 0 {
		p.request.Timeout = s.config.ActionTimeout
	}
	p.due = time.Now().Add(p.request.Timeout)
	for {
		queued, err := q.enqueue(p)
		if queued || err != nil {
			return err
		}
		if err := q.waitForRoom(ctx); err != nil {
			return err
		}
	}
}

// enqueue puts p into the queue if there is room, and has it written.
func (q *Requester) enqueue(p *pending) (queued bool, err error) {
	s := q.session
	s.mu.Lock()
	if queued, err = q.enqueueLocked(p); !queued {
		s.mu.Unlock()
		return false, err
	}
	s.writeNow()
	return true, nil
}

// enqueueLocked is the part of enqueue that needs the session's mu.
func (q *Requester) enqueueLocked(p *pending) (queued bool, err error) {
	s := q.session
	switch {
	case q.closed:
		return false, ErrClosed
	case !s.status.Up:
		return false, fmt.Errorf("%s: %w: %s", s.config.Name, ErrDown, s.status.Reason)
	case q.full():
		q.blocked++
		return false, nil
	}
	q.push(p)
	s.ready.add(q)
	if s.waitingDue.IsZero() || p.due.Before(s.waitingDue) {
		s.waitingDue = p.due
		s.wakeReader(p.due)
	}
	return true, nil
}

// waitForRoom waits until the queue has got shorter.
func (q *Requester) waitForRoom(ctx context.Context) error {
	var err error
	select {
	case <-q.room:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	q.session.mu.Lock()
	q.blocked--
	if !q.full() { // room for one may be room for several
		q.admit()
	}
	q.session.mu.Unlock()
	return err
}

// full tells whether a Send has to wait. Those who wait do not wake each other then: they would do nothing else. The session's
// mu is held.
func (q *Requester) full() bool {
	return q.waiting == q.session.config.Queue && q.session.status.Up && !q.closed
}

// admit lets one waiting Send look again.
func (q *Requester) admit() {
	if q.blocked > 0 {
		select {
		case q.room <- struct{}{}:
		default:
		}
	}
}

// Close says that the client has gone: what waits is dropped, and no further Receive begins.
func (q *Requester) Close() {
	s := q.session
	s.mu.Lock()
	defer s.mu.Unlock()
	q.closed = true
	delete(s.requesters, q)
	for q.pop() != nil {
	}
}

// push and pop are the queue; the session's mu is held.
func (q *Requester) push(p *pending) {
	if q.last == nil {
		q.first = p
	} else {
		q.last.next = p
	}
	q.last = p
	q.waiting++
}

func (q *Requester) pop() *pending {
	p := q.first
	if p == nil {
		q.admit()
		return nil
	}
	q.first, p.next = p.next, nil
	if q.first == nil {
		q.last = nil
	}
	q.waiting--
	q.admit()
	return p
}
