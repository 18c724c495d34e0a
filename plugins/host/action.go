package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
)

// CodeStopped is why an action was not done, or not to its end: the plugin does not run.
const CodeStopped = "plugin_stopped"

// question is an action that has to be answered, once.
type question struct {
	once   sync.Once
	action ami.Message
	gone   <-chan struct{} // nil: nobody goes
	inTurn bool            // it is an event itself: the plugin shall have heard what came before it
	answer func(messages []ami.Message, reason proxy.Reason)
}

func (q *question) reply(messages []ami.Message, reason proxy.Reason) {
	q.once.Do(func() { q.answer(messages, reason) })
}

// refuse answers with an error.
func (q *question) refuse(err *plugins.Error) { q.reply(refusal(q.action, err)) }

// refusal is the answer that an error makes.
func refusal(m ami.Message, err *plugins.Error) ([]ami.Message, proxy.Reason) {
	b := ami.NewResponse("Error", m.ActionID()).Add("Message", err.Text).Add("Code", err.Code)
	return []ami.Message{b.Message()}, proxy.Reason(err.Code)
}

var errStopped = plugins.Refuse(CodeStopped, "The plugin does not run")

// ask has somebody's action done by the instance that runs. It does not wait.
func (s *slot) ask(name string, by plugins.Caller, q *question) {
	i := s.current.Load()
	if i == nil || !i.begin() {
		go q.refuse(errStopped) // it may have to wait for an answer of the same client's
		return
	}
	i.mu.Lock()
	i.questions[q] = struct{}{}
	i.mu.Unlock()
	heard := i.heard(q)
	go func() {
		defer i.work.Done()
		select {
		case <-heard:
		case <-i.ctx.Done():
		}
		q.reply(i.perform(name, by, q))
		i.mu.Lock()
		delete(i.questions, q)
		i.mu.Unlock()
	}()
}

// heard is closed when the plugin has heard what it shall have before it is asked.
func (i *instance) heard(q *question) <-chan struct{} {
	if !q.inTurn || i.hearer == nil {
		return closed
	}
	return i.queue.all()
}

// closed is a channel that is.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// abandon answers what a plugin that does not end has not answered.
func (i *instance) abandon() {
	i.mu.Lock()
	var left []*question
	for q := range i.questions {
		left = append(left, q)
	}
	i.mu.Unlock()
	for _, q := range left {
		go q.refuse(errStopped)
	}
}

// perform runs an action to its answer.
func (i *instance) perform(name string, by plugins.Caller, q *question) ([]ami.Message, proxy.Reason) {
	at := slices.IndexFunc(i.actions, func(a plugins.Action) bool { return strings.EqualFold(a.Name, name) })
	if at < 0 {
		return refusal(q.action, errStopped)
	}
	action := i.actions[at]
	if err := checkHeaders(action, q.action); err != nil {
		return refusal(q.action, err)
	}
	var answer plugins.Answer
	err := i.safely("action "+name, func() (err error) {
		answer, err = action.Run(i.ctx, by, q.action)
		return err
	})
	if err != nil {
		return refusal(q.action, i.told(name, by, err))
	}
	if answer.Job != nil && ami.IsTrue(q.action.Get("Wait")) {
		return i.await(name, by, q, answer)
	}
	return whole(q.action, answer), ""
}

// told is an error as who asked sees it.
func (i *instance) told(what string, by plugins.Caller, err error) *plugins.Error {
	var meant *plugins.Error
	switch {
	case errors.As(err, &meant):
		return meant
	case errors.Is(err, plugins.ErrDown):
		return plugins.Refuse(plugins.CodeServerDown, "The server is not connected")
	case errors.Is(err, context.Canceled):
		return plugins.Refuse(plugins.CodeCancelled, "It was cancelled")
	}
	i.log.Error("action failed", "action", what, "client", by.Remote, "error", err)
	return plugins.Refuse(plugins.CodeFailed, "%s has failed; the proxy's log tells why", what)
}

// await is the answer of an action that waits for its job.
func (i *instance) await(name string, by plugins.Caller, q *question, answer plugins.Answer) ([]ami.Message, proxy.Reason) {
	select {
	case <-answer.Job.Done():
	case <-q.gone: // nobody is there to be answered; the job goes on
		return whole(q.action, answer), ""
	}
	j, ours := answer.Job.(*job)
	if !ours {
		return whole(q.action, answer), ""
	}
	s := j.snapshot()
	if s.err == nil {
		answer.Response = appended(answer.Response, s.result)
		return whole(q.action, answer), ""
	}
	err := i.told(name, by, s.err)
	b := ami.NewResponse("Error", q.action.ActionID()).Add("Message", err.Text).Add("Code", err.Code).Add("JobID", j.id)
	return []ami.Message{appended(b, s.result).Message()}, proxy.Reason(err.Code)
}

// appended is b with the headers of m behind its own.
func appended(b *ami.Builder, m ami.Message) *ami.Builder {
	if b == nil {
		b = new(ami.Builder)
	}
	for name, value := range m.All() {
		b.Add(name, value)
	}
	return b
}

// whole is all messages of an answer.
func whole(m ami.Message, a plugins.Answer) []ami.Message {
	id := m.ActionID()
	b := ami.NewResponse("Success", id)
	if a.List != nil {
		b.Add("EventList", "start")
	}
	if a.Job != nil {
		b.Add("JobID", a.Job.ID())
	}
	if a.Response != nil {
		appended(b, a.Response.Message())
	}
	messages := []ami.Message{b.Message()}
	if a.List == nil {
		return messages
	}
	for _, item := range a.List {
		messages = append(messages, addingSecond(item, "ActionID", id).Message())
	}
	end := ami.NewEvent(a.Complete).AddNonEmpty("ActionID", id).Add("EventList", "Complete").
		Add("ListItems", fmt.Sprint(len(a.List)))
	return append(messages, end.Message())
}

// always are headers that every action may have.
var always = []string{"Action", "ActionID", "Server", "ProxyKey", "Wait"}

// checkHeaders wants those that an action knows, and all that it needs.
func checkHeaders(action plugins.Action, m ami.Message) *plugins.Error {
	seen := map[string]bool{}
	for name := range m.All() {
		at := slices.IndexFunc(action.Headers, func(h plugins.Header) bool { return strings.EqualFold(h.Name, name) })
		key := strings.ToLower(name)
		switch {
		case at < 0 && !slices.ContainsFunc(always, func(a string) bool { return strings.EqualFold(a, name) }):
			return plugins.Refuse(plugins.CodeUnknownHeader, "%s has no header %s", action.Name, name)
		case seen[key] && (at < 0 || !action.Headers[at].Repeated):
			return plugins.Refuse(plugins.CodeInvalid, "Header %s is given more than once", name)
		}
		seen[key] = true
	}
	for _, h := range action.Headers {
		if h.Required && m.Get(h.Name) == "" {
			return plugins.Refuse(plugins.CodeMissing, "%s needs a header %s", action.Name, h.Name)
		}
	}
	return nil
}
