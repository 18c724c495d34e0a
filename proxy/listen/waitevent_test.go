package listen_test

import (
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

var waited = []string{"Response: Success", "ActionID: w", "Message: Waiting for Event completed."}

// startWait logs a client in that has the events of class call and waits for one.
func startWait(t *testing.T, p *proxytest.Proxy, timeout string) *proxytest.Client {
	t.Helper()
	c := p.Login(t, "user", "Events: call")
	settled(c)
	c.Send("WaitEvent", "ActionID: w", "Timeout: "+timeout)
	return c
}

// awaitWait returns when the proxy has begun to wait for that client, by what ListSessions says.
func awaitWait(t *testing.T, p *proxytest.Proxy) {
	t.Helper()
	c := p.Login(t, "user", "Events: off")
	defer c.Close()
	for {
		c.SendRaw("ProxyAction: ListSessions\r\n\r\n")
		for id := range c.Response().Values("ProxyClientActionID") {
			if id == "w" {
				return
			}
		}
	}
}

func TestWaitEventEndsWithTheNextEvent(t *testing.T) {
	asterisk, p := start(t)
	c := startWait(t, p, "-1")
	awaitWait(t, p)
	for _, event := range []string{"user", "call"} { // the first one is not for this client
		asterisk.Broadcast(ami.NewEvent("Next").Add("Privilege", event+",all").Message())
	}
	wantText(t, "the answer", c.Read(), waited...)
	wantText(t, "behind it", c.Read(), "Event: Next", "Privilege: call,all", "Server: pbx1")
	wantText(t, "at the end", c.Read(), "Event: WaitEventComplete", "ActionID: w")
	asterisk.Broadcast(ami.NewEvent("Later").Add("Privilege", "call,all").Message())
	c.Event("Later")
}

func TestAnyInputEndsWaitEvent(t *testing.T) {
	_, p := start(t)
	c := startWait(t, p, "-1")
	awaitWait(t, p)
	c.Send("Ping", "ActionID: p")
	wantText(t, "the answer", c.Read(), waited...)
	wantText(t, "behind it", c.Read(), "Event: WaitEventComplete", "ActionID: w")
	if m := c.Read(); m.ActionID() != "p" || m.Get("Ping") != "Pong" {
		t.Errorf("then comes\n%s", m)
	}

	c.Send("WaitEvent") // without a bound, and without an ActionID
	c.CloseWrite()
	all := c.End()
	if len(all) != 2 {
		t.Fatalf("got %q", all)
	}
	wantText(t, "the answer", all[0], "Response: Success", "Message: Waiting for Event completed.")
	wantText(t, "the end", all[1], "Event: WaitEventComplete")
}

// The client that waits is alone in it.
//
//astproxy:attack
func TestWaitEventHoldsUpNobodyElse(t *testing.T) {
	asterisk, p := start(t)
	c, other := startWait(t, p, "-1"), p.Login(t, "user", "Events: user")
	awaitWait(t, p)
	asterisk.Broadcast(ami.NewEvent("Others").Add("Privilege", "user,all").Message())
	other.Event("Others")
	if m := other.Ask("CoreStatus"); m.Response() != "Success" {
		t.Errorf("the answer is\n%s", m)
	}
	c.Reset()
	for countSessions(other) > 1 {
	}
}
