// Package agitest is Asterisk's side of FastAGI, for tests: a caller who does what a test says.
package agitest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// patience is far above what anything takes: a test that waits so long has failed.
const patience = 30 * time.Second

// Caller is a call that is at AGI(). It is for one goroutine.
type Caller struct {
	tb     testing.TB
	conn   net.Conn
	reader *bufio.Reader
}

// Connect only connects.
func Connect(tb testing.TB, address string) *Caller {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &Caller{tb: tb, conn: conn, reader: bufio.NewReader(conn)}
}

// Call connects, and tells of a call of channel to agi://HOST/request, as Asterisk 22 does. headers are more lines,
// such as "agi_arg_1: x".
func Call(tb testing.TB, address, channel, request string, headers ...string) *Caller {
	tb.Helper()
	c := Connect(tb, address)
	script, _, _ := strings.Cut(request, "?")
	c.Send(append([]string{
		"agi_network: yes", "agi_network_script: " + script, "agi_request: agi://" + address + "/" + request,
		"agi_channel: " + channel, "agi_language: en", "agi_type: PJSIP", "agi_uniqueid: 1700000000.1", "agi_version: 22.10.1",
		"agi_callerid: 101", "agi_calleridname: unknown", "agi_callingpres: 0", "agi_context: default",
		"agi_extension: #741", "agi_priority: 1", "agi_enhanced: 0.0", "agi_accountcode: ", "agi_threadid: 1",
	}, append(headers, "")...)...)
	return c
}

// Send sends lines. Who is not there any more is not told.
func (c *Caller) Send(lines ...string) {
	_, _ = io.WriteString(c.conn, strings.Join(lines, "\n")+"\n")
}

// Command is the next command; false: the connection has been closed.
func (c *Caller) Command() (string, bool) {
	c.tb.Helper()
	line, err := c.reader.ReadString('\n')
	if err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // net's own
			c.tb.Error("no command has come")
		}
		return "", false
	}
	return strings.TrimSuffix(line, "\n"), true
}

// Expect takes the next command, which has to begin so, and answers it.
func (c *Caller) Expect(begin, answer string) {
	c.tb.Helper()
	command, ok := c.Command()
	if !ok || !strings.HasPrefix(command, begin) {
		c.tb.Fatalf("the next command is %q, %t, not %q", command, ok, begin)
	}
	c.Send(answer)
}

// Closed expects no more commands.
func (c *Caller) Closed() {
	c.tb.Helper()
	if command, ok := c.Command(); ok {
		c.tb.Errorf("there is one more command: %q", command)
	}
}

// Hangup ends the connection.
func (c *Caller) Hangup() { c.conn.Close() }

// Heard is what a caller was told.
type Heard struct {
	Sounds    []string          // the names of the sounds and, as digits, what was said
	Variables map[string]string // that were set on his channel
	Commands  []string
}

// Talk answers every command as Asterisk would, to the end: each time that it is asked for digits it dials the next of
// these, and none when there are no more.
func (c *Caller) Talk(digits ...string) Heard {
	c.tb.Helper()
	h := Heard{Variables: map[string]string{}}
	for {
		command, ok := c.Command()
		if !ok {
			return h
		}
		h.Commands = append(h.Commands, command)
		words := split(command)
		answer := "200 result=0"
		switch {
		case strings.HasPrefix(command, "STREAM FILE "):
			h.Sounds = append(h.Sounds, words[2])
			answer += " endpos=8000"
		case strings.HasPrefix(command, "SAY DIGITS "):
			h.Sounds = append(h.Sounds, words[2])
		case strings.HasPrefix(command, "SET VARIABLE "):
			h.Variables[words[2]] = words[3]
			answer = "200 result=1"
		case strings.HasPrefix(command, "GET DATA "):
			h.Sounds = append(h.Sounds, words[2])
			answer = "200 result= (timeout)"
			if len(digits) > 0 {
				answer, digits = fmt.Sprintf("200 result=%s", digits[0]), digits[1:]
			}
		}
		c.Send(answer)
	}
}

// split takes a command's words, without their quotes, which in a test have none inside.
func split(command string) (words []string) {
	for i, part := range strings.Split(command, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
