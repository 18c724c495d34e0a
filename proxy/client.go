package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// maxUnread is how many bytes of answers a client may leave unread before no more of its actions
// are taken.
const maxUnread = 1 << 20

// farewellPatience is how long the answers to what a client has sent may still take when it has
// ended its input, or asked to be logged off.
const farewellPatience = 2 * time.Minute

// Client is one connection of somebody, with its stream of answers and events. Its door's reading
// goroutine alone calls its methods, but for what proxy and session goroutines do to it.
type Client struct {
	asker

	// set at construction
	stream    *feed.Stream
	local     string // the address it has come to
	encrypted bool

	encoding atomic.Pointer[Encoding] // of what is written from now on
	input    atomic.Pointer[string]   // what its actions come in, for ListSessions

	dismissed atomic.Bool           // nothing of what it sends is done any more
	farewell  atomic.Pointer[error] // why it is to be closed behind all that was said

	// owned by the door's goroutine
	challenge string
	certified *access.User // whom the connection's certificate shows; nil: it has none
	connected *access.User // whose connection it counts as; nil: nobody's
	searching search       // what its filters count as
	waiting   *eventWait   // a WaitEvent that has not ended

	// changed by the door's goroutine with selecting held, under which others read them
	selecting sync.Mutex
	mask      ami.Class
	filters   filters.Set // that it added
	selected  bool        // the events have begun
}

// NewClient makes a client of a connection, which is written and closed by the proxy from now on.
// The door greets it, reads it, and calls Close at the end.
func (p *Proxy) NewClient(conn net.Conn, e Encoding) *Client {
	c := &Client{
		asker:  p.newAsker(conn.RemoteAddr().String()),
		stream: p.feed.Open(conn, feed.Disconnect),
		local:  conn.LocalAddr().String(),
	}
	_, c.encrypted = conn.(*tls.Conn)
	c.output = c
	c.encoding.Store(&e)
	p.mu.Lock()
	p.clients[c] = struct{}{}
	p.mu.Unlock()
	return c
}

// Greet sends the banner, the fallback while no server was ever reached.
func (c *Client) Greet(fallback string) { c.Write([]byte(c.proxy.banner(fallback) + "\r\n")) }

// Write sends bytes of the door's own protocol, whole, between two messages. It never waits. Any
// goroutine.
func (c *Client) Write(whole []byte) {
	c.stream.Send(func(dst []byte) []byte { return append(dst, whole...) })
}

// Done is closed when the connection is closed.
func (c *Client) Done() <-chan struct{} { return c.stream.Done() }

// Err says why the connection was closed; nil: all was said. Valid when Done is closed.
func (c *Client) Err() error { return c.stream.Err() }

// queue implements output.
func (c *Client) queue(m ami.Message, o formats.Options, _ Reason) {
	c.stream.Queue(func(dst []byte) []byte { return c.encoding.Load().append(dst, m, o, "") })
}

// flush implements output.
func (c *Client) flush() { c.stream.Flush() }

// wake implements output.
func (c *Client) wake() { c.stream.Wake() }

// gone implements output.
func (c *Client) gone() <-chan struct{} { return c.stream.Done() }

// own is a message of the proxy's as this client gets it.
func (c *Client) own(m ami.Message) []byte { return c.encoding.Load().own(m, "") }

// sendEvents sends, behind an answer, the events of a mask and of filters that the client may see, and
// everything else in an encoding.
func (c *Client) sendEvents(answer ami.Message, mask ami.Class, set filters.Set, e *Encoding) {
	for c.waitForLists() && !c.trySendEvents(answer, mask, set, e) {
	}
}

// trySendEvents is sendEvents unless a list of the client's is under way.
func (c *Client) trySendEvents(answer ami.Message, mask ami.Class, set filters.Set, e *Encoding) bool {
	c.selecting.Lock()
	defer c.selecting.Unlock()
	change := c.stream.Prepare(c.proxy.selection(c.user.Load(), mask, set, *e))
	sent := c.unlessListing(func() {
		c.mask, c.filters = mask, set
		c.makeLocked(change, e, func(dst []byte) []byte { return e.append(dst, answer, formats.Options{}, "") })
	})
	if !sent {
		change.Drop()
	}
	return sent
}

