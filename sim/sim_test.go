package sim_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// client is a manager client that tests read replies and events with.
type client struct {
	t      testing.TB
	conn   net.Conn
	reader *ami.Reader
	events []ami.Message // broadcasts that came while something else was awaited
	number int
}

func dial(t testing.TB, s *sim.Server) *client {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return newClient(t, conn)
}

func newClient(t testing.TB, conn net.Conn) *client {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	c := &client{t: t, conn: conn, reader: ami.NewReplyReader(conn, ami.ReplyLimits)}
	if _, err := c.reader.ReadLine(); err != nil {
		t.Fatal(err)
	}
	return c
}

func login(t testing.TB, s *sim.Server, more ...string) *client {
	t.Helper()
	c := dial(t, s)
	c.login("astproxy", "secret", more...)
	return c
}

func (c *client) login(user, secret string, more ...string) {
	c.t.Helper()
	r := c.ask(append([]string{"Login", "Username", user, "Secret", secret}, more...)...)
	if r.Get("Message") != "Authentication accepted" {
		c.t.Fatalf("login: %v", r)
	}
}

// send sends an action: its name, then names and values of headers.
func (c *client) send(headers ...string) {
	c.t.Helper()
	b := ami.NewAction(headers[0])
	for i := 1; i+1 < len(headers); i += 2 {
		b.Add(headers[i], headers[i+1])
	}
	if _, err := fmt.Fprintf(c.conn, "%s\r\n", b.Message().Raw()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) read() ami.Message {
	c.t.Helper()
	m, err := c.reader.Read()
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// ask sends an action and returns its response; broadcasts before it are kept for event.
func (c *client) ask(headers ...string) ami.Message {
	c.t.Helper()
	c.send(headers...)
	return c.response()
}

func (c *client) response() ami.Message {
	c.t.Helper()
	for {
		m := c.read()
		if m.IsResponse() {
			return m
		}
		c.events = append(c.events, m)
	}
}

// event returns the next event called name that matches the given headers.
func (c *client) event(name string, headers ...string) ami.Message {
	c.t.Helper()
	matches := func(m ami.Message) bool {
		for i := 0; i+1 < len(headers); i += 2 {
			if m.Get(headers[i]) != headers[i+1] {
				return false
			}
		}
		return m.Event() == name
	}
	for i, m := range c.events {
		if matches(m) {
			c.events = c.events[i+1:]
			return m
		}
	}
	c.events = nil
	for {
		if m := c.read(); matches(m) {
			return m
		}
	}
}

// list asks for a list and returns its response and items, the last one included.
func (c *client) list(headers ...string) []ami.Message {
	c.t.Helper()
	all := []ami.Message{c.ask(headers...)}
	for all[0].Response() == "Success" {
		m := c.read()
		all = append(all, m)
		if m.ClosesList() {
			break
		}
	}
	return all
}

func TestSynchronousOriginateHoldsItsSession(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	other := login(t, s)
	c.send("Originate", "ActionID", "slow", "Channel", "Local/2001@default", "Exten", "1001", "Context", "default", "Priority", "1", "Timeout", "100")
	c.send("Ping", "ActionID", "ping")
	other.event("Newchannel", "Exten", "2001")
	if r := other.ask("Ping"); r.Get("Ping") != "Pong" {
		t.Errorf("another session's Ping got %v", r)
	}
	if r := c.response(); r.ActionID() != "slow" || r.Get("Message") != "Originate failed" {
		t.Errorf("first reply is %v", r)
	}
	if r := c.response(); r.ActionID() != "ping" {
		t.Errorf("second reply is %v", r)
	}
	c.event("Newchannel", "Exten", "2001")
}

func TestAsynchronousOriginate(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	r := c.ask("Originate", "ActionID", "a", "Async", "true", "Channel", "Local/1001@default", "Exten", "1002", "Context", "default", "Priority", "1")
	if r.Get("Message") != "Originate successfully queued" {
		t.Fatal(r)
	}
	e := c.event("OriginateResponse")
	if e.ActionID() != "a" || e.Get("Reason") != "4" {
		t.Error(e)
	}
	if l := c.list("CoreShowChannels"); len(l) != 4 || l[3].Get("ListItems") != "2" {
		t.Error(l)
	}
	c.list("Hangup", "Channel", "/.*/")
	c.event("Hangup")
	c.event("Hangup")
	if l := c.list("CoreShowChannels"); len(l) != 2 {
		t.Error(l)
	}
}

func TestAwait(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	c.send("Ping", "ActionID", "here")
	m, err := s.Await(context.Background(), func(m ami.Message) bool { return m.Action() == "Ping" })
	if err != nil || m.ActionID() != "here" {
		t.Error(m, err)
	}
}
