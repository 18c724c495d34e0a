package proxy

import (
	"context"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

func (c *Client) giveChallenge(_ context.Context, m ami.Message) bool {
	if !strings.EqualFold(m.Get("AuthType"), "MD5") {
		c.fail(m, InvalidAction, "Must specify AuthType")
		return true
	}
	if c.challenge == "" {
		c.challenge = access.NewChallenge()
	}
	c.send(ami.NewResponse("Success", m.ActionID()).Add("Challenge", c.challenge).Message(), "")
	return true
}

func (c *Client) login(ctx context.Context, m ami.Message) bool {
	if c.Authenticated() {
		c.send(ami.NewResponse("Success", m.ActionID()).Add("Message", "Already authenticated").Message(), "")
		return true
	}
	user, ok := c.authenticate(m)
	if !ok {
		c.refuseLogin(ctx, m)
		return false
	}
	if !c.connect(user) {
		c.finish(ami.NewError(m.ActionID(), tooManyConnections(user).Error()), ErrConnections)
		return false
	}
	c.loggedIn(user, m)
	return true
}

// refuseLogin answers who is not who he says, and closes.
func (c *Client) refuseLogin(ctx context.Context, m ami.Message) {
	c.proxy.PauseFailedLogin(ctx, c.stream.Done(), c.remote)
	c.finish(ami.NewError(m.ActionID(), "Authentication failed"), ErrLogin)
}

// admitByKey logs in who gives a ProxyKey with his first action. The action itself is still to be run,
// and its answer is the first thing he gets.
func (c *Client) admitByKey(ctx context.Context, m ami.Message) bool {
	user, ok := c.proxy.Authenticate(c.attempt(), func(users *access.Users) (*access.User, bool) {
		return users.AuthenticateKey(m.Get(proxyKey))
	})
	if !ok {
		c.refuseLogin(ctx, m)
		return false
	}
	if !c.connect(user) {
		c.finish(ami.NewError(m.ActionID(), tooManyConnections(user).Error()), ErrConnections)
		return false
	}
	c.admit(user, ami.ClassAll, c.filters)
	c.selectEvents(c.usersEncoding(user), func(dst []byte) []byte { return dst })
	return true
}

// FailedLogins is how many logins ever failed, at all doors. Any goroutine.
func (p *Proxy) FailedLogins() uint64 { return p.failedLogins.Load() }

func (c *Client) authenticate(m ami.Message) (*access.User, bool) {
	a := c.attempt()
	a.Name = m.Get("Username")
	byMD5 := strings.EqualFold(m.Get("AuthType"), "MD5")
	switch {
	case c.isCertified(m):
		a.Name, a.Unguessable = c.certified.Name(), true
	case byMD5:
		a.Challenge, a.Response = c.challenge, m.Get("Key")
	}
	return c.proxy.Authenticate(a, func(users *access.Users) (*access.User, bool) {
		switch {
		case c.isCertified(m):
			return c.certified, true
		case byMD5:
			return users.AuthenticateMD5(a.Name, a.Challenge, a.Response)
		}
		return users.Authenticate(a.Name, m.Get("Secret"))
	})
}

// attempt is a login of this client.
func (c *Client) attempt() Attempt {
	return Attempt{Remote: c.remote, Local: c.local, TLS: c.encrypted}
}

// SetCertified tells whom the connection's own certificate shows: he logs in without a secret. The
// door calls it before the first action, on the goroutine that reads.
func (c *Client) SetCertified(user *access.User) { c.certified = user }

// isCertified tells whether a Login leaves it to the certificate who it is.
func (c *Client) isCertified(m ami.Message) bool {
	if c.certified == nil || m.Get("Secret") != "" || m.Get("Key") != "" {
		return false
	}
	name := m.Get("Username")
	return name == "" || strings.EqualFold(name, c.certified.Name())
}

func (c *Client) loggedIn(user *access.User, m ami.Message) {
	mask := ami.ClassAll
	if given, ok := ami.ParseMask(m.Get("Events")); ok {
		mask = given
	}
	c.admit(user, mask, c.filters)
	c.sendEvents(ami.NewResponse("Success", m.ActionID()).Add("Message", "Authentication accepted").Message(), mask, c.filters, c.usersEncoding(user))
	c.sendFullyBooted()
}

// sendFullyBooted is sent in a write of its own: some clients parse the login's reply from a single
// read. Who may not see it gets none.
func (c *Client) sendFullyBooted() {
	s := c.defaultServer()
	booted, ok := s.fullyBooted()
	if !ok {
		return
	}
	user := c.user.Load()
	booted = user.Redaction().Apply(booted)
	if user.Read()&c.mask&ami.ClassSystem != 0 && user.SeesEventsNamed(booted.Event()) && user.Filters().Plus(c.filters).Passes(booted) {
		c.stream.SendAlone(c.encoding.Load().own(booted, s.name))
	}
}

// defaultServer is where actions go that name no server.
func (c *Client) defaultServer() *server {
	if s := c.proxy.server(c.user.Load().Server()); s != nil {
		return s
	}
	return c.proxy.inUse()[0]
}
