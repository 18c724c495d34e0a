//go:build linux

package cost

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// A session is one manager client, as light as can be: what it costs does not matter, but there are hundreds.
type session struct {
	net.Conn
	reader *bufio.Reader
	buffer []byte // the latest message
	asked  int
}

// open connects to an address and logs in as the user who may all. He wants all events.
func open(tb testing.TB, address string, s *asterisk.Server) *session {
	tb.Helper()
	conn, err := net.DialTimeout("tcp", address, proxytest.Patience)
	if err != nil {
		tb.Fatal(err)
	}
	c := &session{Conn: conn, reader: bufio.NewReaderSize(conn, 16<<10)}
	conn.SetDeadline(time.Now().Add(proxytest.Patience))
	if _, err := c.reader.ReadString('\n'); err != nil {
		tb.Fatal(err)
	}
	if answer := c.ask(tb, "Login", "Username: "+s.Username, "Secret: "+s.Secret); !strings.HasPrefix(answer, "Response: Success") {
		tb.Fatal(answer)
	}
	conn.SetDeadline(time.Time{})
	return c
}

// openAll is open for n.
func openAll(tb testing.TB, address string, s *asterisk.Server, n int) (all []*session) {
	tb.Helper()
	for range n {
		all = append(all, open(tb, address, s))
	}
	return all
}

func closeAll(all []*session) {
	for _, c := range all {
		c.Close()
	}
}

// send sends an action and returns its ActionID.
func (c *session) send(action string, headers ...string) (id string, err error) {
	c.asked++
	id = fmt.Sprintf("cost-%d", c.asked)
	_, err = c.Write([]byte(proxytest.Block(action, append(headers, "ActionID: "+id)...)))
	return id, err
}

// ask sends an action and returns its response. Events that come before are dropped.
func (c *session) ask(tb testing.TB, action string, headers ...string) string {
	tb.Helper()
	id, err := c.send(action, headers...)
	for err == nil {
		var m []byte
		if m, err = c.message(); bytes.HasPrefix(m, responseStart) && bytes.Contains(m, []byte("\r\nActionID: "+id+"\r\n")) {
			return string(m)
		}
	}
	tb.Fatalf("%s: %v", action, err)
	return ""
}

var (
	responseStart = []byte("Response: ")
	successStart  = []byte("Response: Success\r\n")
	eventStart    = []byte("Event: ")
	listEnd       = []byte("\r\nEventList: Complete\r\n")
)

// list sends an action and counts the items of the list it is answered with.
func (c *session) list(action string) (items int, err error) {
	id, err := c.send(action)
	mine := []byte("\r\nActionID: " + id + "\r\n")
	for err == nil {
		var m []byte
		m, err = c.message()
		switch {
		case !bytes.Contains(m, mine):
		case bytes.HasPrefix(m, successStart):
		case !bytes.HasPrefix(m, eventStart):
			return items, fmt.Errorf("%s: %s", action, m)
		case bytes.Contains(m, listEnd):
			return items, nil
		default:
			items++
		}
	}
	return items, err
}

// message reads up to the next empty line. It is valid until the next.
func (c *session) message() ([]byte, error) {
	c.buffer = c.buffer[:0]
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		c.buffer = append(c.buffer, line...)
		if len(line) <= 2 && len(c.buffer) > 2 {
			return c.buffer, nil
		}
	}
}
