package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// Extension is what somebody adds to the proxy that is not Asterisk's. The proxy knows whoever has added it by
// this alone. It never changes; another one takes its place.
type Extension struct {
	Actions []OwnAction // in the order in which ListCommands has them, behind Asterisk's
	Routes  []Route
	// Figures are for /metrics; nil: there are none. Any goroutine may call it.
	Figures func() []Figure

	byName map[string]int // of Actions, by name in lower case
}

// OwnAction is an action that no Asterisk is asked for. One of Asterisk's of the same name is not reached any
// more.
type OwnAction struct {
	Name    string
	Class   ami.Class // of these a user needs one
	Summary string
	Headers []OwnHeader // what it takes
	// Begin begins it, and does not wait. The goroutine is that of who asks.
	Begin func(Question)
}

// OwnHeader is a header of an OwnAction.
type OwnHeader struct {
	Name, Description  string
	Required, Repeated bool
}

// Question is somebody's OwnAction. He may run it: that was judged.
type Question struct {
	Caller
	Action ami.Message
	Server string          // whose it is: the header Server's, the user's, or the first
	Gone   <-chan struct{} // closed when nobody waits for the answer any more
	// Answer is called once, by any goroutine but a session's reader: with all messages of the answer, and
	// why it is an error if it is one. It may wait for another answer of the same client to be complete.
	Answer func(messages []ami.Message, reason Reason)
}

// Route is a path below /api/v1/ that is served to who has logged in.
type Route struct {
	Method, Path string // "GET", "/api/v1/things/{id}", as net/http's patterns have them
	Summary      string
	Serve        func(w http.ResponseWriter, r *http.Request, user *access.User)
}

// Figure is one number of one of the Extension's parts.
type Figure struct {
	Part  string // whose it is: a label
	Name  string // below astproxy_: "plugin_panics_total"; one that ends in _total only grows
	Help  string
	Value float64
}

// Extend has e counted from now on, in the place of what was. e's names are unlike each other. Any goroutine.
func (p *Proxy) Extend(e Extension) {
	e.byName = map[string]int{}
	for i, action := range e.Actions {
		e.byName[strings.ToLower(action.Name)] = i
	}
	p.extension.Store(&e)
}

// Extension is what was added last. It is another pointer when it is another one.
func (p *Proxy) Extension() *Extension { return p.extension.Load() }

// privilege is how ListCommands has an action's classes (manager.c, authority_to_str).
func (a OwnAction) privilege() string {
	if a.Class == ami.ClassNone || a.Class == ami.ClassAll {
		return a.Class.String()
	}
	return a.Class.String() + ",all"
}

// action finds one by its name, whose case does not matter.
func (e *Extension) action(name string) (OwnAction, bool) {
	i, found := e.byName[strings.ToLower(name)]
	if !found {
		return OwnAction{}, false
	}
	return e.Actions[i], true
}

// IsOwn tells whether the proxy answers an action of that name itself, whatever else is added.
func IsOwn(name string) bool {
	_, local := localVerbs[strings.ToLower(name)]
	return local || strings.EqualFold(name, "ListCommands")
}

// AsteriskHas are the servers that have an action of that name. Any goroutine.
func (p *Proxy) AsteriskHas(name string) (servers []string) {
	for _, s := range p.inUse() {
		if _, has := s.session.Action(name); has {
			servers = append(servers, s.name)
		}
	}
	return servers
}

// runOwn has an OwnAction done, if the user may.
func (a *asker) runOwn(m ami.Message, own OwnAction) {
	s, ok := a.serverFor(m)
	if !ok || !a.allowed(own.Name, own.Class, m, serverChannels{s.tracker}) {
		return
	}
	user := a.user.Load()
	if !a.proxy.ownActions.begin(user) {
		a.logRefusal("user", user, "reason", "max_plugin_actions")
		a.fail(m, TooMany, fmt.Sprintf("Too many %s and the like at once: %d are allowed", own.Name, user.MaxOwnActions()))
		return
	}
	r := a.newReply(s, m)
	a.begin()
	if !a.pend(user, r) {
		a.proxy.ownActions.end(user)
		a.logRefusal("user", user, "reason", "max_pending")
		r.fail(TooMany, fmt.Sprintf("Too many actions at once: %d are allowed", user.Limits().Pending))
		return
	}
	own.Begin(Question{
		Caller: Caller{user, a.remote}, Action: m, Server: s.name, Gone: a.output.gone(),
		Answer: func(messages []ami.Message, reason Reason) {
			a.proxy.ownActions.end(user) // also where nobody waits any more: it was at work
			r.answer(messages, reason)
		},
	})
}

// answer takes all that is answered to an OwnAction to its asker, in one piece: of a list what he may see, as of Asterisk's.
func (r *reply) answer(messages []ami.Message, reason Reason) {
	redaction := r.asker.user.Load().Redaction()
	r.asker.betweenLists(func() {
		for _, m := range messages {
			if m.IsEvent() {
				var his bool
				if m, his = r.his(m); !his {
					continue
				}
			}
			r.asker.output.queue(redaction.Apply(m), formats.Options{}, reason)
		}
	})
	r.asker.output.wake()
	r.end()
}

// ownActions counts those that each user has under way, over all his connections and those that have gone.
type ownActions struct {
	mu    sync.Mutex
	count map[string]int // by the user's name
}

// begin counts one more, unless the user has as many as he may.
func (o *ownActions) begin(user *access.User) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count[user.Name()] >= user.MaxOwnActions() {
		return false
	}
	if o.count == nil {
		o.count = map[string]int{}
	}
	o.count[user.Name()]++
	return true
}

func (o *ownActions) end(user *access.User) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count[user.Name()]--; o.count[user.Name()] == 0 {
		delete(o.count, user.Name())
	}
}
