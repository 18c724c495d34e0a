package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
)

// localVerb is an action that is answered here and never forwarded: it is about the client's own
// session, and on the shared one it would be about everybody's.
type localVerb struct {
	beforeLogin bool
	class       ami.Class // as Asterisk registers it (manager.c, __init_manager)
	run         func(*Client, context.Context, ami.Message) (more bool)
}

// localVerbs by lower-case name of the action, localProxyVerbs of the ProxyAction; variables so that
// their functions may refer to each other.
var localVerbs, localProxyVerbs map[string]localVerb

func init() {
	localVerbs = map[string]localVerb{
		"login":     {beforeLogin: true, run: (*Client).login},
		"logoff":    {beforeLogin: true, run: (*Client).logoff},
		"challenge": {beforeLogin: true, run: (*Client).giveChallenge},
		"events":    {run: (*Client).setEvents},
		"filter":    {class: ami.ClassSystem, run: (*Client).addFilter},
		"waitevent": {run: (*Client).waitEvent},
	}
	localProxyVerbs = map[string]localVerb{
		"logoff":          {run: (*Client).logoff},
		"setoutputformat": {run: (*Client).setOutputFormat},
	}
}

func (c *Client) logoff(_ context.Context, m ami.Message) bool {
	c.waitForAnswers()
	c.finish(ami.NewResponse("Goodbye", m.ActionID()).Add("Message", "Thanks for all the fish.").Message(), ErrLoggedOff)
	return false
}

func (c *Client) setEvents(_ context.Context, m ami.Message) bool {
	mask, given := ami.ParseMask(m.Get("EventMask"))
	if !given {
		c.fail(m, InvalidAction, "Invalid event mask")
		return true
	}
	if !c.mayAdd(c.user.Load(), mask, c.filters) {
		c.fail(m, TooMany, ErrSearches.Error())
		return true
	}
	c.sendEvents(EventsAnswer(m, mask), mask, c.filters, c.encoding.Load())
	return true
}

// EventsAnswer is the answer to the action Events.
func EventsAnswer(m ami.Message, mask ami.Class) ami.Message {
	state := "Off"
	if mask != 0 {
		state = "On"
	}
	return ami.NewResponse("Success", m.ActionID()).Add("Events", state).Message()
}

func (c *Client) addFilter(_ context.Context, m ami.Message) bool {
	set, answer := AddFilter(c.filters, m)
	if answer.Response() == "Error" {
		c.send(answer, "")
		return true
	}
	if !c.mayAdd(c.user.Load(), c.mask, set) {
		c.fail(m, TooMany, ErrSearches.Error())
		return true
	}
	c.sendEvents(answer, c.mask, set, c.encoding.Load())
	return true
}

// maxFilters is how many filters a client may have: each is tried on every event.
const maxFilters = 64

// AddFilter is the set with what the action Filter adds, and the answer to it.
func AddFilter(set filters.Set, m ami.Message) (filters.Set, ami.Message) {
	if !strings.EqualFold(m.Get("Operation"), "Add") {
		return set, ami.NewError(m.ActionID(), "Unknown operation")
	}
	filter, err := filters.Parse(m.Get("MatchCriteria"), m.Get("Filter"))
	switch {
	case errors.Is(err, filters.ErrRegex):
		return set, ami.NewError(m.ActionID(), "Filter did not compile.  Check the syntax of the filter given.")
	case err != nil:
		return set, ami.NewError(m.ActionID(), "Filter was formatted incorrectly.  Check the syntax of the filter given.")
	}
	more := set.With(filter)
	if more.Len() > maxFilters {
		return set, ami.NewError(m.ActionID(), fmt.Sprintf("Too many filters: %d are allowed", maxFilters))
	}
	return more, ami.NewResponse("Success", m.ActionID()).Add("Message", "Success").Message()
}