// selectEvents sends the events that the client may see and has asked for behind what reply appends, and
// everything else in an encoding.
func (c *Client) selectEvents(e *Encoding, reply func(dst []byte) []byte) {
	c.selecting.Lock()
	defer c.selecting.Unlock()
	c.makeLocked(c.stream.Prepare(c.selection(*e)), e, reply)
}

func (c *Client) makeLocked(change *feed.Change, e *Encoding, reply func(dst []byte) []byte) {
	c.selected = true
	change.Make(func(dst []byte) []byte {
		c.encoding.Store(e)
		return reply(dst)
	})
}

// selection is the events the client may see and has asked for. With selecting held.
func (c *Client) selection(e Encoding) *feed.Selection {
	return c.proxy.selection(c.user.Load(), c.mask, c.filters, e)
}

// finish sends a last message, and what the door has for the end.
func (c *Client) finish(last ami.Message, reason error) {
	if reason != nil {
		c.farewell.CompareAndSwap(nil, &reason)
	}
	var bytes []byte
	if !last.IsZero() {
		bytes = c.own(last)
	}
	c.stream.Finish(c.encoding.Load().appendEnd(bytes, reason))
}

// RefuseAndClose answers what could not be read as an action, and closes: the bytes behind it could be
// anything.
func (c *Client) RefuseAndClose(m ami.Message, reason error) {
	c.log().Warn("input refused", "reason", reason)
	c.endWait()
	c.waitForAnswers()
	c.finish(ami.NewError(m.ActionID(), reason.Error()), reason)
	<-c.stream.Done()
}

// End closes with a last word of the door's own protocol behind all that was said: answers that have
// not come are not waited for.
func (c *Client) End(last []byte) {
	c.endWait()
	c.stream.Finish(last)
	<-c.stream.Done()
}

// EndOfInput is for a client that has sent all it will: it gets its answers, then the end.
func (c *Client) EndOfInput() {
	c.endWait()
	c.waitForAnswers()
	c.finish(ami.Message{}, ErrDisconnected)
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
	c.close()
	c.proxy.limits.replaceSearch(c.searching, search{})
	c.searching = search{}
	if c.connected != nil {
		c.proxy.limits.disconnect(c.connected)
		c.connected = nil
	}
	c.proxy.mu.Lock()
	delete(c.proxy.clients, c)
	c.proxy.mu.Unlock()
	if user := c.user.Load(); user != nil {
		c.log().Info("client gone", "user", user, "reason", c.ending(), "seconds", int(time.Since(c.started).Seconds()))
	}
}

// Abandon breaks the connection off, so that whoever serves the client finds its end. Any goroutine.
func (c *Client) Abandon(reason error) { c.stream.Close(reason) }

// ending is why the client has gone.
func (c *Client) ending() error {
	err, farewell := c.stream.Err(), c.farewell.Load()
	switch {
	case err == nil && farewell != nil:
		return *farewell
	case err == nil:
		return ErrLoggedOff
	}
	return err
}

// Why a client's connection ended: the client has closed it, it asked for that, the proxy stops, or
// nobody is let in by such a name and secret.
var (
	ErrDisconnected = errors.New("the client closed the connection")
	ErrLoggedOff    = errors.New("logged off")
	ErrStopping     = feed.ErrStopped
	ErrLogin        = errors.New("the login failed")
)

// WaitForRoom waits while the client leaves its answers unread: its own matter, and bounded by the
// write timeout. Handle does so by itself; a door does where it answers what it reads by Write.
func (c *Client) WaitForRoom() {
	for room := c.stream.Room(maxUnread); room != nil; room = c.stream.Room(maxUnread) {
		select {
		case <-room:
		case <-c.stream.Done():
			return
		}
	}
}

// admit makes the client one who has logged in.
func (c *Client) admit(user *access.User, mask ami.Class, set filters.Set) {
	c.selecting.Lock()
	c.mask, c.filters = mask, set
	c.setUser(user)
	c.selecting.Unlock()
	c.log().Info("client logged in", "user", user)
	c.renew(c.proxy.Users()) // if there was a reload since he was looked for
}

// setUser gives the client a user. With selecting held.
func (c *Client) setUser(user *access.User) {
	policy := feed.Disconnect
	if user.SlowClient() == access.SlowClientSkip {
		policy = feed.Skip
	}
	c.stream.SetPolicy(policy)
	c.user.Store(user)
}
