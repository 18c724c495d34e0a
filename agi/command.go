package agi

import (
	"fmt"
	"strings"
	"time"
)

// reply is what a command is answered with: "200 result=1 (timeout) endpos=8000".
type reply struct {
	result string // "1"
	note   string // what is in brackets behind it
}

// do sends a command and reads its answer, which may take so long beyond what every one may.
func (c *Call) do(waits time.Duration, words ...string) (reply, error) {
	if c.hungUp {
		return reply{}, ErrHangup
	}
	if err := c.conn.SetDeadline(time.Now().Add(c.config.ReplyTimeout + waits)); err != nil {
		return reply{}, err
	}
	if _, err := c.conn.Write([]byte(strings.Join(words, " ") + "\n")); err != nil {
		return reply{}, err
	}
	for range maxReply {
		line, err := c.line()
		if err != nil {
			return reply{}, err
		}
		status, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "HANGUP": // comes when it happens, before an answer
			c.hungUp = true
		case status == "200" && strings.HasPrefix(rest, "result="):
			r := parseReply(rest)
			if r.result == "-1" {
				c.hungUp = true // Asterisk has no other way to say so
			}
			return r, nil
		case status == "511": // a dead channel
			c.hungUp = true
			return reply{}, ErrHangup
		case status == "510", status == "520":
			return reply{}, fmt.Errorf("%w: %s", ErrRefused, words[0])
		case strings.HasPrefix(status, "520-"):
			if err := c.skipUsage(); err != nil {
				return reply{}, err
			}
			return reply{}, fmt.Errorf("%w: %s", ErrRefused, words[0])
		default:
			return reply{}, ErrProtocol
		}
	}
	return reply{}, ErrProtocol
}

// skipUsage reads over how a command is used, to the line "520 End of proper usage."
func (c *Call) skipUsage() error {
	for range maxReply {
		line, err := c.line()
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "520 ") {
			return nil
		}
	}
	return ErrProtocol
}

// parseReply reads what stands behind the 200.
func parseReply(rest string) (r reply) {
	rest = strings.TrimPrefix(rest, "result=")
	r.result, rest, _ = strings.Cut(rest, " ")
	if begin := strings.IndexByte(rest, '('); begin >= 0 {
		if end := strings.LastIndexByte(rest, ')'); end > begin {
			r.note = rest[begin+1 : end]
		}
	}
	return r
}

// quoted is a word as Asterisk reads it (res_agi.c, parse_args); what would end the line is a blank.
func quoted(word string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(word) {
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
		case '\n', '\r', 0:
			c = ' '
		}
		b.WriteByte(c)
	}
	b.WriteByte('"')
	return b.String()
}

// Answer picks the call up. It is no error if that has been done.
func (c *Call) Answer() error {
	return c.simple("ANSWER")
}

// simple is a command whose answer tells only whether the caller is still there.
func (c *Call) simple(words ...string) error {
	_, err := c.do(0, words...)
	if err == nil && c.hungUp {
		return ErrHangup
	}
	return err
}

// Play plays sounds, by their names, one after the other. One that Asterisk does not have is left out.
func (c *Call) Play(sounds ...string) error {
	for _, sound := range sounds {
		if err := c.simple("STREAM FILE", quoted(sound), quoted("")); err != nil {
			return err
		}
	}
	return nil
}

// SayDigits says digits, and the letters among them not.
func (c *Call) SayDigits(digits string) error {
	digits = strings.Map(func(d rune) rune {
		if d >= '0' && d <= '9' {
			return d
		}
		return -1
	}, digits)
	if digits == "" {
		return nil
	}
	return c.simple("SAY DIGITS", digits, quoted(""))
}

// Ask plays a sound and collects digits: until #, until there are most of them, or until none came for so long.
// What was dialled while the sound plays counts, and ends it.
func (c *Call) Ask(sound string, most int, wait time.Duration) (digits string, err error) {
	// Each digit may come as late as that.
	r, err := c.do(time.Duration(most+1)*wait,
		"GET DATA", quoted(sound), fmt.Sprint(wait.Milliseconds()), fmt.Sprint(most))
	switch {
	case err != nil:
		return "", err
	case c.hungUp:
		return "", ErrHangup
	}
	return r.result, nil
}

// Variable is the value of a channel's variable, or a global one's; "" if there is none.
func (c *Call) Variable(name string) (string, error) {
	r, err := c.do(0, "GET VARIABLE", quoted(name))
	if err != nil || r.result != "1" {
		return "", err
	}
	return r.note, nil
}

// SetVariable sets a variable of the channel.
func (c *Call) SetVariable(name, value string) error {
	return c.simple("SET VARIABLE", quoted(name), quoted(value))
}
