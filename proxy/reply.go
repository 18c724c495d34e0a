package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/upstream"
)

// reply takes one action's answer to its asker.
type reply struct {
	asker  *asker
	server *server
	id     string // the ActionID to put back; "" for an action without

	// The session's reader alone, once the action is sent.
	listing bool // more than one message of it is shown
	ended   bool // the last one was counted
	hidden  int  // items that are not the asker's to see

	changes bool // the action may change something: answers of others are not kept beyond its own
	looks   bool // it was told by asker.looks that it does not

	// convert, where it is not nil, makes of each message what the asker gets; false: nothing.
	convert func(upstream.Reply) (ami.Message, bool)
	atEnd   func()
}

func (a *asker) newReply(s *server, m ami.Message) *reply {
	return &reply{asker: a, server: s, id: m.ActionID()}
}

// Receive implements upstream.Receiver.
func (r *reply) Receive(answer upstream.Reply) {
	if m, reason, show := r.judge(answer); show {
		m, options := r.shown(r.asker.user.Load().Redaction().Apply(m))
		if !answer.Last && !r.listing {
			r.listing = true
			r.asker.beginList()
		}
		r.asker.output.queue(m, options, reason)
		r.server.answered.add(r.asker.output)
	}
	if answer.Last {
		r.end()
	}
}

// replay gives an asker an answer that another has had. Its own goroutine calls it, and it is the only one.
func (r *reply) replay(answer []upstream.Reply) {
	r.asker.betweenLists(func() {
		for _, each := range answer {
			if m, reason, show := r.judge(each); show {
				m, options := r.shown(r.asker.user.Load().Redaction().Apply(m))
				r.asker.output.queue(m, options, reason)
			}
		}
	})
	r.asker.output.wake()
	r.end()
}

// judge makes of a reply what the asker gets, if he gets anything.
func (r *reply) judge(answer upstream.Reply) (m ami.Message, reason Reason, show bool) {
	m, show = answer.Message, true
	switch {
	case answer.Err != nil:
		var message string
		reason, message = judged(r.server.name, answer.Err)
		m = ami.NewError("token", message)
	case r.convert != nil && answer.Last && m.IsZero():
		reason = OutcomeUnknown
		m = ami.NewError("token", fmt.Sprintf("Server %s did not answer the action: the outcome is unknown", r.server.name))
	case r.convert != nil:
		m, show = r.convert(answer)
	default:
		show = !m.IsZero() // an action may end without a word
	}
	if show && m.IsEvent() {
		m, show = r.his(m)
	}
	return m, reason, show && !m.IsZero() // it may answer with nothing at all
}

// shown is a message with what the asker gave in the place of the token.
func (r *reply) shown(m ami.Message) (ami.Message, formats.Options) {
	options := formats.Options{Server: r.server.name, Reply: true, ActionID: r.id}
	line := r.server.session.TokenLine(m)
	if line == m.Index("ActionID") {
		return m, options
	}
	// An ActionID of the client's own making stands in front of it, and stays.
	replacement := ""
	if r.id != "" {
		replacement = "ActionID: " + r.id + "\r\n"
	}
	options.Reply = false
	return m.Replacing(line, replacement), options
}

// fail answers an action that was never sent.
func (r *reply) fail(reason Reason, message string) {
	r.asker.say(ami.NewError(r.id, message), formats.Options{}, reason)
	r.end()
}

// end counts the action as answered; stragglers come behind it.
func (r *reply) end() {
	if r.ended {
		return
	}
	r.ended = true
	if r.listing {
		r.asker.endList()
	}
	if r.changes {
		r.server.polls.changed()
	}
	if r.atEnd != nil {
		r.atEnd()
	}
	r.asker.done(r.looks)
}
