package asterisk

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"
)

// session is a connection to the manager, just good enough to see an Asterisk
// start and to prove that it answers. It may be used by one goroutine at a time.
type session struct {
	net.Conn
	reader *bufio.Reader
	banner string
}

// message is one block of AMI, by its lines.
type message []string

// get returns the value of the first header of that name, in the spelling
// Asterisk uses.
func (m message) get(name string) string {
	for _, line := range m {
		if value, found := strings.CutPrefix(line, name+": "); found {
			return value
		}
	}
	return ""
}

// connect opens a session and reads the banner. Everything done with it fails
// after the timeout.
func connect(address string, timeout time.Duration) (*session, error) {
	deadline := time.Now().Add(timeout)
	conn, err := (&net.Dialer{Deadline: deadline}).Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &session{Conn: conn, reader: bufio.NewReader(conn)}
	conn.SetDeadline(deadline)
	if s.banner, err = s.line(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("read banner: %w", err)
	}
	return s, nil
}

// login opens a session of a user, all its events on.
func login(address, username, secret string, timeout time.Duration) (*session, error) {
	s, err := connect(address, timeout)
	if err != nil {
		return nil, err
	}
	response, _, err := s.act("Login", "Username: "+username, "Secret: "+secret)
	if err == nil && response.get("Response") != "Success" {
		err = fmt.Errorf("login of %s: %s", username, response.get("Message"))
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// act sends an action and returns its response and, if there is one, the list
// after it without the event that ends it. Other events are dropped.
func (s *session) act(action string, headers ...string) (message, []message, error) {
	lines := append([]string{"Action: " + action, "ActionID: 1"}, headers...)
	if _, err := fmt.Fprintf(s, "%s\r\n\r\n", strings.Join(lines, "\r\n")); err != nil {
		return nil, nil, err
	}
	// Events may have a header of that name too.
	response, err := s.await(func(m message) bool { return strings.HasPrefix(m[0], "Response: ") })
	if err != nil || response.get("EventList") != "start" {
		return response, nil, err
	}
	var items []message
	for {
		item, err := s.await(func(m message) bool { return m.get("ActionID") == "1" })
		if err != nil || item.get("EventList") == "Complete" {
			return response, items, err
		}
		items = append(items, item)
	}
}

// awaitEvent reads up to an event of that name.
func (s *session) awaitEvent(name string) (message, error) {
	return s.await(func(m message) bool { return m.get("Event") == name })
}

// await reads up to a message that is wanted.
func (s *session) await(wanted func(message) bool) (message, error) {
	for {
		m, err := s.message()
		if err != nil || wanted(m) {
			return m, err
		}
	}
}

func (s *session) message() (message, error) {
	var m message
	for {
		line, err := s.line()
		switch {
		case err != nil:
			return nil, err
		case line != "":
			m = append(m, line)
		case len(m) > 0:
			return m, nil
		}
	}
}

func (s *session) line() (string, error) {
	line, err := s.reader.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}
