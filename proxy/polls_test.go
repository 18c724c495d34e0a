package proxy_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// polled is an Asterisk behind a proxy that keeps answers as long as keep says, and counts what reaches it.
type polled struct {
	*proxytest.Proxy
	asterisk *sim.Server
}

func startPolled(t *testing.T, keep map[string]time.Duration) polled {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{
			proxytest.User(),
			proxytest.User(proxytest.Named("own"), func(c *access.UserConfig) { c.OwnAnswers = true }),
			proxytest.User(proxytest.Named("masked"), func(c *access.UserConfig) { c.Redact = []string{"mask Queue"} }),
		},
		Cache: map[string]map[string]time.Duration{"PBX1": keep},
	})
	p.Up(t, "pbx1")
	return polled{p, asterisk}
}

// asked is how often the Asterisk was asked for something.
func (p polled) asked(action string) (n int) {
	for _, m := range p.asterisk.Received() {
		if strings.EqualFold(m.Action(), action) {
			n++
		}
	}
	return n
}

// outstanding waits until so many actions of clients are unanswered.
func (p polled) outstanding(t *testing.T, want int) {
	t.Helper()
	proxytest.Await(t, fmt.Sprintf("%d actions are unanswered", want), func() bool {
		n := 0
		for _, c := range p.Clients() {
			n += c.Outstanding
		}
		return n == want
	})
}

func text(all []ami.Message, id string) string {
	var b strings.Builder
	for _, m := range all {
		b.WriteString(strings.ReplaceAll(m.String(), "ActionID: "+id+"\r\n", ""))
	}
	return b.String()
}

//astproxy:attack
func TestWhoPollsWhileAnotherDoesGetsTheSameAnswerUnderHisOwnActionID(t *testing.T) {
	p := startPolled(t, nil)
	first, second, masked, own := p.Login(t, "user"), p.Login(t, "user"), p.Login(t, "masked"), p.Login(t, "own")
	release := p.asterisk.HoldReplies("QueueSummary")
	first.Send("QueueSummary", "ActionID: one")
	p.outstanding(t, 1)
	second.Send("queuesummary", "ActionID: two", "Server: pbx1")
	masked.Send("QueueSummary", "ActionID: three")
	own.Send("QueueSummary", "ActionID: four")
	p.outstanding(t, 4)
	release()
	one, two := text(first.RestOfList("one"), "one"), text(second.RestOfList("two"), "two")
	if one != two || !strings.Contains(one, "Queue: support") {
		t.Errorf("first\n%s\nsecond\n%s", one, two)
	}
	if three := text(masked.RestOfList("three"), "three"); strings.Contains(three, "support") {
		t.Errorf("what one may not see comes to him by another's answer:\n%s", three)
	}
	own.RestOfList("four")
	if n := p.asked("QueueSummary"); n != 2 { // for the first, and for who wants his own
		t.Errorf("Asterisk was asked %d times", n)
	}
}

func TestWhoHasChangedSomethingIsNotAnsweredByWhatWasAskedBefore(t *testing.T) {
	p := startPolled(t, nil)
	first, second := p.Login(t, "user"), p.Login(t, "user")
	release := p.asterisk.HoldReplies("QueueStatus")
	first.Send("QueueStatus", "ActionID: one")
	p.outstanding(t, 1)
	second.Send("QueueAdd", "ActionID: add", "Queue: support", "Interface: PJSIP/101")
	second.Send("QueueStatus", "ActionID: two")
	p.outstanding(t, 3)
	release()
	first.RestOfList("one")
	if two := text(second.RestOfList("two"), "two"); !strings.Contains(two, "Location: PJSIP/101") {
		t.Errorf("the member is not there:\n%s", two)
	}
}

// A Command lets nothing of its client's go beside it, so the QueueAdd waits when the QueueStatus comes.
func TestWhoPollsBehindAChangeOfHisThatWaitsSeesIt(t *testing.T) {
	p := startPolled(t, nil)
	c := p.Login(t, "user")
	release := p.asterisk.HoldReplies("Command")
	c.Send("Command", "ActionID: command", "Command: core show version")
	c.Send("QueueAdd", "ActionID: add", "Queue: support", "Interface: PJSIP/101")
	c.Send("QueueStatus", "ActionID: status")
	p.outstanding(t, 3)
	release()
	if status := text(c.RestOfList("status"), "status"); !strings.Contains(status, "Location: PJSIP/101") {
		t.Errorf("the member is not there:\n%s", status)
	}
}

//astproxy:attack
func TestWhoAskedFirstMayGoAndTheOthersAreAnswered(t *testing.T) {
	p := startPolled(t, nil)
	first, second := p.Login(t, "user"), p.Login(t, "user")
	release := p.asterisk.HoldReplies("QueueSummary")
	first.Send("QueueSummary", "ActionID: one")
	p.outstanding(t, 1)
	second.Send("QueueSummary", "ActionID: two")
	p.outstanding(t, 2)
	first.Reset()
	release()
	if two := text(second.RestOfList("two"), "two"); !strings.Contains(two, "Queue: support") {
		t.Errorf("got\n%s", two)
	}
	if n := p.asked("QueueSummary"); n != 1 {
		t.Errorf("Asterisk was asked %d times", n)
	}
}

