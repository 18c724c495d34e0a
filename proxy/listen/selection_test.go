package listen_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
)

// traffic broadcasts numbered events, each odd one of class call followed by one of class user, until stop
// is called. It is never far ahead of the proxy.
func traffic(asterisk *sim.Server, p *proxytest.Proxy) (stop func()) {
	const ahead = 50
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		began := p.Feed().Sequence()
		for n := uint64(1); ; n += 2 {
			asterisk.Broadcast(ami.NewEvent("Odd").Add("Privilege", "call,all").Add("Number", strconv.FormatUint(n, 10)).Message())
			asterisk.Broadcast(ami.NewEvent("Even").Add("Privilege", "user,all").Add("Number", strconv.FormatUint(n+1, 10)).Message())
			for n > p.Feed().Sequence()-began+ahead {
				select {
				case <-done:
					return
				default:
					runtime.Gosched()
				}
			}
		}
	})
	return sync.OnceFunc(func() { close(done); running.Wait() })
}

// say sends actions one after the other and returns the events up to the last one's answer.
func say(t *testing.T, c *proxytest.Client, actions ...string) (events []ami.Message) {
	t.Helper()
	for _, action := range actions {
		lines := strings.Split(action, "|")
		c.Send(lines[0], lines[1:]...)
		m := c.Read()
		for ; !m.IsResponse(); m = c.Read() {
			events = append(events, m)
		}
		if m.Response() != "Success" {
			t.Fatalf("%s is answered with %s", action, m)
		}
	}
	return events
}

// wantInARow fails the test if numbers are missing or come twice. step is 2 where half is not asked for.
func wantInARow(t *testing.T, about string, events []ami.Message, step int) (last int) {
	t.Helper()
	for _, m := range events {
		n, err := strconv.Atoi(m.Get("Number"))
		if err != nil || last != 0 && n != last+step {
			t.Fatalf("%s: behind %d comes\n%s", about, last, m)
		}
		last = n
	}
	return last
}

// An answer is where the events change: none is missing before it, and none is wrong behind it.
func TestEventsChangeAtTheAnswerOfWhatChangesThem(t *testing.T) {
	asterisk, p := start(t)
	c := p.Login(t, "user", "Events: off")
	stop := traffic(asterisk, p)
	defer stop()
	for range 10 {
		if got := say(t, c, "Events|EventMask: call,user"); len(got) > 0 {
			t.Fatalf("without events comes\n%s", got[0])
		}
		last := wantInARow(t, "all events", say(t, c, "Ping", "Events|EventMask: user"), 1)
		half := say(t, c, "Ping", "Events|EventMask: off")
		wantInARow(t, "events of class user", half, 2)
		if len(half) > 0 && last > 0 {
			first, _ := strconv.Atoi(half[0].Get("Number"))
			if first != last+1 && first != last+2 {
				t.Errorf("behind %d, where the mask changed, comes %d", last, first)
			}
		}
	}
	for range 3 {
		if got := c.Settle(); len(got) > 0 {
			t.Fatalf("behind the answer to Events: off comes\n%s", got[0])
		}
	}
}

func TestAFilterHoldsFromItsAnswerOn(t *testing.T) {
	asterisk, p := start(t)
	c := p.Login(t, "user", "Events: call,user")
	stop := traffic(asterisk, p)
	defer stop()
	wantInARow(t, "all events", say(t, c, "Ping", "Filter|Operation: Add|Filter: !Event: Odd"), 1)
	wantInARow(t, "even events", say(t, c, "Ping", "Filter|Operation: Add|MatchCriteria: name(Even),header(Number),method(ends_with)|Filter: 0"), 2)
	wantInARow(t, "every tenth", say(t, c, "Ping", "Ping"), 10)
	// Another client's filters are his own.
	wantInARow(t, "another client's events", say(t, p.Login(t, "user", "Events: call,user"), "Ping", "Ping"), 1)
}

//astproxy:attack
func TestAClientHasOnlySoManyFilters(t *testing.T) {
	_, p := start(t)
	c := p.Login(t, "user", "Events: off")
	for i := range 64 {
		if m := c.Ask("Filter", "ActionID: 1", "Operation: Add", fmt.Sprintf("Filter: Event: Name%d", i)); m.Response() != "Success" {
			t.Fatalf("filter %d: %q", i, m)
		}
	}
	if m := c.Ask("Filter", "ActionID: 1", "Operation: Add", "Filter: Event: More"); m.Get("Message") != "Too many filters: 64 are allowed" {
		t.Errorf("one more: %q", m)
	}
	if m := c.Ask("Filter", "ActionID: 1", "Operation: Add", "Filter: Event: Name7"); m.Response() != "Success" {
		t.Errorf("one of them again: %q", m)
	}
}

func TestTheAnswersToFilter(t *testing.T) {
	_, p := start(t)
	c := p.Login(t, "user", "Events: off")
	const format = "Filter was formatted incorrectly.  Check the syntax of the filter given."
	const compile = "Filter did not compile.  Check the syntax of the filter given."
	for _, test := range []struct{ operation, criteria, filter, want string }{
		{"Add", "", "a", "Success"},
		{"add", "name(A),method(exact)", "a", "Success"},
		{"", "", "a", "Unknown operation"},
		{"Remove", "", "a", "Unknown operation"},
		{"Add", "", "", format},
		{"Add", "name()", "", format},
		{"Add", "", "(", compile},
		{"Add", "", `(a)\1`, compile},
	} {
		m := c.Ask("Filter", "ActionID: 1", "Operation: "+test.operation, "MatchCriteria: "+test.criteria, "Filter: "+test.filter)
		response := "Error"
		if test.want == "Success" {
			response = "Success"
		}
		wantText(t, fmt.Sprint(test), m, "Response: "+response, "ActionID: 1", "Message: "+test.want)
	}
}

// An index finds exact filters; all others are tried on every event, and cost everybody.
//
//astproxy:attack
func TestAllConnectionsOfAUserHaveOnlySoManyFiltersThatSearch(t *testing.T) {
	_, p := start(t, proxytest.User(proxytest.Named("other")))
	add := func(c *proxytest.Client, criteria, filter string) string {
		return c.Ask("Filter", "Operation: Add", "MatchCriteria: "+criteria, "Filter: "+filter).Get("Message")
	}
	fill := func(name, own string) (connections []*proxytest.Client, added int) {
		for {
			c := p.Login(t, name, "Events: call")
			connections = append(connections, c)
			for i := range 50 {
				if m := add(c, "method(regex)", fmt.Sprintf("[a-z]*%s%d", own, i)); m != "Success" {
					if m != "Too many filters that search every event: 1000 are allowed for all connections of a user" {
						t.Fatal(m)
					}
					return connections, added
				}
				added++
			}
			if own != "same" {
				own += "x"
			} else if len(connections) > 30 {
				return connections, added
			}
		}
	}
	all, added := fill("user", "own")
	if added != 1000 {
		t.Errorf("%d were added", added)
	}
	if m := add(p.Login(t, "user", "Events: call"), "name(Newchannel),header(Channel),method(exact)", "PJSIP/1"); m != "Success" {
		t.Errorf("one that an index finds: %s", m)
	}
	if _, added := fill("other", "same"); added < 1500 { // it costs once
		t.Errorf("the same ones: %d were added", added)
	}
	for _, c := range all[:2] {
		c.Ask("Logoff")
		c.End()
	}
	for add(p.Login(t, "user", "Events: call"), "method(regex)", "[a-z]*one more") != "Success" { // until the proxy has seen that they are gone
	}
}
