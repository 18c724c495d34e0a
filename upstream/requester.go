package upstream

import (
	"context"
	"errors"
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
)

// Request is one action of a client.
type Request struct {
	Action   ami.Message // judged by ami.CheckAction; its ActionID is replaced by a token
	Without  []string    // headers that are left out, such as "Server"
	Receiver Receiver
	Client   string // who asks, for the log

	// Originate makes the request one for an Originate with Async: true that stands for a
	// synchronous one: it is the time to wait for OriginateResponse after the response.
	Originate time.Duration
	Timeout   time.Duration // 0 is Config.ActionTimeout
}

// Receiver gets the replies to a request.
type Receiver interface {
	// Receive is called on a goroutine of the session. It must not block nor call Send.
	Receive(r Reply)
}

// Reply is one message of the answer to a request, or the news that there will be none.
type Reply struct {
	// Message is as Asterisk sent it, so its ActionID is the token. It is zero when Err is not
	// nil, and for an action that answers with nothing.
	Message ami.Message
	Last    bool  // nothing more comes for this request
	Err     error // ErrNotSent, ErrOutcomeUnknown or ErrTimeout, wrapped; then Last is true
}

// Requester is one client's place among those who want something of a session.
type Requester struct{ session *Session }

// NewRequester makes a place for a client. It is given back by Close.
func (s *Session) NewRequester() *Requester { return &Requester{session: s} }

// Send queues r. It blocks while the requester's own queue is full. With ErrDown, ErrClosed or
// ctx's error Receive is not called; otherwise it is called until Last.
func (q *Requester) Send(ctx context.Context, r Request) error { return ErrDown }

// Close says that the client has gone: what waits is dropped, and nothing more is delivered.
func (q *Requester) Close() {}
