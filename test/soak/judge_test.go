package soak_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/astproxy/astproxy/proxy/feed"
)

// judge looks at everything that a client gets, whatever its kind.
type judge struct {
	soak *soak
	role *role
	name string

	mu         sync.Mutex
	connection int // how many it had
	numbers    numbers
	calls      calls
	answers    answers
	place      string     // the latest, where events have places
	latest     [6]message // a ring
	got        int        // messages ever
	counts     counts
}

func newJudge(s *soak, r *role, name string) judge {
	return judge{soak: s, role: r, name: name, numbers: numbers{told: s.told, sees: r.sees, exact: !r.calls}, calls: calls{told: s.told}}
}

// beginEvents is for who has just been let in: everything comes from now on.
func (c *judge) beginEvents() {
	c.numbers.begin()
	c.calls.begin()
}

// fail tells what is wrong. The client goes on.
func (c *judge) fail(err error) {
	var before strings.Builder
	for i := range c.latest {
		if m := c.latest[(c.got+i)%len(c.latest)]; m != nil {
			fmt.Fprintf(&before, "\n    %s", brief(m))
		}
	}
	c.soak.fail("%s, connection %d: %v; what it got last:%s", c.name, c.connection, err, &before)
}

// take is whatever was read.
func (c *judge) take(m message) error {
	c.latest[c.got%len(c.latest)] = m
	c.got++
	if place := m.Get("ProxySequence"); place != "" {
		c.place = place
	}
	event := m.Get("Event")
	if event == "" {
		return c.answers.respond(m)
	}
	c.counts.events++
	if items[event] {
		return c.answers.takeItem(event, m)
	}
	return c.takeEvent(event, m)
}

// takeEvent judges an event for everybody.
func (c *judge) takeEvent(event string, m message) error {
	switch event {
	case "ProxyGap":
		c.counts.gaps++
		if m.Get("Reason") == feed.GapOverload {
			c.counts.overloads++
		}
		c.answers.lost = true
		c.numbers.announceGap(m.Get("Missed"), m.Get("Reason"))
		c.calls.begin()
		return nil
	case "ProxyServerStatus":
		c.answers.lost = true
		c.calls.begin()
		return c.numbers.announceStatus()
	case "OriginateResponse":
		if id := m.Get("ActionID"); !strings.HasPrefix(id, callPrefix) {
			return fmt.Errorf("the outcome of a synchronous Originate is shown to everybody: %s", brief(m))
		}
		return nil
	case "UserEvent":
		return c.takeUserEvent(m)
	}
	return c.calls.take(event, m)
}

func (c *judge) takeUserEvent(m message) error {
	if m.Get("UserEvent") == "Own" {
		if m.Get("From") == c.name {
			return c.answers.takeEcho(m.Get("Number"))
		}
		return nil
	}
	for series, name := range seriesNames {
		if m.Get("UserEvent") == name {
			life, _ := strconv.Atoi(m.Get("Life"))
			number, _ := strconv.Atoi(m.Get("Number"))
			c.counts.numbered++
			return c.numbers.take(series, life, number)
		}
	}
	return nil
}
