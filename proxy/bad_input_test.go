package proxy_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// What somebody writes who has logged in is in the table of promises.Smuggling.

// startDoor starts a proxy with a door that is as strict as it is told.
func startDoor(t *testing.T, door listen.AMIConfig) *proxytest.Proxy {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Door:    door,
	})
	p.Up(t, "pbx1")
	return p
}

func TestWhoDoesNotLogInIsDisconnectedAndNobodyElseNotices(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                   "",
		"half a block":              "Action: Login\r\nUsername: user\r\nSec",
		"actions without end":       strings.Repeat("Action: Ping\r\nActionID: 1\r\n\r\n", 100),
		"blank lines":               strings.Repeat("\r\n", 10_000),
		"a wrong challenge at last": "Action: Challenge\r\nAuthType: MD5\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startDoor(t, listen.AMIConfig{AuthenticationTimeout: 2 * time.Second})
			before := p.Login(t, "user", "Events: off")
			c := p.Dial(t)
			c.SendRaw(text)
			for _, m := range c.End() {
				if m.Response() != "Error" && !m.Has("Challenge") {
					t.Errorf("answered with %s", m)
				}
			}
			before.Settle()
		})
	}
}

func TestInputThatIsNoActionIsAnsweredAndNobodyElseNotices(t *testing.T) {
	p := startDoor(t, listen.AMIConfig{})
	other := p.Login(t, "user", "Events: off")
	for _, bad := range []struct{ name, text, answer string }{
		{"an endless line", strings.Repeat("x", 1<<20), "Failed to parse message: line too long"},
		{"200 headers", "Action: Login\r\n" + strings.Repeat("X: 1\r\n", 200) + "\r\n", "Too many lines in message or allocation failure"},
		{"a long secret", "Action: Login\r\nUsername: user\r\nSecret: " + strings.Repeat("x", 2000) + "\r\n\r\n", "Failed to parse message: line too long"},
		{"a request of the web", "GET / HTTP/1.1\r\nHost: " + strings.Repeat("x", 2000) + "\r\n\r\n", "Failed to parse message: line too long"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			c := p.Dial(t)
			go func() { _, _ = c.Write([]byte(bad.text)) }() // it may be closed before all is written
			if m, _ := c.ReadOrEnd(); m.Get("Message") != bad.answer {
				t.Errorf("answered with %s", m)
			}
			other.Settle()
		})
	}
}

func TestNoMoreMayBeConnectedWithoutLoginThanTheLimit(t *testing.T) {
	p := startDoor(t, listen.AMIConfig{UnauthenticatedLimit: 2})
	first, second := p.Dial(t), p.Dial(t)
	third, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	third.SetDeadline(time.Now().Add(proxytest.Patience))
	if text, _ := io.ReadAll(third); len(text) > 0 {
		t.Errorf("the third is sent %q", text)
	}
	first.Login("user", proxytest.Secret)
	second.Login("user", proxytest.Secret)
	p.Login(t, "user").Settle()
}
