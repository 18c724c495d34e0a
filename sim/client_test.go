package sim_test

import (
	"fmt"
	"net"
	"testing"
	"testing/synctest"
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

// bubble runs f with a simulated Asterisk in a synctest bubble: its clock stands still until everybody waits.
func bubble(t *testing.T, config sim.Config, f func(t *testing.T, s *sim.Server, l *simtest.Listener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := simtest.NewListener()
		f(t, simtest.Serve(t, config, l), l)
	})
}

// join logs in over l.
func join(t *testing.T, l *simtest.Listener, more ...string) *client {
	t.Helper()
	c := connect(t, l)
	c.login("astproxy", "secret", more...)
	return c
}

// connect connects over l.
func connect(t *testing.T, l *simtest.Listener) *client {
	t.Helper()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := newClient(t, conn)
	_ = conn.SetDeadline(time.Time{})
	return c
}

// until reads events up to one called name, and returns the names of all of them.
func (c *client) until(name string) (all []string) {
	c.t.Helper()
	for {
		var m ami.Message
		if len(c.events) > 0 {
			m, c.events = c.events[0], c.events[1:]
		} else {
			m = c.read()
		}
		all = append(all, m.Event())
		if m.Event() == name {
			return all
		}
	}
}

// wantMessage checks the Message of a response.
func wantMessage(t testing.TB, m ami.Message, text string) {
	t.Helper()
	if m.Get("Message") != text {
		t.Errorf("got %q, want %q in\n%s", m.Get("Message"), text, m)
	}
}
