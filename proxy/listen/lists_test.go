package listen_test

import (
	"fmt"
	"strings"
	"testing"
)

// As with Asterisk, which runs one action of a session after the other.
func TestNoAnswerOfTheProxyGetsInsideAClientsList(t *testing.T) {
	_, p := start(t)
	c := p.Login(t, "user", "Events: off")
	for i := range 500 {
		c.Ask("DBPut", "Family: list", fmt.Sprintf("Key: %d", i), "Val: x")
	}
	var own strings.Builder
	for i, action := range []string{
		"Action: Events\r\nEventMask: off", "Action: NoSuchAction", "ProxyAction: ListSessions", "Action: Challenge\r\nAuthType: MD5",
		"Action: Filter\r\nOperation: Add\r\nFilter: x", "Action: Ping\r\nServer: elsewhere", "Action: ListCommands",
	} {
		fmt.Fprintf(&own, "%s\r\nActionID: own%d\r\n\r\n", action, i)
	}
	for range 20 {
		c.Send("DBGetTree", "ActionID: list", "Family: list")
		for m := c.Read(); !m.OpensList(); m = c.Read() {
		}
		c.SendRaw(own.String())
		for m := c.Read(); !m.ClosesList(); m = c.Read() {
			if m.ActionID() != "list" {
				t.Fatalf("inside the list comes %q", m)
			}
		}
		for m := c.Read(); m.ActionID() != "own6"; m = c.Read() {
		}
	}
}
