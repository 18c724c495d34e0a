package upstream

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/astproxy/astproxy/ami"
)

// originateResponse is the event that tells how an Originate with Async: true has ended.
const originateResponse = "OriginateResponse"

// outcomes remembers the Originates whose OriginateResponse is still to come, which may be long
// after: those that nobody is to see, and the ActionIDs of those that everybody sees. Guarded by
// Session.mu.
type outcomes struct {
	hidden    *simplelru.LRU[uint64, struct{}]
	originals *simplelru.LRU[uint64, string]
}

// outcomesKept bounds either, for Originates whose event never comes.
const outcomesKept = 4096

func newOutcomes() outcomes {
	hidden, err := simplelru.NewLRU[uint64, struct{}](outcomesKept, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	originals, err := simplelru.NewLRU[uint64, string](outcomesKept, nil)
	if err != nil {
		panic(err)
	}
	return outcomes{hidden, originals}
}

// remember keeps the ActionID of a client's own asynchronous Originate.
func (o outcomes) remember(p *pending) {
	if strings.EqualFold(p.name, "Originate") && p.request.Originate == 0 && ami.IsTrue(p.request.Action.Get("Async")) {
		o.originals.Add(p.number, p.original)
	}
}

// forget drops what remember kept: there will be no event.
func (o outcomes) forget(p *pending) { o.originals.Remove(p.number) }

// takeOriginal is the ActionID of an Originate whose event has come.
func (o outcomes) takeOriginal(number uint64) (actionID string, found bool) {
	actionID, found = o.originals.Peek(number)
	o.originals.Remove(number)
	return actionID, found
}

// hide says that the event of this Originate is for nobody.
func (o outcomes) hide(number uint64) { o.hidden.Add(number, struct{}{}) }

// awaitOutcome passes on the response of an Originate that Asterisk has queued. It leaves the
// window: what it waits for holds nobody up.
func (s *Session) awaitOutcome(p *pending, m ami.Message) {
	s.remove(p)
	s.reader.answered = nil
	if p.done || p.requester.closed {
		s.outcomes.hide(p.number)
		return
	}
	s.emit(p, Reply{Message: m})
	p.due = s.reader.receivedAt.Add(p.request.Originate)
	s.originates[p.number] = p
	if s.originateDue.IsZero() || p.due.Before(s.originateDue) {
		s.originateDue = p.due
		s.wakeReader(p.due)
	}
}

// takeOutcome gives an OriginateResponse to the Originate it belongs to, or hides it. It is not
// taken when its Originate was asynchronous by the client's own wish.
func (s *Session) takeOutcome(m ami.Message, number uint64) bool {
	if p := s.originates[number]; p != nil {
		delete(s.originates, number)
		s.emit(p, Reply{Message: m, Last: true})
		return true
	}
	if s.outcomes.hidden.Remove(number) {
		return true
	}
	if p := s.findSent(number); p != nil && p.request.Originate > 0 {
		// Asterisk sends the response first; should it not, the response has nothing to add.
		s.emit(p, Reply{Message: m, Last: true})
		return true
	}
	return false
}

// expireOriginates gives up on Originates whose time is over. Their events stay hidden.
func (s *Session) expireOriginates(now time.Time) {
	if s.originateDue.IsZero() || now.Before(s.originateDue) {
		return
	}
	s.originateDue = time.Time{}
	for number, p := range s.originates {
		if now.Before(p.due) {
			s.originateDue = earlier(s.originateDue, p.due)
			continue
		}
		delete(s.originates, number)
		s.outcomes.hide(number)
		s.fail(p, fmt.Errorf("%s: %w: no OriginateResponse within %v", s.config.Name, ErrTimeout, p.request.Originate))
	}
}
