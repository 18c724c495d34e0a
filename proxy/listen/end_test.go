package listen_test

import (
	"context"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
)

// awaitCoreStatus returns when the simulated Asterisk has been sent one.
func awaitCoreStatus(t *testing.T, asterisk *sim.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), proxytest.Patience)
	defer cancel()
	if _, err := asterisk.Await(ctx, func(m ami.Message) bool { return m.Action() == "CoreStatus" }); err != nil {
		t.Fatal(err)
	}
}

func TestLogoffWaitsForTheAnswersBeforeIt(t *testing.T) {
	asterisk, p := start(t)
	for name, logoff := range map[string]string{
		"Action": proxytest.Block("Logoff", "ActionID: 2"), "ProxyAction": "ProxyAction: logoff\r\nActionID: 2\r\n\r\n",
	} {
		c := p.Login(t, "user", "Events: off")
		release := asterisk.HoldReplies("CoreStatus")
		c.Send("CoreStatus", "ActionID: 1")
		c.SendRaw(logoff)
		c.Send("Ping", "ActionID: 3") // nobody hears it
		awaitCoreStatus(t, asterisk)
		release()
		all := c.End()
		if len(all) != 2 || all[0].ActionID() != "1" || all[0].Response() != "Success" {
			t.Fatalf("%s: got %q", name, all)
		}
		wantText(t, name, all[1], "Response: Goodbye", "ActionID: 2", "Message: Thanks for all the fish.")
	}
}

// As with a script that is piped into nc.
func TestWhoEndsHisInputStillGetsHisAnswers(t *testing.T) {
	asterisk, p := start(t)
	c, other := p.Login(t, "user", "Events: off"), p.Login(t, "user", "Events: off")
	release := asterisk.HoldReplies("CoreStatus")
	c.Send("CoreStatus", "ActionID: 1")
	c.Send("CoreSettings", "ActionID: 2")
	c.SendRaw("Action: half an action\r\n")
	c.CloseWrite()
	awaitCoreStatus(t, asterisk)
	for range 20 { // of the proxy's own, so that they are answered while Asterisk is held
		other.Ask("Events", "EventMask: off")
	}
	release()
	all := c.End()
	if len(all) != 2 || all[0].ActionID() != "1" || all[1].ActionID() != "2" {
		t.Errorf("got %q", all)
	}
}

func TestAResetDropsWhatWasUnderWay(t *testing.T) {
	asterisk, p := start(t)
	release := asterisk.HoldReplies("CoreStatus")
	c, other := p.Login(t, "user", "Events: off"), p.Login(t, "user", "Events: off")
	c.Send("CoreStatus", "ActionID: 1")
	awaitCoreStatus(t, asterisk)
	c.Reset()
	for countSessions(other) > 1 {
	}
	release()
	if before := other.Settle(); len(before) > 0 {
		t.Errorf("somebody else gets %q", before)
	}
}

// countSessions is how many clients ListSessions shows.
func countSessions(c *proxytest.Client) (n int) {
	c.SendRaw("ProxyAction: ListSessions\r\n\r\n")
	for range c.Response().Values("ProxyClientSession") {
		n++
	}
	return n
}
