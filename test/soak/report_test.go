package soak_test

import (
	"fmt"
	"strings"
)

// counts is what clients of one kind have done and got.
type counts struct {
	clients, connections, resumed, froze, cutOff, turnedAway int
	events, numbered, gaps, missed, overloads                int
	actions, abandoned                                       int
	outcomes                                                 [outcomes]int
}

// count adds what a client has done.
func (s *soak) count(kind string, c *counts, a *answers, n *numbers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.counts[kind]
	if sum == nil {
		sum = &counts{}
		s.counts[kind] = sum
	}
	sum.clients++
	for _, each := range []struct{ to, from *int }{
		{&sum.connections, &c.connections}, {&sum.resumed, &c.resumed}, {&sum.froze, &c.froze}, {&sum.cutOff, &c.cutOff}, {&sum.turnedAway, &c.turnedAway},
		{&sum.events, &c.events}, {&sum.numbered, &c.numbered}, {&sum.gaps, &c.gaps}, {&sum.missed, &n.missed}, {&sum.overloads, &c.overloads},
		{&sum.actions, &c.actions}, {&sum.abandoned, &c.abandoned},
	} {
		*each.to += *each.from
	}
	for i := range outcomes {
		sum.outcomes[i] += a.outcomes[i]
	}
}

// kindNames are all kinds in the report's order.
var kindNames = []string{"manager", "manager with TLS", "WebSocket", "event stream", "HTTP actions", "HTTP session"}

// loads is how often all clients come: before each measurement.
const loads = 2

// report says what was done.
func (s *soak) report(before, after level) {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d clients; Asterisk made %d calls and told %d numbered events in %d lives, was stopped %d times and killed %d times\n",
		s.seed, s.plan.clients, s.told.calls, s.told.events, s.told.life, s.restarts-s.kills, s.kills)
	row := "%-17s %7v %11v %7v %7v %7v %10v %9v %6v %8v %7v %8v %9v %9v %8v %8v %9v\n"
	fmt.Fprintf(&b, row, "", "clients", "connections", "resumed", "frozen", "cut off", "events", "numbered", "gaps", "overload", "missed", "actions", "answered", "not sent", "unknown", "refused", "abandoned")
	for _, name := range kindNames {
		c := s.counts[name]
		fmt.Fprintf(&b, row, name, c.clients/loads, c.connections, c.resumed, c.froze, c.cutOff, c.events, c.numbered, c.gaps, c.overloads, c.missed,
			c.actions, c.outcomes[answered], c.outcomes[notSent], c.outcomes[uncertain]+c.outcomes[timedOut], c.outcomes[refused], c.abandoned)
	}
	if stalls := s.stalls.many.Load(); stalls > 0 {
		turnedAway := 0
		for _, c := range s.counts {
			turnedAway += c.turnedAway
		}
		fmt.Fprintf(&b, "the machine has stood still %d times, for which %d connections were turned away\n", stalls, turnedAway)
	}
	fmt.Fprintf(&b, "the proxy after the warm-up: %v\n", before)
	fmt.Fprintf(&b, "the proxy at the end:        %v", after)
	s.t.Logf("\n%s", &b)
}

// wantShown wants that there was something to lose: a soak in which nothing goes wrong shows nothing.
func (s *soak) wantShown() {
	var all counts
	for _, c := range s.counts {
		all.resumed += c.resumed
		all.gaps += c.gaps
		all.outcomes[answered] += c.outcomes[answered]
		all.outcomes[notSent] += c.outcomes[notSent] + c.outcomes[uncertain]
	}
	for what, count := range map[string]int{
		"came back to its place": all.resumed, "was told of a gap": all.gaps, "was answered": all.outcomes[answered],
		"asked while Asterisk was away": all.outcomes[notSent],
	} {
		if count == 0 {
			s.t.Errorf("nobody %s: the test shows nothing", what)
		}
	}
}
