package listen_test

import (
	"fmt"
	"testing"
)

// As with Asterisk, which runs one action of a session after the other.
func TestNoAnswerOfTheProxyGetsInsideAClientsList(t *testing.T) {
	_, p := start(t)
	c := p.Login(t, "user", "Events: off")
	local := []string{
		"Action: ListCommands", "Action: Events\r\nEventMask: off", "Action: NoSuchAction", "ProxyAction: ListSessions",
		"Action: Challenge\r\nAuthType: MD5", "Action: WaitEvent\r\nTimeout: 0", "Action: Filter\r\nOperation: Add\r\nFilter: x",
	}
	for i := range 20 * len(local) {
		list, own := fmt.Sprintf("list%d", i), fmt.Sprintf("own%d", i)
		c.SendRaw("Action: QueueStatus\r\nActionID: " + list + "\r\n\r\n" +
			local[i%len(local)] + "\r\nActionID: " + own + "\r\n\r\n")
		begun, ended, answered := false, false, false
		for !ended || !answered {
			m := c.Read()
			switch m.ActionID() {
			case list:
				begun, ended = true, m.ClosesList()
			case own:
				if answered = true; begun && !ended {
					t.Fatalf("inside a list comes %q", m)
				}
			}
		}
	}
}
