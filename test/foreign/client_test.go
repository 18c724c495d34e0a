package foreign_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// fact is what a script tells: that something happened, and the messages the library handed out with
// it.
type fact struct {
	// Fact is connected, login, refused, answer, event or closed.
	Fact     string    `json:"fact"`
	Messages []message `json:"messages"`
}

// message is a message as a library shows it. asterisk-manager lowers the names of headers.
type message map[string]any

// get returns the value of a header that was given once, or "".
func (m message) get(name string) string {
	for key, value := range m {
		if text, isText := value.(string); isText && strings.EqualFold(key, name) {
			return text
		}
	}
	return ""
}

// action are the headers of one.
type action map[string]string

// client is a library at work, in a process of its own that ends with the test. It belongs to one
// goroutine. Whatever goes wrong fails the test.
type client struct {
	t       *testing.T
	library library
	stdin   io.Writer
	stdout  *os.File
	lines   *bufio.Reader

	unanswered int
	told       []fact // everything, in its order
	awaited    []bool // which of told were already awaited
}

// start has a library connect to an endpoint and log in.
func start(t *testing.T, l library, e endpoint) *client {
	t.Helper()
	host, port, err := net.SplitHostPort(e.address)
	if err != nil {
		t.Fatal(err)
	}
	command := l.command(t, host, port, e.username, e.secret)
	command.Stderr = t.Output()
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // an error means that it has ended already
		_ = command.Wait()         // it was killed
	})
	return &client{t: t, library: l, stdin: stdin, stdout: stdout.(*os.File), lines: bufio.NewReader(stdout)}
}

// act sends an action, and does not wait for its answer. An ActionID in it is only for a library that does not insist
// on its own.
func (c *client) act(a action) {
	c.t.Helper()
	if c.library.ownIDs {
		delete(a, "ActionID")
	}
	c.unanswered++
	c.write(a)
}

func (c *client) write(a action) {
	c.t.Helper()
	line, err := json.Marshal(a)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.stdin.Write(append(line, '\n')); err != nil {
		c.t.Fatalf("%s: %v", c.library.name, err)
	}
}

// ask sends an action and returns the first message of its answer.
func (c *client) ask(a action) message {
	c.t.Helper()
	c.act(a)
	return c.answer().Messages[0]
}

// askUpTo sends an action and awaits its answer and the event that ends what that begins. Some libraries make all
// of it the answer.
func (c *client) askUpTo(event string, headers action, a action) {
	c.t.Helper()
	c.act(a)
	isEvent := func(m message) bool { return m.get("Event") == event && m.has(headers) }
	if !slices.ContainsFunc(c.answer().Messages, isEvent) {
		c.event(event, headers)
	}
}

// answer awaits the next answer.
func (c *client) answer() fact {
	c.t.Helper()
	return c.await("an answer", func(f fact) bool { return f.Fact == "answer" })
}

// happened awaits a fact without messages.
func (c *client) happened(name string) {
	c.t.Helper()
	c.await(name, func(f fact) bool { return f.Fact == name })
}

// event awaits an event of that name with those headers, and returns it.
func (c *client) event(name string, headers action) message {
	c.t.Helper()
	return c.await("event "+name, func(f fact) bool {
		return f.Fact == "event" && f.Messages[0].get("Event") == name && f.Messages[0].has(headers)
	}).Messages[0]
}

func (m message) has(headers action) bool {
	for name, value := range headers {
		if m.get(name) != value {
			return false
		}
	}
	return true
}

// await returns the next fact that is wanted, and leaves those before it to be awaited later.
func (c *client) await(what string, wanted func(fact) bool) fact {
	c.t.Helper()
	for at := 0; ; at++ {
		for at == len(c.told) {
			c.read(what)
		}
		if !c.awaited[at] && wanted(c.told[at]) {
			c.awaited[at] = true
			return c.told[at]
		}
	}
}

// read takes in a line of the script. One that is no fact is the library's own chatter.
func (c *client) read(waitingFor string) {
	c.t.Helper()
	if c.library.blocking && c.unanswered == 0 && len(c.told) > 0 {
		c.write(action{})
	}
	_ = c.stdout.SetReadDeadline(time.Now().Add(proxytest.Patience)) // pipes have deadlines
	line, err := c.lines.ReadBytes('\n')
	if err != nil {
		c.t.Fatalf("%s: %v while waiting for %s; it told %s", c.library.name, err, waitingFor, c.story())
	}
	if !bytes.HasPrefix(line, []byte("{")) {
		c.t.Logf("%s: %s", c.library.name, line)
		return
	}
	var f fact
	if err := json.Unmarshal(line, &f); err != nil {
		c.t.Fatalf("%s: %q: %v", c.library.name, line, err)
	}
	if f.Fact == "answer" {
		c.unanswered--
	}
	c.told, c.awaited = append(c.told, f), append(c.awaited, false)
}

// story is everything that was told.
func (c *client) story() string {
	var b strings.Builder
	for _, f := range c.told {
		line, _ := json.Marshal(f) // it came as JSON
		b.WriteString("\n" + string(line))
	}
	return b.String()
}
