package proxy

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/upstream"
)

// Sender sends actions as the proxy itself: nobody's rights are asked. It has its turn among the clients. Any
// number of goroutines may use it. Close it.
type Sender struct {
	proxy *Proxy
	name  string // for the log

	mu    sync.Mutex
	turns map[*server]*turn
	ended bool
}

// turn is a Sender's place at a server.
type turn struct {
	requester *upstream.Requester
	users     int // of Sends under way; guarded by Sender.mu
}

// NewSender makes a Sender that the log calls by that name.
func (p *Proxy) NewSender(name string) *Sender {
	return &Sender{proxy: p, name: name, turns: map[*server]*turn{}}
}

// ErrUnknownServer is said of a name that no server has; ErrSenderClosed after Close.
var (
	ErrUnknownServer = errors.New("there is no such server")
	ErrSenderClosed  = errors.New("the sender is closed")
)

// Send sends one action and returns the whole answer: the response, and what follows it. The error is
// ErrUnknownServer, ErrSenderClosed, one of package upstream's, or ctx's.
func (s *Sender) Send(ctx context.Context, server string, action ami.Message) ([]ami.Message, error) {
	if err := ami.CheckAction(action); err != nil {
		return nil, err
	}
	to := s.proxy.server(server)
	if to == nil {
		return nil, fmt.Errorf("%s: %w", server, ErrUnknownServer)
	}
	t, err := s.begin(to)
	if err != nil {
		return nil, err
	}
	defer s.end(to, t)
	answer := &whole{server: to, actionID: action.ActionID(), done: make(chan struct{})}
	request := upstream.Request{Action: action, Receiver: answer, Client: s.name}
	if err := t.requester.Send(ctx, request); err != nil {
		return nil, err
	}
	select {
	case <-answer.done:
		return answer.messages, answer.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// begin is the turn at a server, which end gives back.
func (s *Sender) begin(to *server) (*turn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, ErrSenderClosed
	}
	t := s.turns[to]
	if t == nil {
		t = &turn{requester: to.session.NewRequester()}
		s.turns[to] = t
	}
	t.users++
	return t, nil
}

func (s *Sender) end(to *server, t *turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.users--; t.users == 0 && to.dropped.Load() && s.turns[to] == t {
		t.requester.Close()
		delete(s.turns, to)
	}
}

// Close ends it. A Send that is under way returns when its ctx ends.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, t := range s.turns {
		t.requester.Close()
	}
	clear(s.turns)
}

// whole is the answer to one action while it comes. What is in it is the reader's until done is closed.
type whole struct {
	server   *server
	actionID string
	messages []ami.Message
	err      error
	done     chan struct{}
	ended    bool
}

// Receive implements upstream.Receiver.
func (w *whole) Receive(r upstream.Reply) {
	if w.ended {
		return // a straggler
	}
	if w.err = r.Err; r.Err == nil && !r.Message.IsZero() {
		w.messages = append(w.messages, w.shown(r.Message))
	}
	if r.Last {
		w.ended = true
		close(w.done)
	}
}

// shown is a message with the action's own ActionID in the place of the token, or none.
func (w *whole) shown(m ami.Message) ami.Message {
	line := w.server.session.TokenLine(m)
	if line < 0 {
		return m
	}
	replacement := ""
	if w.actionID != "" {
		replacement = "ActionID: " + w.actionID + "\r\n"
	}
	return m.Replacing(line, replacement)
}
