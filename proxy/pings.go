package proxy

import (
	"strings"

	"github.com/astproxy/astproxy/upstream"
)

// pings is a Ping that is on its way, and those that its asker has sent directly behind it: they get its answer. Asterisk would
// answer them one after the other, and nothing that the asker did lies between. A Ping behind anything else is sent, so
// that it tells as it would with Asterisk that all before it is done.
type pings struct {
	first *reply

	// guarded by asker.mu until the answer comes; then nobody changes it any more
	behind []*reply
}

// Bounds of what waits for one Ping: with them it takes no more than an action may that waits for its turn.
const (
	maxPingsBehind  = 64
	maxPingActionID = 256
)

func isPing(r upstream.Request) bool { return strings.EqualFold(r.Action.Action(), "Ping") }

// follow counts a Ping and has it answered by the one before it; false: it was not counted, and has to be sent.
func (a *asker) follow(s *server, r upstream.Request, receiver *reply) (followed bool) {
	if !isPing(r) || len(receiver.id) > maxPingActionID {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.latest == nil || a.latest.first.server != s || len(a.latest.behind) == maxPingsBehind {
		return false
	}
	receiver.looks = true
	a.outstanding++
	a.looking++
	a.latest.behind = append(a.latest.behind, receiver)
	return true
}

// lead lets those follow that come directly behind a Ping that is about to be sent, and is who gets its answer.
func (a *asker) lead(r upstream.Request, receiver *reply) upstream.Receiver {
	if !isPing(r) || a.user.Load().OwnAnswers() {
		return receiver
	}
	q := &pings{first: receiver}
	a.mu.Lock()
	a.latest = q
	a.mu.Unlock()
	return q
}

// leadNobody is for a Ping that could not be sent.
func (a *asker) leadNobody() {
	a.mu.Lock()
	a.latest = nil
	a.mu.Unlock()
}

// Receive implements upstream.Receiver.
func (q *pings) Receive(r upstream.Reply) {
	a := q.first.asker
	a.mu.Lock()
	if a.latest == q {
		a.latest = nil
	}
	a.mu.Unlock()
	q.first.Receive(r)
	for _, each := range q.behind {
		each.Receive(r)
	}
}
