package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/upstream"
)

// run does what anybody who has logged in may ask for, with a stream of events or without.
func (a *asker) run(ctx context.Context, m ami.Message, name string) {
	switch {
	case name == "" && m.Get("ProxyAction") != "":
		a.proxyAction(m)
	case name == "":
		a.fail(m, InvalidAction, missingAction)
	case strings.EqualFold(name, "ListCommands"):
		if a.allowed("ListCommands", ami.ClassNone, m, nil) {
			a.listCommands(m)
		}
	default:
		if own, is := a.proxy.Extension().action(name); is {
			a.runOwn(m, own)
			return
		}
		a.forward(ctx, m, name)
	}
}

// forward sends an action to the server it is for, if the user may.
func (a *asker) forward(ctx context.Context, m ami.Message, name string) {
	s, ok := a.serverFor(m)
	if !ok {
		return
	}
	user := a.user.Load()
	info, known := s.session.Action(name)
	if !known {
		if status := s.session.Status(); !status.Up {
			a.fail(m, ServerDown, downMessage(s.name, status.Reason))
			return
		}
		if s.session.LearnActions(ctx) == nil {
			info, known = s.session.Action(name)
		}
	}
	if !known {
		message := fmt.Sprintf(unknownAction, name)
		a.fail(m, UnknownAction, message[:min(len(message), maxUnknownAction)])
		return
	}
	m = user.Rewrite(info.Name, m)
	if !a.allowed(info.Name, info.Class, m, serverChannels{s.tracker}) {
		return
	}
	m = user.WithVariables(info.Name, m)
	if soundsLong(m) && !user.AllowBlocking() {
		a.fail(m, PermissionDenied, longToneRefused)
		return
	}
	if strings.EqualFold(name, "Originate") && !ami.IsTrue(m.Get("Async")) {
		a.originate(ctx, s, m)
		return
	}
	a.request(ctx, s, upstream.Request{Action: m, Without: withoutOwn}, a.newReply(s, m))
}

// allowed tells whether the user may, by what is known of the channels, and answers and logs it if not.
func (a *asker) allowed(name string, class ami.Class, m ami.Message, known access.Channels) bool {
	user := a.user.Load()
	d := user.JudgeKnowing(known, name, class, m)
	if !d.Allowed {
		a.logRefusal("user", user, "action", name, "by", d.By, "reason", d.Why)
		a.fail(m, PermissionDenied, d.Answer)
	}
	return d.Allowed
}

// proxyKey is the header by which an action may say who it is from.
const proxyKey = "ProxyKey"

// withoutOwn are the headers that are for the proxy.
var withoutOwn = []string{"Server", proxyKey}

// serverFor is the server an action names, else the user's, else the first. A name nobody has is
// answered with an error; never is another server taken instead.
func (a *asker) serverFor(m ami.Message) (s *server, ok bool) {
	name := m.Get("Server")
	if name == "" {
		name = a.user.Load().Server()
	}
	if name == "" {
		return a.proxy.inUse()[0], true
	}
	if s := a.proxy.server(name); s != nil {
		return s, true
	}
	a.fail(m, UnknownServer, "There is no server called "+name)
	return nil, false
}

// request sends r and counts it as outstanding until its receiver has had its last reply.
func (a *asker) request(ctx context.Context, s *server, r upstream.Request, receiver *reply) {
	if tooManyLines(r) {
		a.logRefusal("reason", ami.ErrTooManyHeaders)
		a.begin()
		receiver.fail(InvalidAction, ami.ErrTooManyHeaders.Error())
		return
	}
	if user := a.user.Load(); !a.pend(user, receiver) {
		a.logRefusal("user", user, "reason", "max_pending")
		a.begin()
		receiver.fail(TooMany, fmt.Sprintf("Too many actions at once: %d are allowed", user.Limits().Pending))
		return
	}
	if a.follow(s, r, receiver) {
		return
	}
	a.begin()
	r.Receiver, r.Client = receiver, a.remote
	if s.polls.share(ctx, r, receiver) {
		return
	}
	r.Receiver = a.lead(r, receiver)
	if err := a.requesterOf(s).Send(ctx, r); err != nil {
		a.leadNobody()
		receiver.fail(s.refusal(err))
	}
}

// requesterOf is the asker's place among those who want something of a server.
func (a *asker) requesterOf(s *server) *upstream.Requester {
	requester := a.requesters[s]
	if requester == nil {
		requester = s.session.NewRequester()
		if a.requesters == nil {
			a.requesters = map[*server]*upstream.Requester{}
		}
		a.forgetServers()
		a.requesters[s] = requester
	}
	return requester
}

// refusal is what is said of an action that could not be queued.
func (s *server) refusal(err error) (Reason, string) {
	if errors.Is(err, upstream.ErrDown) {
		return ServerDown, downMessage(s.name, s.session.Status().Reason)
	}
	return judged(s.name, err)
}

// forgetServers lets go of the servers that are not configured any more.
func (a *asker) forgetServers() {
	for s, requester := range a.requesters {
		if s.dropped.Load() {
			requester.Close()
			delete(a.requesters, s)
		}
	}
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

// judged tells what became of an action, and above all whether it may have happened.
func judged(server string, err error) (Reason, string) {
	switch {
	case errors.Is(err, errAnswerLost):
		return AnswerLost, noMemoryForAnswer
	case errors.Is(err, upstream.ErrNotSent):
		return NotSent, fmt.Sprintf("Server %s: the action was not sent", server)
	case errors.Is(err, upstream.ErrOutcomeUnknown):
		return OutcomeUnknown, fmt.Sprintf("Server %s was lost: the action was sent, its outcome is unknown", server)
	case errors.Is(err, upstream.ErrTimeout):
		return TimedOut, fmt.Sprintf("Server %s did not answer in time: the outcome is unknown", server)
	}
	return NotSent, fmt.Sprintf("Server %s: %v", server, err)
}
