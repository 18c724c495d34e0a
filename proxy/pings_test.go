package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestPingsBehindAnUnansweredPingGetItsAnswerInOrderUnderTheirOwnActionIDs(t *testing.T) {
	p := startPolled(t, nil)
	c := p.Login(t, "user")
	before := p.asked("Ping")
	release := p.asterisk.HoldReplies("Ping")
	const pings = 200 // more than may wait for one
	for i := range pings {
		c.Send("Ping", fmt.Sprintf("ActionID: ping-%d", i))
	}
	p.outstanding(t, pings)
	release()
	for i := range pings {
		m := c.Response()
		if m.ActionID() != fmt.Sprintf("ping-%d", i) || m.Get("Ping") != "Pong" || m.Get("Timestamp") == "" {
			t.Fatalf("answer %d is\n%s", i, m)
		}
	}
	if n := p.asked("Ping") - before; n != 4 { // one for each 64 behind it
		t.Errorf("Asterisk was asked %d times", n)
	}
	p.outstanding(t, 0)
	if m := c.Ask("Ping"); m.Get("Ping") != "Pong" || p.asked("Ping")-before != 5 {
		t.Errorf("one that comes later: %v; Asterisk was asked %d times", m, p.asked("Ping")-before)
	}
}

func TestAPingBehindAnotherActionTellsThatItIsDone(t *testing.T) {
	p := startPolled(t, nil)
	c := p.Login(t, "user")
	before := p.asked("Ping")
	release := p.asterisk.HoldReplies("Ping")
	c.Send("Ping", "ActionID: one")
	c.Send("QueuePause", "ActionID: pause", "Interface: PJSIP/101", "Paused: true")
	c.Send("Ping", "ActionID: two")
	c.Send("DBGet", "ActionID: get", "Family: cidname", "Key: 1")
	c.Send("Ping", "ActionID: three")
	p.outstanding(t, 5)
	release()
	for _, want := range []string{"one", "pause", "two", "get", "three"} {
		if id := c.Response().ActionID(); id != want {
			t.Errorf("the answer to %s where that to %s is due", id, want)
		}
	}
	if n := p.asked("Ping") - before; n != 3 {
		t.Errorf("Asterisk was asked %d times", n)
	}
}

//astproxy:attack
func TestAPingIsNotAnsweredByThatOfAnotherClient(t *testing.T) {
	p := startPolled(t, nil)
	one, two, own := p.Login(t, "user"), p.Login(t, "user"), p.Login(t, "own")
	before := p.asked("Ping")
	release := p.asterisk.HoldReplies("Ping")
	one.Send("Ping", "ActionID: one")
	two.Send("Ping", "ActionID: two")
	own.Send("Ping", "ActionID: three") // whose user wants answers of his own
	own.Send("Ping", "ActionID: four")
	p.outstanding(t, 4)
	release()
	for _, each := range []struct {
		c  *proxytest.Client
		id string
	}{{one, "one"}, {two, "two"}, {own, "three"}, {own, "four"}} {
		if m := each.c.Response(); m.ActionID() != each.id {
			t.Errorf("got\n%s", m)
		}
	}
	if n := p.asked("Ping") - before; n != 4 {
		t.Errorf("Asterisk was asked %d times", n)
	}
}

//astproxy:attack
func TestWhenTheServerIsLostEachPingIsTold(t *testing.T) {
	p := startPolled(t, nil)
	c := p.Login(t, "user")
	defer p.asterisk.HoldReplies("Ping")()
	c.Send("Ping", "ActionID: one")
	c.Send("Ping", "ActionID: two")
	p.outstanding(t, 2)
	p.asterisk.Disconnect()
	for _, id := range []string{"one", "two"} {
		if m := c.Response(); m.ActionID() != id || !strings.Contains(m.Get("Message"), "outcome is unknown") {
			t.Errorf("got\n%s", m)
		}
	}
}

func TestPingsToAServerThatIsDownAreEachRefused(t *testing.T) {
	p := startPolled(t, nil)
	c := p.Login(t, "user")
	p.asterisk.RefuseLogins(true) // or it would be up again
	p.asterisk.Disconnect()
	proxytest.Await(t, "the server is down", func() bool { return c.Ask("Ping").Response() == "Error" })
	for _, id := range []string{"one", "two"} {
		c.Send("Ping", "ActionID: "+id)
	}
	for _, id := range []string{"one", "two"} {
		if m := c.Response(); m.ActionID() != id || m.Response() != "Error" {
			t.Errorf("got\n%s", m)
		}
	}
}
