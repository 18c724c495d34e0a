package proxytest

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Client is a manager client that knows nothing of proxies. It belongs to one goroutine. Whatever
// goes wrong fails the test.
type Client struct {
	net.Conn
	Banner string

	tb     testing.TB
	reader *ami.Reader
	kept   []ami.Message // read while something else was awaited
}

// Dial connects to an address and reads the banner.
func Dial(tb testing.TB, address string) *Client {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	return NewClient(tb, conn)
}

// NewClient reads the banner from a connection.
func NewClient(tb testing.TB, conn net.Conn) *Client {
	tb.Helper()
	tb.Cleanup(func() { conn.Close() })
	c := &Client{Conn: conn, tb: tb, reader: ami.NewReplyReader(conn, ami.ReplyLimits)}
	conn.SetDeadline(time.Now().Add(Patience))
	var err error
	if c.Banner, err = c.reader.ReadLine(); err != nil {
		tb.Fatalf("reading the banner: %v", err)
	}
	return c
}

// Dial connects a client to the proxy.
func (p *Proxy) Dial(tb testing.TB) *Client {
	tb.Helper()
	return Dial(tb, p.Address)
}

// Login connects a client and logs it in as one of the test's users; more are headers of the Login.
// A FullyBooted that follows is not read.
func (p *Proxy) Login(tb testing.TB, user string, more ...string) *Client {
	tb.Helper()
	c := p.Dial(tb)
	c.Login(user, Secret, more...)
	return c
}

// Login logs a client in.
func (c *Client) Login(user, secret string, more ...string) {
	c.tb.Helper()
	r := c.Ask("Login", append([]string{"Username: " + user, "Secret: " + secret}, more...)...)
	if r.Get("Message") != "Authentication accepted" {
		c.tb.Fatalf("login of %s: %s", user, r)
	}
}

// Block is the text of an action.
func Block(action string, headers ...string) string {
	lines := slices.Concat([]string{"Action: " + action}, headers, []string{"", ""})
	return strings.Join(lines, "\r\n")
}

// Send sends an action; headers are lines.
func (c *Client) Send(action string, headers ...string) {
	c.tb.Helper()
	c.SendRaw(Block(action, headers...))
}

// SendRaw sends bytes as they are.
func (c *Client) SendRaw(text string) {
	c.tb.Helper()
	c.SetDeadline(time.Now().Add(Patience))
	if _, err := io.WriteString(c.Conn, text); err != nil {
		c.tb.Fatalf("sending %.100q: %v", text, err)
	}
}

// Read returns the next message.
func (c *Client) Read() ami.Message {
	c.tb.Helper()
	if len(c.kept) > 0 {
		m := c.kept[0]
		c.kept = c.kept[1:]
		return m
	}
	return c.receive(time.Now().Add(Patience))
}

func (c *Client) receive(until time.Time) ami.Message {
	c.tb.Helper()
	c.SetDeadline(until)
	m, err := c.reader.Read()
	if err != nil {
		c.tb.Fatalf("reading: %v", err)
	}
	return m
}

// Next returns the next message that is wanted. What it passes is kept for later, and does not prolong the wait.
func (c *Client) Next(wanted func(ami.Message) bool) ami.Message {
	c.tb.Helper()
	for i, m := range c.kept {
		if wanted(m) {
			c.kept = slices.Delete(c.kept, i, i+1)
			return m
		}
	}
	for until := time.Now().Add(Patience); ; {
		m := c.receive(until)
		if wanted(m) {
			return m
		}
		c.kept = append(c.kept, m)
	}
}

// Response returns the next response, of the proxy itself or of an Asterisk.
func (c *Client) Response() ami.Message {
	c.tb.Helper()
	return c.Next(func(m ami.Message) bool { return m.IsResponse() || m.Index("ProxyResponse") == 0 })
}

// Ask sends an action and returns the next response.
func (c *Client) Ask(action string, headers ...string) ami.Message {
	c.tb.Helper()
	c.Send(action, headers...)
	return c.Response()
}

// Event returns the next event of that name that has the given header lines.
func (c *Client) Event(name string, headers ...string) ami.Message {
	c.tb.Helper()
	return c.Next(func(m ami.Message) bool { return m.Event() == name && HasLines(m, headers...) })
}

// HasLines tells whether a message has each of the lines.
func HasLines(m ami.Message, lines ...string) bool {
	text := "\r\n" + m.Raw()
	for _, line := range lines {
		if !strings.Contains(text, "\r\n"+line+"\r\n") {
			return false
		}
	}
	return true
}

// List sends an action with that ActionID that asks for a list, and returns its response, its items
// and its end.
func (c *Client) List(actionID, action string, headers ...string) []ami.Message {
	c.tb.Helper()
	c.Send(action, append([]string{"ActionID: " + actionID}, headers...)...)
	return c.RestOfList(actionID)
}

// RestOfList returns what comes of a list that was asked for.
func (c *Client) RestOfList(actionID string) (all []ami.Message) {
	c.tb.Helper()
	for {
		m := c.Next(func(m ami.Message) bool { return m.ActionID() == actionID })
		all = append(all, m)
		if m.Response() == "Error" || m.IsEvent() && m.ClosesList() {
			return all
		}
	}
}

// Settle sends a Ping and returns everything that came before its answer: as everything the client
// had coming from before is there then, what is missing will not come.
func (c *Client) Settle() (before []ami.Message) {
	c.tb.Helper()
	c.Send("Ping", "ActionID: settle")
	for {
		m := c.Read()
		if m.IsResponse() && m.ActionID() == "settle" {
			return before
		}
		before = append(before, m)
	}
}

// Settle returns when everything that an Asterisk has sent so far has reached the feed.
func (p *Proxy) Settle(tb testing.TB) {
	tb.Helper()
	c := p.Login(tb, "user")
	defer c.Close()
	c.Settle()
}

// Kept returns the messages that Next has passed, and forgets them.
func (c *Client) Kept() []ami.Message {
	kept := c.kept
	c.kept = nil
	return kept
}

// End reads up to the end of the connection and returns what came before.
func (c *Client) End() (before []ami.Message) {
	c.tb.Helper()
	for m, open := c.ReadOrEnd(); open; m, open = c.ReadOrEnd() {
		before = append(before, m)
	}
	return before
}

// ReadOrEnd returns the next message; false: the connection has ended instead, or was reset.
func (c *Client) ReadOrEnd() (m ami.Message, open bool) {
	c.tb.Helper()
	if len(c.kept) > 0 {
		return c.Read(), true
	}
	c.SetDeadline(time.Now().Add(Patience))
	m, err := c.reader.Read()
	switch {
	case err == nil:
		return m, true
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return m, false
	}
	c.tb.Fatalf("reading: %v", err)
	return m, false
}

// CloseWrite says that no more input comes.
func (c *Client) CloseWrite() {
	c.tb.Helper()
	if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		c.tb.Fatal(err)
	}
}

// Reset breaks the connection off.
func (c *Client) Reset() {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// Up waits until the client's login names a server that is connected: until its FullyBooted or its
// ProxyServerStatus has come.
func (p *Proxy) Up(tb testing.TB, server string) {
	tb.Helper()
	c := p.Login(tb, "user")
	defer c.Close()
	for {
		if r := c.Ask("Ping", "Server: "+server); r.Get("Ping") == "Pong" {
			return
		}
		// Each answer comes back at once; the status tells when to ask again.
		c.Event("ProxyServerStatus", "Server: "+server, "Status: Connected")
	}
}
