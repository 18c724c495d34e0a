package promises

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

const (
	busyClients  = 50
	eventsAtOnce = 20
	eventSize    = 8 << 10 // bytes, about
	frozenRounds = 80      // so that there are far more events than memory and sockets hold
	frozenMemory = 512 << 10
	// manyQuestions are actions with more answers than the frozen one may leave unread, fewQuestions fit
	// into its sockets, with some of the events behind.
	manyQuestions, fewQuestions = 500, 100
	// heapBesides is what the process may need more than the memory that is configured: the sockets'
	// reading ends, what the collector does not give back. It is a third of all events.
	heapBesides = 4 << 20
)

// FrozenClient has a client stop reading, its answers and its events, among 50 busy ones. They get every
// event in order and every answer; the memory stays within what is configured. When the frozen one
// reads again, it has lost events and learns that by what its user's policy says. The test must
// run alone. broadcast has Asterisk send an event to all; where it is nil, the action UserEvent does.
//
// Nothing here waits for the frozen one, and the others get their next events when they have read the
// last: whoever loses some is held up by the frozen one, not by a slow machine.
func FrozenClient(t *testing.T, a Asterisk, policy string, broadcast func(ami.Message)) {
	p := startProxy(t, a, feed.Config{Memory: frozenMemory, WriteTimeout: time.Hour},
		proxytest.User(proxytest.Named("frozen"), func(u *access.UserConfig) { u.SlowClient = policy }))
	questions := map[string]int{access.SlowClientDisconnect: manyQuestions, access.SlowClientSkip: fewQuestions}
	frozen := freeze(t, p, questions[policy])
	if broadcast == nil {
		sender := p.Login(t, "user", "Events: off")
		broadcast = func(m ami.Message) { sendUserEvent(sender, m) }
	}
	var busy []*proxytest.Client
	for range busyClients {
		busy = append(busy, p.Login(t, "user", "Events: user"))
	}
	var heapBefore uint64
	for round := range frozenRounds {
		for i := range eventsAtOnce {
			broadcast(largeEvent(round*eventsAtOnce + i))
		}
		together(busyClients, func(i int) { readEvents(t, busy[i], round) })
		wantBounded(t, p)
		if round == 0 {
			heapBefore = heapInUse()
		}
	}
	if growth := int64(heapInUse()) - int64(heapBefore); growth > frozenMemory+heapBesides {
		t.Errorf("the heap has grown by %d bytes", growth)
	}
	if policy == access.SlowClientSkip {
		wantGap(t, frozen)
	} else {
		wantEnd(t, frozen)
	}
}

// freeze connects a client that asks and does not read.
func freeze(t *testing.T, p *proxytest.Proxy, questions int) *proxytest.Client {
	c := p.Login(t, "frozen", "Events: user")
	var script strings.Builder
	for i := range questions {
		script.WriteString(proxytest.Block("ListCommands", fmt.Sprintf("ActionID: %d", i)))
	}
	if _, err := io.WriteString(c, script.String()); err != nil {
		t.Fatal(err)
	}
	return c
}

// largeEvent is the UserEvent of that number.
func largeEvent(number int) ami.Message {
	b := ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("UserEvent", "Large").Add("Number", strconv.Itoa(number))
	for range eventSize / 1000 {
		b.Add("X", strings.Repeat("x", 1000))
	}
	return b.Message()
}

// sendUserEvent has Asterisk send an event.
func sendUserEvent(c *proxytest.Client, event ami.Message) {
	action := ami.NewAction("UserEvent").Add("ActionID", "1")
	for name, value := range event.All() {
		if name != "Event" && name != "Privilege" {
			action.Add(name, value)
		}
	}
	c.SendRaw(action.Message().Raw() + "\r\n")
	c.Response()
}

// readEvents wants all events of a round in order, and an answer meanwhile.
func readEvents(t *testing.T, c *proxytest.Client, round int) {
	c.Send("Ping", "ActionID: busy")
	for got, answered := 0, false; got < eventsAtOnce || !answered; {
		m := c.Read()
		switch {
		case m.Event() == "UserEvent" && m.Get("Number") == strconv.Itoa(round*eventsAtOnce+got):
			got++
		case m.Get("Ping") == "Pong" && m.ActionID() == "busy" && !answered:
			answered = true
		default:
			t.Fatalf("a busy client in round %d, behind event %d, gets %.300s", round, got, m)
		}
	}
}

// wantBounded looks at the proxy's memory for events and answers. All that is not frozen has been read.
func wantBounded(t *testing.T, p *proxytest.Proxy) {
	t.Helper()
	events, replies := p.Feed().Memory()
	if events > frozenMemory {
		t.Errorf("events take %d bytes of %d", events, frozenMemory)
	}
	// A client with 1 MiB unread has no more of its actions taken.
	if replies > 1<<20+64<<10 {
		t.Errorf("the answers for one who does not read take %d bytes", replies)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// wantGap wants all answers, and the events in order, where some are missing with a ProxyGap that says
// how many.
func wantGap(t *testing.T, c *proxytest.Client) {
	next, missed, answers := 0, 0, 0
	for next < frozenRounds*eventsAtOnce || answers < fewQuestions {
		m := c.Read()
		switch m.Event() {
		case "":
			if m.ActionID() != strconv.Itoa(answers) {
				t.Fatalf("behind %d answers comes %.300s", answers, m)
			}
			answers++
		case "ProxyGap":
			n, _ := strconv.Atoi(m.Get("Missed"))
			missed += n
			next += n
		default:
			if m.Get("Number") != strconv.Itoa(next) {
				t.Fatalf("in the place of event %d comes %.300s", next, m)
			}
			next++
		}
	}
	t.Logf("%d of %d events were missed", missed, next)
	if missed == 0 {
		t.Error("the frozen client has missed nothing: the test shows nothing")
	}
	for _, m := range c.Settle() {
		t.Errorf("got too much: %.300s", m)
	}
}

// wantEnd wants events in order, without any missing, and then the end of the connection.
func wantEnd(t *testing.T, c *proxytest.Client) {
	next := 0
	for m, open := c.ReadOrEnd(); open; m, open = c.ReadOrEnd() {
		if !m.IsEvent() {
			continue
		}
		if m.Get("Number") != strconv.Itoa(next) {
			t.Fatalf("in the place of event %d comes %.300s", next, m)
		}
		next++
	}
	t.Logf("the frozen client was disconnected behind %d of %d events", next, frozenRounds*eventsAtOnce)
	if next == frozenRounds*eventsAtOnce {
		t.Error("the frozen client has missed nothing: the test shows nothing")
	}
}
