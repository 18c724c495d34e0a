package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/upstream"
)

// Asterisk's own words (manager.c).
const (
	permissionDenied = "Permission denied"
	missingAction    = "Missing action in request"
	unknownAction    = "Invalid/unknown command: %s. Use Action: ListCommands to show available commands."
)

// Handle takes one action, and returns when the next one may be read; false: no more is to be.
//
// A client's own order is Asterisk's: an action without ActionID is alone, nothing before it is
// unanswered when it begins, and nothing behind it begins before its answer. Only actions that carry
// an ActionID may overtake each other.
func (c *Client) Handle(ctx context.Context, m ami.Message) (more bool) {
	c.endWait()
	c.waitForRoom()
	id := m.ActionID()
	c.mu.Lock()
	c.lastID = id
	c.mu.Unlock()
	if id == "" {
		c.waitIdle(ctx.Done())
	}
	more = c.handle(ctx, m)
	if id == "" {
		c.waitIdle(ctx.Done())
	}
	return more
}

func (c *Client) handle(ctx context.Context, m ami.Message) bool {
	if err := ami.CheckAction(m); err != nil {
		c.log.Warn("action refused", "reason", err)
		c.fail(m, "Failed to parse message: "+err.Error())
		return true
	}
	name := m.Action()
	if name == "" && m.Get("ProxyAction") != "" {
		return c.proxyAction(m)
	}
	if name == "" {
		c.fail(m, missingAction)
		return true
	}
	verb, local := localVerbs[strings.ToLower(name)]
	switch {
	case !c.Authenticated() && !(local && verb.beforeLogin):
		c.fail(m, permissionDenied)
	case local:
		return verb.run(c, ctx, m)
	default:
		c.forward(ctx, m, name)
	}
	return true
}

// fail answers an action with an error of the proxy's own.
func (c *Client) fail(m ami.Message, message string) { c.send(ami.NewError(m.ActionID(), message)) }

// forward sends an action to the server it is for, if the user may.
func (c *Client) forward(ctx context.Context, m ami.Message, name string) {
	s, err := c.serverFor(m)
	if err != nil {
		c.fail(m, err.Error())
		return
	}
	user := c.user.Load()
	info, known := s.session.Action(name)
	if !known {
		if status := s.session.Status(); !status.Up {
			c.fail(m, downMessage(s.name, status.Reason))
			return
		}
		if s.session.LearnActions(ctx) == nil {
			info, known = s.session.Action(name)
		}
	}
	switch {
	case !known:
		c.fail(m, fmt.Sprintf(unknownAction, name))
		return
	case !user.MayDo(info.Class):
		c.log.Warn("action refused", "user", user, "action", info.Name, "reason", "class")
		c.fail(m, permissionDenied)
		return
	}
	if err := user.Guard(m); err != nil {
		c.log.Warn("action refused", "user", user, "action", info.Name, "reason", err)
		c.fail(m, err.Error())
		return
	}
	if strings.EqualFold(name, "Originate") && !ami.IsTrue(m.Get("Async")) {
		c.originate(ctx, s, m)
		return
	}
	c.request(ctx, s, upstream.Request{Action: m, Without: withoutServer}, c.newReply(s, m))
}

var withoutServer = []string{"Server"}

// serverFor is the server an action names, else the user's, else the first. A name nobody has is
// an error; never is another server taken instead.
func (c *Client) serverFor(m ami.Message) (*server, error) {
	name := m.Get("Server")
	if name == "" {
		name = c.user.Load().Server()
	}
	if name == "" {
		return c.proxy.servers[0], nil
	}
	if s := c.proxy.server(name); s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("There is no server called %s", name)
}

// request sends r and counts it as outstanding until its receiver has had its last reply.
func (c *Client) request(ctx context.Context, s *server, r upstream.Request, receiver *reply) {
	if tooManyLines(r) {
		c.log.Warn("action refused", "reason", ami.ErrTooManyHeaders)
		c.begin()
		receiver.finish(ami.NewError(receiver.id, ami.ErrTooManyHeaders.Error()), "")
		return
	}
	requester := c.requesters[s]
	if requester == nil {
		requester = s.session.NewRequester()
		c.requesters[s] = requester
	}
	r.Receiver, r.Client = receiver, c.remote
	c.begin()
	err := requester.Send(ctx, r)
	if err == nil {
		return
	}
	message := err.Error()
	if errors.Is(err, upstream.ErrDown) {
		message = downMessage(s.name, s.session.Status().Reason)
	}
	receiver.finish(ami.NewError(receiver.id, message), "")
}

// tooManyLines tells whether an action has more lines than Asterisk takes once it has what the client
// gave none of: an ActionID, or the Async of an Originate.
func tooManyLines(r upstream.Request) bool {
	if r.Action.Len() < ami.MaxHeaders {
		return false
	}
	text := r.Action.AppendAction(nil, "token", r.Without...)
	return bytes.Count(text, []byte("\n"))-1 > ami.MaxHeaders
}

func downMessage(server, reason string) string {
	return fmt.Sprintf("Server %s is not connected: %s", server, reason)
}

// reply takes one action's answer to its client.
type reply struct {
	client *Client
	server *server
	id     string // the ActionID to put back; "" for an action without
	ended  bool   // the last one was counted; the session's reader alone

	// convert, where it is not nil, makes of each message what the client gets; false: nothing.
	convert func(upstream.Reply) (ami.Message, bool)
	atEnd   func()
}

func (c *Client) newReply(s *server, m ami.Message) *reply {
	return &reply{client: c, server: s, id: m.ActionID()}
}

// Receive implements upstream.Receiver.
func (r *reply) Receive(answer upstream.Reply) {
	m, show := answer.Message, true
	switch {
	case r.convert != nil:
		m, show = r.convert(answer)
	case answer.Err != nil:
		m = ami.NewError("token", errorMessage(r.server.name, answer.Err))
	}
	if show {
		r.write(m)
	}
	if answer.Last {
		r.end()
	}
}

// write sends a message with the token in its ActionID replaced by what the client gave.
func (r *reply) write(m ami.Message) {
	replacement := ""
	if r.id != "" {
		replacement = "ActionID: " + r.id + "\r\n"
	}
	r.client.stream.Queue(func(dst []byte) []byte {
		return formats.AppendStandardReply(dst, m, m.Index("ActionID"), replacement, r.server.name)
	})
	r.server.answered.add(r.client.stream)
}

// finish answers with a message of the proxy's own, which has its ActionID already.
func (r *reply) finish(m ami.Message, server string) {
	r.client.stream.Send(func(dst []byte) []byte { return formats.AppendStandard(dst, m, server) })
	r.end()
}

// end counts the action as answered; stragglers come behind it.
func (r *reply) end() {
	if r.ended {
		return
	}
	r.ended = true
	if r.atEnd != nil {
		r.atEnd()
	}
	r.client.done()
}

// errorMessage tells a client what became of its action, and above all whether it may have
// happened.
func errorMessage(server string, err error) string {
	switch {
	case errors.Is(err, upstream.ErrNotSent):
		return fmt.Sprintf("Server %s: the action was not sent", server)
	case errors.Is(err, upstream.ErrOutcomeUnknown):
		return fmt.Sprintf("Server %s was lost: the action was sent, its outcome is unknown", server)
	case errors.Is(err, upstream.ErrTimeout):
		return fmt.Sprintf("Server %s did not answer in time: the outcome is unknown", server)
	}
	return fmt.Sprintf("Server %s: %v", server, err)
}
