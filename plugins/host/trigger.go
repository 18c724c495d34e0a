package host

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
)

// triggerEventLower is the name, in lower case, of the UserEvent by which the dialplan asks for an action:
//
//	UserEvent(Astproxy,Do: GroupOriginate,Group: sales)
const triggerEventLower = "astproxy"

// dialplanActions is how many actions that dialplans have asked for may be under way at once.
const dialplanActions = 200

// The variables by which the channel is told what came of it. resultVariable is set last.
const (
	resultVariable = "ASTPROXY_RESULT" // Success or Error
	codeVariable   = "ASTPROXY_CODE"   // of an error
	jobVariable    = "ASTPROXY_JOBID"  // of a job
)

// CodeNotAllowed is what the dialplan is told of an action that it may not ask for.
const CodeNotAllowed = "not_a_trigger"

// triggers are the actions that dialplans have asked for, and that are not answered.
type triggers struct {
	underWay atomic.Int64

	mu     sync.Mutex
	sender *proxy.Sender // tells the channels; nil: the host does not run
	ctx    context.Context
	work   sync.WaitGroup
}

// asked is what a dialplan asks for.
type asked struct {
	action ami.Message
	by     plugins.Caller
}

// readTrigger reads an event by which the dialplan asks for an action. It is one only if a channel stands in
// front of the line UserEvent: that is how Asterisk writes what a channel's UserEvent() has said (stasis.c,
// multi_user_event_to_ami), while of the action UserEvent that line is the first (manager.c, action_userevent), whatever
// else somebody has put into it.
func readTrigger(e plugins.Event) (asked, bool) {
	m := e.Message
	at := m.Index("UserEvent")
	const first = 2 // behind Event and Privilege
	if at <= first || !isTriggerEvent(value(m, at)) || m.IndexFrom("UserEvent", at+1) >= 0 {
		return asked{}, false
	}
	if name, _ := m.Header(first); name != "Channel" {
		return asked{}, false
	}
	channel, action := new(ami.Builder), new(ami.Builder)
	what, several := "", false
	for i := first; i < m.Len(); i++ {
		switch name, value := m.Header(i); {
		case i < at:
			channel.Add(name, value)
		case i == at || name == "":
		case strings.EqualFold(name, "Do"):
			what, several = value, what != ""
		case strings.EqualFold(name, "Server"), strings.EqualFold(name, "ActionID"), strings.EqualFold(name, "Action"):
		default:
			action.Add(unnumbered(name), value)
		}
	}
	if what == "" || several {
		return asked{}, false
	}
	from := channel.Message()
	if from.Get("Uniqueid") == "" {
		return asked{}, false
	}
	return asked{
		appended(ami.NewAction(what), action.Message()).Message(),
		plugins.Caller{Remote: from.Get("Channel"), Server: e.Server, Channel: from},
	}, true
}

// isTriggerEvent compares without the case of ASCII's letters alone, as the guard does who keeps clients from saying it
// (access, asksForPlugins): strings.EqualFold takes a long s for an s.
func isTriggerEvent(name string) bool { return strings.ToLower(name) == triggerEventLower }

// unnumbered is Destination for Destination/2. Of several arguments of UserEvent with the same name Asterisk keeps the last
// one alone (app_userevent.c), so that a header that comes more than once has to be told apart.
func unnumbered(name string) string {
	if base, number, found := strings.Cut(name, "/"); found && number != "" && strings.Trim(number, "0123456789") == "" {
		return base
	}
	return name
}

func value(m ami.Message, i int) string {
	_, v := m.Header(i)
	return v
}

// trigger has an action done that the dialplan asks for. The hub calls it; it does not wait.
func (h *Host) trigger(e plugins.Event) {
	a, is := readTrigger(e)
	if !is {
		return
	}
	h.triggers.mu.Lock()
	defer h.triggers.mu.Unlock()
	if h.triggers.sender == nil {
		return
	}
	if h.triggers.underWay.Add(1) > dialplanActions {
		h.triggers.underWay.Add(-1)
		h.log.Warn("action refused", "client", a.by.Remote, "server", e.Server, "action", a.action.Action(), "reason", "too many from the dialplan at once")
		return
	}
	h.triggers.work.Add(1)
	ctx, sender := h.triggers.ctx, h.triggers.sender
	q := &question{action: a.action, inTurn: true, answer: func(messages []ami.Message, _ proxy.Reason) {
		defer h.triggers.work.Done()
		defer h.triggers.underWay.Add(-1)
		tellChannel(ctx, sender, a.by, messages[0])
	}}
	s := h.triggered(a.action.Action())
	if s == nil {
		h.log.Warn("action refused", "client", a.by.Remote, "server", e.Server, "action", a.action.Action(), "reason", "it is not among any plugin's triggers")
		go q.refuse(plugins.Refuse(CodeNotAllowed, "no trigger"))
		return
	}
	s.ask(a.action.Action(), a.by, q)
}

// triggered is the plugin with an action that the dialplan may ask for; nil: there is none.
func (h *Host) triggered(action string) *slot {
	for _, s := range h.snapshot() {
		if s.triggers[strings.ToLower(action)] {
			return s
		}
	}
	return nil
}

// tellChannel sets the variables of the channel that has asked, if it is there still.
func tellChannel(ctx context.Context, sender *proxy.Sender, by plugins.Caller, response ami.Message) {
	for _, variable := range [][2]string{
		{jobVariable, response.Get("JobID")}, {codeVariable, response.Get("Code")}, {resultVariable, response.Response()},
	} {
		if variable[1] == "" {
			continue
		}
		_, err := sender.Send(ctx, by.Server, ami.NewAction("Setvar").
			Add("Channel", by.Channel.Get("Uniqueid")).Add("Variable", variable[0]).Add("Value", variable[1]).Message())
		if err != nil {
			return // the log says of servers what there is to say
		}
	}
}

// begin has triggers count from now on, until end, which waits for the answers to those under way.
func (t *triggers) begin(ctx context.Context, p *proxy.Proxy) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sender, t.ctx = p.NewSender("dialplan"), ctx
	return func() {
		t.mu.Lock()
		sender := t.sender
		t.sender = nil
		t.mu.Unlock()
		t.work.Wait()
		sender.Close()
	}
}
