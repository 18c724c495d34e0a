package proxy

import (
	"context"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

// Asterisk's own words (manager.c).
const (
	permissionDenied = access.PermissionDenied
	missingAction    = "Missing action in request"
	unknownAction    = "Invalid/unknown command: %s. Use Action: ListCommands to show available commands."

	maxUnknownAction = 511 // bytes that fit its buffer
)

// Handle takes one action, and returns when the next one may be read; false: no more is to be.
//
// A client's own order is Asterisk's: an action without ActionID is alone, nothing before it is
// unanswered when it begins, and nothing behind it begins before its answer. Only actions that carry
// an ActionID may overtake each other.
func (c *Client) Handle(ctx context.Context, m ami.Message) (more bool) {
	return c.inOrder(ctx, m, func() bool { return c.handle(ctx, m) })
}

// Refuse answers an action that was too large to be read, in the place of Handle. m is what was read of it.
func (c *Client) Refuse(ctx context.Context, m ami.Message, reason error) {
	c.inOrder(ctx, m, func() bool {
		c.logRefusal("reason", reason)
		c.fail(m, InvalidAction, reason.Error())
		return true
	})
}

func (c *Client) inOrder(ctx context.Context, m ami.Message, handle func() (more bool)) (more bool) {
	c.endWait()
	c.WaitForRoom()
	id := m.ActionID()
	c.mu.Lock()
	c.lastID = id
	c.mu.Unlock()
	if id == "" {
		c.waitIdle(ctx.Done())
	}
	if c.dismissed.Load() {
		return false
	}
	more = handle()
	if id == "" {
		c.waitIdle(ctx.Done())
	}
	return more
}

func (c *Client) handle(ctx context.Context, m ami.Message) bool {
	if err := ami.CheckAction(m); err != nil {
		c.logRefusal("reason", err)
		c.fail(m, InvalidAction, "Failed to parse message: "+err.Error())
		return true
	}
	if !c.Authenticated() && m.Has(proxyKey) && !c.admitByKey(ctx, m) {
		return false
	}
	if c.tooOften(m) {
		return true
	}
	name := m.Action()
	verb, local := c.verb(m, name)
	switch {
	case !c.Authenticated() && !(local && verb.beforeLogin) && (name != "" || m.Get("ProxyAction") != ""):
		c.fail(m, PermissionDenied, permissionDenied)
	case local && name != "" && !verb.beforeLogin && !c.allowed(name, verb.class, m, nil):
	case local:
		return verb.run(c, ctx, m)
	default:
		c.run(ctx, m, name)
	}
	return true
}

// verb is what an action does to the client's own stream, if it is one that does.
func (c *Client) verb(m ami.Message, name string) (verb localVerb, local bool) {
	if name == "" {
		verb, local = localProxyVerbs[strings.ToLower(m.Get("ProxyAction"))]
		return verb, local
	}
	verb, local = localVerbs[strings.ToLower(name)]
	return verb, local
}
