package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// maxUnread is how many bytes of answers a client may leave unread before no more of its actions
// are taken.
const maxUnread = 1 << 20

// farewellPatience is how long the answers to what a client has sent may still take when it has
// ended its input, or asked to be logged off.
const farewellPatience = 2 * time.Minute

// Client is one connection of somebody. Its door's reading goroutine alone calls its methods, but
// for what proxy and session goroutines do to it.
type Client struct {
	// set at construction
	proxy   *Proxy
	stream  *feed.Stream
	remote  string
	log     *slog.Logger
	started time.Time

	// owned by the door's goroutine
	challenge  string
	read, mask ami.Class
	filters    filters.Set
	requesters map[*server]*upstream.Requester
	waiting    *eventWait // a WaitEvent that has not ended

	user       atomic.Pointer[access.User]
	originates atomic.Int64 // synchronous ones outstanding, of those counted for the user

	// guarded by mu
	mu          sync.Mutex
	outstanding int           // actions without their last answer
	idle        chan struct{} // closed when outstanding falls to zero; nil: nobody waits
	lastID      string        // ActionID of the latest action, for ListSessions
}

// NewClient makes a client of a connection, which is written and closed by the proxy from now on.
// The door greets it, reads it, and calls Close at the end.
func (p *Proxy) NewClient(conn net.Conn) *Client {
	c := &Client{
		proxy:      p,
		stream:     p.feed.Open(conn, feed.Disconnect),
		remote:     conn.RemoteAddr().String(),
		started:    time.Now(),
		requesters: map[*server]*upstream.Requester{},
	}
	c.log = p.log.With("client", c.remote)
	p.mu.Lock()
	p.clients[c] = struct{}{}
	p.mu.Unlock()
	return c
}

// Authenticated tells whether the client has logged in. Any goroutine.
func (c *Client) Authenticated() bool { return c.user.Load() != nil }

// Greet sends the banner, the fallback while no server was ever reached.
func (c *Client) Greet(fallback string) {
	banner := c.proxy.banner(fallback) + "\r\n"
	c.stream.Send(func(dst []byte) []byte { return append(dst, banner...) })
}

// Done is closed when the connection is closed.
func (c *Client) Done() <-chan struct{} { return c.stream.Done() }

// send writes a message of the proxy's own at the present place of the client's stream.
func (c *Client) send(m ami.Message) {
	c.stream.Send(func(dst []byte) []byte { return formats.AppendStandard(dst, m, "") })
}

func encode(m ami.Message, server string) []byte { return formats.AppendStandard(nil, m, server) }

// RefuseAndClose answers what could not be read as an action, and closes: the bytes behind it could be
// anything.
func (c *Client) RefuseAndClose(m ami.Message, reason error) {
	c.log.Warn("input refused", "reason", reason)
	c.endWait()
	c.waitForAnswers()
	c.stream.Finish(encode(ami.NewError(m.ActionID(), reason.Error()), ""))
	<-c.stream.Done()
}

// EndOfInput is for a client that has sent all it will: it gets its answers, then the end.
func (c *Client) EndOfInput() {
	c.endWait()
	c.waitForAnswers()
	c.stream.Finish(nil)
	<-c.stream.Done()
}

// waitForAnswers waits until every action is answered, with patience.
func (c *Client) waitForAnswers() {
	patience, cancel := context.WithTimeout(context.Background(), farewellPatience)
	defer cancel()
	c.waitIdle(patience.Done())
}

// Close ends the client, for whatever reason its door has. It may be called more than once.
func (c *Client) Close(reason error) {
	c.endWait()
	c.stream.Close(reason)
	<-c.stream.Done()
	for _, q := range c.requesters {
		q.Close()
	}
	c.forgetOriginates()
	c.proxy.mu.Lock()
	delete(c.proxy.clients, c)
	c.proxy.mu.Unlock()
	if user := c.user.Load(); user != nil {
		c.log.Info("client gone", "user", user, "reason", errText(c.stream.Err()), "seconds", int(time.Since(c.started).Seconds()))
	}
}

func errText(err error) string {
	if err == nil {
		return "logged off"
	}
	return err.Error()
}

// ErrDisconnected is the reason for a connection the client has closed.
var ErrDisconnected = errors.New("the client closed the connection")

func (c *Client) shutdown(event ami.Message) {
	var last []byte
	if c.Authenticated() {
		last = encode(event, "")
	}
	c.stream.Finish(last)
}

// begin counts an action that has to be answered, done its last answer.
func (c *Client) begin() {
	c.mu.Lock()
	c.outstanding++
	c.mu.Unlock()
}

func (c *Client) done() {
	c.mu.Lock()
	if c.outstanding--; c.outstanding == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
	c.mu.Unlock()
}

// waitIdle waits until all actions are answered, the connection is closed, or enough is.
func (c *Client) waitIdle(enough <-chan struct{}) {
	c.mu.Lock()
	if c.outstanding == 0 {
		c.mu.Unlock()
		return
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
	case <-c.stream.Done():
	case <-enough:
	}
}

// waitForRoom waits while the client leaves its answers unread: its own matter, and bounded by the
// write timeout.
func (c *Client) waitForRoom() {
	for room := c.stream.Room(maxUnread); room != nil; room = c.stream.Room(maxUnread) {
		select {
		case <-room:
		case <-c.stream.Done():
			return
		}
	}
}
