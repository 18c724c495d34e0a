package proxy

import (
	"context"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// Caller is who asks by a request of its own and not by a stream: an HTTP client.
type Caller struct {
	User   *access.User
	Remote string // its address, for the log
}

// Answer is everything that came of one action: the response, and the items of its list.
type Answer struct {
	Items  []formats.Item
	Reason Reason // of an error that is the proxy's own
}

// Response is the answer's first message.
func (a Answer) Response() ami.Message {
	if len(a.Items) == 0 {
		return ami.Message{}
	}
	return a.Items[0].Message
}

// Ask runs one action and returns its whole answer. Actions about a stream (Login, Events, WaitEvent
// and so on) are the door's to understand and refused here. When ctx ends first the error is ctx's: the
// action goes on, as if its client had disconnected. The answer counts against feed.Config.ReplyMemory until
// ctx ends, which must be when it is used up; one that finds no room is AnswerLost. Any number of goroutines may
// call it.
func (p *Proxy) Ask(ctx context.Context, by Caller, m ami.Message) (Answer, error) {
	c := newCollector(p.feed, ctx.Done())
	context.AfterFunc(ctx, c.release)
	a := p.newAsker(by.Remote)
	a.output = c
	a.user.Store(by.User)
	defer a.close()
	a.ask(ctx, m)
	a.waitIdle(c.full)
	if err := context.Cause(ctx); err != nil {
		return Answer{}, err
	}
	return c.answer(m.ActionID()), nil
}

func (a *asker) ask(ctx context.Context, m ami.Message) {
	if err := ami.CheckAction(m); err != nil {
		a.fail(m, InvalidAction, "Failed to parse message: "+err.Error())
		return
	}
	name := m.Action()
	_, aboutStream := localVerbs[strings.ToLower(name)]
	if name == "" {
		_, aboutStream = localProxyVerbs[strings.ToLower(m.Get("ProxyAction"))]
	}
	if aboutStream {
		a.fail(m, InvalidAction, fmt.Sprintf("%s is about a connection that stays, which this is not", name+m.Get("ProxyAction")))
		return
	}
	if !a.tooOften(m) {
		a.run(ctx, m, name)
	}
}