//astproxy:attack
func TestWhenTheServerIsLostAllWhoPollAreTold(t *testing.T) {
	p := startPolled(t, nil)
	first, second := p.Login(t, "user"), p.Login(t, "user")
	defer p.asterisk.HoldReplies("QueueSummary")()
	first.Send("QueueSummary", "ActionID: one")
	p.outstanding(t, 1)
	second.Send("QueueSummary", "ActionID: two")
	p.outstanding(t, 2)
	p.asterisk.Disconnect()
	for id, c := range map[string]*proxytest.Client{"one": first, "two": second} {
		if m := c.RestOfList(id)[0]; m.Response() != "Error" || !strings.Contains(m.Get("Message"), "outcome is unknown") {
			t.Errorf("%s: %v", id, m)
		}
	}
}

func TestAnAnswerIsKeptAsLongAsSaidUnlessSomethingChanges(t *testing.T) {
	p := startPolled(t, map[string]time.Duration{"queuesummary": time.Hour})
	c := p.Login(t, "user")
	one, two := text(c.List("one", "QueueSummary"), "one"), text(c.List("two", "QueueSummary"), "two")
	if one != two || p.asked("QueueSummary") != 1 {
		t.Errorf("asked %d times; first\n%s\nsecond\n%s", p.asked("QueueSummary"), one, two)
	}
	c.List("other", "QueueSummary", "Queue: support")
	if n := p.asked("QueueSummary"); n != 2 {
		t.Errorf("asked %d times, one of them with another parameter", n)
	}
	other := p.Login(t, "user")
	other.Ask("Ping")
	other.Ask("DBGet", "Family: cidname", "Key: 1")
	c.List("kept", "QueueSummary")
	if n := p.asked("QueueSummary"); n != 2 {
		t.Errorf("asked %d times; what was done has changed nothing", n)
	}
	other.Ask("QueuePause", "Interface: PJSIP/101", "Paused: true")
	c.List("three", "QueueSummary")
	if n := p.asked("QueueSummary"); n != 3 {
		t.Errorf("asked %d times; something has changed", n)
	}
	c.List("four", "CoreShowChannels")
	c.List("five", "CoreShowChannels")
	if n := p.asked("CoreShowChannels"); n < 2 { // and the proxy asks, too
		t.Errorf("an answer is kept of which nobody has said so: asked %d times", n)
	}
}

func TestAsManyPollAtOnceAsThereAre(t *testing.T) {
	p := startPolled(t, nil)
	release := p.asterisk.HoldReplies("QueueSummary")
	var clients []*proxytest.Client
	for i := range 50 {
		c := p.Login(t, "user")
		clients = append(clients, c)
		c.Send("QueueSummary", fmt.Sprintf("ActionID: %d", i))
	}
	p.outstanding(t, len(clients))
	release()
	for i, c := range clients {
		c.RestOfList(fmt.Sprint(i))
	}
	if n := p.asked("QueueSummary"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestWhoPollsForSeveralThingsAtOnceSharesThemAll(t *testing.T) {
	p := startPolled(t, nil)
	release := p.asterisk.HoldReplies("QueueStatus")
	var clients []*proxytest.Client
	for range 30 {
		c := p.Login(t, "user")
		clients = append(clients, c)
		c.Send("QueueStatus", "ActionID: status")
		c.Send("Ping", "ActionID: ping")
		c.Send("QueueSummary", "ActionID: summary")
	}
	p.outstanding(t, 3*len(clients))
	release()
	for _, c := range clients {
		c.RestOfList("status")
		c.RestOfList("summary")
	}
	// Who asked first for one thing asks for the other beside those who share it: he has one turn for others, and his own.
	if status, summary := p.asked("QueueStatus"), p.asked("QueueSummary"); status != 1 || summary > 2 {
		t.Errorf("asked %d times for one, %d for the other", status, summary)
	}
}

// Wallboards that ask every second do so when the answer that was kept has just become too old, all of them.
func TestThirtyWallboardsMakeAsteriskBeAskedOnceEachTimeTheKeptAnswerIsTooOld(t *testing.T) {
	const rounds = 5
	p := startPolled(t, map[string]time.Duration{"QueueStatus": time.Nanosecond})
	var clients []*proxytest.Client
	for range 30 {
		clients = append(clients, p.Login(t, "user"))
	}
	for round := range rounds {
		release := p.asterisk.HoldReplies("QueueStatus")
		for _, c := range clients {
			c.Send("QueueStatus", fmt.Sprintf("ActionID: %d", round))
		}
		p.outstanding(t, len(clients))
		release()
		for _, c := range clients {
			c.RestOfList(fmt.Sprint(round))
		}
	}
	if n := p.asked("QueueStatus"); n != rounds {
		t.Errorf("asked %d times in %d rounds", n, rounds)
	}
}

func TestThirtyWallboardsShareTheAnswerThatIsKept(t *testing.T) {
	p := startPolled(t, map[string]time.Duration{"QueueStatus": time.Hour})
	var boards sync.WaitGroup
	for range 30 {
		c := p.Login(t, "user")
		boards.Go(func() {
			for round := range 10 {
				c.List(fmt.Sprint(round), "QueueStatus")
			}
		})
	}
	boards.Wait()
	if n := p.asked("QueueStatus"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
