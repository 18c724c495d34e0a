package migration_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// session is a client's connection.
type session struct {
	net.Conn
	t      *testing.T
	reader *bufio.Reader
}

func dial(t *testing.T, address string) *session {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(proxytest.Patience))
	return &session{conn, t, bufio.NewReader(conn)}
}

// send sends lines with the line ends that a client gives them, and the blank line of an action behind.
func (s *session) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s, strings.ReplaceAll(text, "\n", "\r\n")+"\r\n\r\n"); err != nil {
		s.t.Fatal(err)
	}
}

// line reads the banner.
func (s *session) line() string {
	s.t.Helper()
	line, err := s.reader.ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// block reads up to a blank line; false: the connection ended instead.
func (s *session) block() (string, bool) {
	s.t.Helper()
	var b strings.Builder
	for {
		line, err := s.reader.ReadString('\n')
		b.WriteString(line)
		switch {
		case errors.Is(err, io.EOF):
			return b.String(), false
		case err != nil:
			s.t.Fatalf("%v behind %q", err, b.String())
		case strings.TrimSpace(line) == "" && strings.TrimSpace(b.String()) != "":
			return b.String(), true
		}
	}
}

// blocks reads so many, or up to the end.
func (s *session) blocks(count int) (text string, ended bool) {
	s.t.Helper()
	for range count {
		block, open := s.block()
		text += block
		if !open {
			return text, true
		}
	}
	return text, false
}

// rest reads up to the end.
func (s *session) rest() string {
	s.t.Helper()
	text, err := io.ReadAll(s.reader)
	if err != nil {
		s.t.Fatalf("%v behind %q", err, text)
	}
	return string(text)
}
