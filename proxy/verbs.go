package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy/feed"
)

// localVerb is an action that is answered here and never forwarded: it is about the client's own
// session, and on the shared one it would be about everybody's.
type localVerb struct {
	beforeLogin bool
	class       ami.Class // as Asterisk registers it (manager.c, __init_manager)
	run         func(*Client, context.Context, ami.Message) (more bool)
}

// localVerbs by lower-case name; a variable so that its functions may refer to each other.
var localVerbs map[string]localVerb

func init() {
	localVerbs = map[string]localVerb{
		"login":        {beforeLogin: true, run: (*Client).login},
		"logoff":       {beforeLogin: true, run: (*Client).logoff},
		"challenge":    {beforeLogin: true, run: (*Client).giveChallenge},
		"events":       {run: (*Client).setEvents},
		"filter":       {class: ami.ClassSystem, run: (*Client).addFilter},
		"waitevent":    {run: (*Client).waitEvent},
		"listcommands": {run: (*Client).listCommands},
	}
}

// allowed tells whether the user has a local verb's class, and refuses it if not.
func (c *Client) allowed(m ami.Message, verb string) bool {
	if c.user.Load().MayDo(localVerbs[verb].class) {
		return true
	}
	c.fail(m, permissionDenied)
	return false
}

func (c *Client) giveChallenge(_ context.Context, m ami.Message) bool {
	if !strings.EqualFold(m.Get("AuthType"), "MD5") {
		c.fail(m, "Must specify AuthType")
		return true
	}
	if c.challenge == "" {
		c.challenge = access.NewChallenge()
	}
	c.send(ami.NewResponse("Success", m.ActionID()).Add("Challenge", c.challenge).Message())
	return true
}

func (c *Client) login(ctx context.Context, m ami.Message) bool {
	if c.Authenticated() {
		c.send(ami.NewResponse("Success", m.ActionID()).Add("Message", "Already authenticated").Message())
		return true
	}
	user, ok := c.authenticate(m)
	if !ok {
		c.log.Warn("login failed", "user", m.Get("Username"))
		select {
		case <-time.After(c.proxy.config.LoginPause):
		case <-c.stream.Done():
		case <-ctx.Done():
		}
		c.stream.Finish(encode(ami.NewError(m.ActionID(), "Authentication failed"), ""))
		return false
	}
	c.loggedIn(user, m)
	return true
}

func (c *Client) authenticate(m ami.Message) (*access.User, bool) {
	users := c.proxy.config.Users
	if strings.EqualFold(m.Get("AuthType"), "MD5") {
		if c.challenge == "" {
			return nil, false
		}
		return users.AuthenticateMD5(m.Get("Username"), c.challenge, m.Get("Key"))
	}
	return users.Authenticate(m.Get("Username"), m.Get("Secret"))
}

func (c *Client) loggedIn(user *access.User, m ami.Message) {
	c.read, c.mask = user.Read(), ami.ClassAll
	if mask, given := ami.ParseMask(m.Get("Events")); given {
		c.mask = mask
	}
	if user.SlowClient() == access.SlowClientSkip {
		c.stream.SetPolicy(feed.Skip)
	}
	c.user.Store(user)
	c.log.Info("client logged in", "user", user)
	accepted := ami.NewResponse("Success", m.ActionID()).Add("Message", "Authentication accepted").Message()
	c.stream.SetSelection(selection(c.read, c.mask, c.filters), encode(accepted, ""))
	if c.read&c.mask&ami.ClassSystem == 0 {
		return
	}
	// In a write of its own: some clients parse the login's reply from a single read.
	s := c.defaultServer()
	if booted, ok := s.fullyBooted(); ok {
		c.stream.SendAlone(encode(booted, s.name))
	}
}

// defaultServer is where actions go that name no server.
func (c *Client) defaultServer() *server {
	if s := c.proxy.server(c.user.Load().Server()); s != nil {
		return s
	}
	return c.proxy.servers[0]
}

func (c *Client) logoff(_ context.Context, m ami.Message) bool {
	c.waitForAnswers()
	c.stream.Finish(encode(goodbye(m), ""))
	return false
}

func goodbye(m ami.Message) ami.Message {
	return ami.NewResponse("Goodbye", m.ActionID()).Add("Message", "Thanks for all the fish.").Message()
}

func (c *Client) setEvents(_ context.Context, m ami.Message) bool {
	mask, given := ami.ParseMask(m.Get("EventMask"))
	if !given {
		c.fail(m, "Invalid event mask")
		return true
	}
	c.mask = mask
	state := "Off"
	if mask != 0 {
		state = "On"
	}
	answer := ami.NewResponse("Success", m.ActionID()).Add("Events", state).Message()
	c.stream.SetSelection(selection(c.read, c.mask, c.filters), encode(answer, ""))
	return true
}

func (c *Client) addFilter(_ context.Context, m ami.Message) bool {
	if !c.allowed(m, "filter") {
		return true
	}
	if !strings.EqualFold(m.Get("Operation"), "Add") {
		c.fail(m, "Unknown operation")
		return true
	}
	filter, err := filters.Parse(m.Get("MatchCriteria"), m.Get("Filter"))
	switch {
	case errors.Is(err, filters.ErrRegex):
		c.fail(m, "Filter did not compile.  Check the syntax of the filter given.")
		return true
	case err != nil:
		c.fail(m, "Filter was formatted incorrectly.  Check the syntax of the filter given.")
		return true
	}
	c.filters = c.filters.With(filter)
	answer := ami.NewResponse("Success", m.ActionID()).Add("Message", "Success").Message()
	c.stream.SetSelection(selection(c.read, c.mask, c.filters), encode(answer, ""))
	return true
}

// listCommands tells what this user may do on his server, as Asterisk tells its own users.
func (c *Client) listCommands(_ context.Context, m ami.Message) bool {
	s, err := c.serverFor(m)
	if err != nil {
		c.fail(m, err.Error())
		return true
	}
	user := c.user.Load()
	b := ami.NewResponse("Success", m.ActionID())
	for _, a := range s.session.Actions() {
		if user.MayDo(a.Class) {
			b.Add(a.Name, fmt.Sprintf("%s (Priv: %s)", a.Description, a.Privilege))
		}
	}
	answer := b.Message()
	c.stream.Send(func(dst []byte) []byte { return append(dst, encode(answer, s.name)...) })
	return true
}
