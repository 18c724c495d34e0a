package transcript_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is for whatever comes at once: only a failure takes that long.
const patience = 30 * time.Second

// session is a client's connection, which keeps every byte it gets.
type session struct {
	endpoint endpoint
	conn     *net.TCPConn
	reader   *bufio.Reader
	banner   string
}

func newSession(e endpoint, conn *net.TCPConn) *session {
	return &session{endpoint: e, conn: conn, reader: bufio.NewReader(conn)}
}

// open connects and reads the banner. The connection ends with the test.
func open(t *testing.T, e endpoint) *session {
	t.Helper()
	conn, err := net.Dial("tcp", e.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := newSession(e, conn.(*net.TCPConn))
	s.banner, err = s.line()
	if err != nil {
		t.Fatalf("%s: no banner: %v", e.name, err)
	}
	return s
}

// login logs in, with a mask of events unless it is empty, and returns the session.
func (s *session) login(t *testing.T, user, secret, events string) *session {
	t.Helper()
	lines := []string{"Action: Login", "Username: " + user, "Secret: " + secret}
	if events != "" {
		lines = append(lines, "Events: "+events)
	}
	s.write(t, strings.Join(lines, "\r\n")+"\r\n\r\n")
	if answer := s.message(t); !strings.Contains(answer, "Message: Authentication accepted\r\n") {
		t.Fatalf("%s: login: %q", s.endpoint.name, answer)
	}
	return s
}

// admin opens a session of the user that may all, without events.
func admin(t *testing.T, e endpoint) *session {
	t.Helper()
	return open(t, e).login(t, e.asterisk.Username, e.asterisk.Secret, "off")
}

func (s *session) write(t *testing.T, text string) {
	t.Helper()
	s.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(s.conn, text); err != nil {
		t.Fatalf("%s: %v", s.endpoint.name, err)
	}
}

// line reads one line with its line end.
func (s *session) line() (string, error) {
	s.conn.SetReadDeadline(time.Now().Add(patience))
	return s.reader.ReadString('\n')
}

// read reads one message, the blank line that ends it included. An empty block is a message too.
func (s *session) read() (string, error) {
	var m strings.Builder
	for {
		line, err := s.line()
		m.WriteString(line)
		if err != nil || line == "\r\n" {
			return m.String(), err
		}
	}
}

func (s *session) message(t *testing.T) string {
	t.Helper()
	m, err := s.read()
	if err != nil {
		t.Fatalf("%s: %v behind %q", s.endpoint.name, err, m)
	}
	return m
}

// awaitEvent reads up to an event of that name.
func (s *session) awaitEvent(t *testing.T, name string) {
	t.Helper()
	for !strings.HasPrefix(s.message(t), "Event: "+name+"\r\n") {
	}
}

// ask sends an action and returns every byte that comes up to the answer of a Ping behind it.
func (s *session) ask(t *testing.T, action string) string {
	t.Helper()
	return strings.Join(s.askMessages(t, action), "")
}

// askMessages is ask, with the messages apart.
func (s *session) askMessages(t *testing.T, action string) []string {
	t.Helper()
	s.write(t, action)
	return s.upToFence(t)
}

// upToFence sends a Ping and returns what comes before its answer. It has no ActionID: only so does the
// proxy, as Asterisk does anyhow, answer everything else before.
func (s *session) upToFence(t *testing.T) []string {
	t.Helper()
	s.write(t, crlf("Action: Ping"))
	var got []string
	for {
		m := s.message(t)
		if strings.HasPrefix(m, "Response: Success\r\nPing: Pong\r\n") {
			return got
		}
		got = append(got, m)
	}
}

// rest reads up to the end of the connection, and says how it ended.
func (s *session) rest(t *testing.T) (messages []string, end string) {
	t.Helper()
	for {
		m, err := s.read()
		if m != "" {
			messages = append(messages, m)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return messages, "closed"
		case errors.Is(err, syscall.ECONNRESET):
			return messages, "reset"
		default:
			t.Fatalf("%s: not closed: %v; so far %q", s.endpoint.name, err, messages)
		}
	}
}

// crlf writes an action as a client does: its lines, and the blank line that ends it.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }
