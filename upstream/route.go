package upstream

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// route hands one block to whom it is for. What a block is, only its first line says: a
// UserEvent may carry any other line a client thought of.
func (s *Session) route(m ami.Message) {
	switch {
	case m.IsEvent():
		s.routeEvent(m)
	case m.IsResponse():
		s.routeResponse(m)
	default:
		s.routeText(m)
	}
	s.deliver()
}

// routeEvent tells a broadcast from an item of somebody's list. A broadcast has a Privilege; an
// item has none, but for those of Status and SIPpeerstatus, which are known by their ActionID while
// their list is open. An ActionID alone makes no event private.
func (s *Session) routeEvent(m ami.Message) {
	broadcast := hasPrivilege(m)
	line, number, ours := s.findToken(m)
	if line < 0 && broadcast {
		s.broadcast(m)
		return
	}
	s.mu.Lock()
	taken := s.takeEvent(m, number, broadcast)
	original, given := "", false
	if ours && !taken {
		original, given = s.originalOf(number)
	}
	s.mu.Unlock()
	switch {
	case taken:
	case !broadcast:
		s.log.Debug("event for nobody", "event", m.Event())
	case given:
		s.broadcast(m.ReplacingValue(line, original))
	case ours:
		s.broadcast(m.Replacing(line, ""))
	default:
		s.broadcast(m)
	}
}

// takeEvent gives an event to its owner, if it has one.
func (s *Session) takeEvent(m ami.Message, number uint64, broadcast bool) bool {
	if number == 0 {
		// Without a token of ours it can only belong to what has come without one, or to the list that is
		// open, if any.
		if p := s.lastDoubted(); p != nil && !broadcast {
			p.doubtful = append(p.doubtful, m)
			return true
		}
		if !broadcast && len(s.sent) > 0 && s.sent[0].open {
			s.item(s.sent[0], m)
			return true
		}
		return false
	}
	if p := s.findSent(number); p != nil && (p.open || !broadcast) {
		s.item(p, m)
		return true
	}
	if broadcast {
		return strings.EqualFold(m.Event(), originateResponse) && s.takeOutcome(m, number)
	}
	if p := s.reader.answered; p != nil && p.number == number {
		s.straggle(p, m)
		return true
	}
	return false
}

// item is one event of p's list.
func (s *Session) item(p *pending, m ami.Message) {
	s.believe(p)
	switch {
	case p.open && m.ClosesList():
		s.finish(p, m)
	case p.open:
		s.message(p, m)
	default: // DataGet up to Asterisk 13 sends an event and no response
		s.setFence(p)
		s.message(p, m)
	}
}

// straggle delivers what comes behind the last message of p.
func (s *Session) straggle(p *pending, m ami.Message) {
	if p.kind == ofClient && !p.expired {
		s.hand(p, Reply{Message: m, Last: true})
	}
}

// routeResponse gives a response to whose token it carries.
func (s *Session) routeResponse(m ami.Message) {
	_, number, ours := s.findToken(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ours {
		if p := s.oldestUnanswered(); p != nil {
			s.doubt(p, m)
		}
		return
	}
	if p := s.findSent(number); p != nil {
		s.settleBefore(p)
		p.disbelieve()
		s.respond(p, m)
		return
	}
	if last := s.reader.answered; last != nil && last.number == number {
		s.straggle(last, m)
	}
}

// oldestUnanswered is whom a response without ActionID may belong to: the oldest that has none yet. A
// Ping's always has its ActionID.
func (s *Session) oldestUnanswered() *pending {
	for _, p := range s.sent {
		if !p.open && p.kind == ofClient && !p.doubted {
			return p
		}
	}
	return nil
}

// respond does with p what its response asks for.
func (s *Session) respond(p *pending, m ami.Message) {
	failed := strings.EqualFold(m.Response(), "Error")
	switch {
	case p.kind == fence || p.kind == keepalive:
		s.remove(p)
		s.reader.answered = nil
	case p.request.Originate > 0 && !failed:
		s.awaitOutcome(p, m)
	case p.open:
		// An error in the middle of a list. PJSIPShowEndpoint still completes it, CoreShowChannelMap
		// does not; the fence tells.
		s.setFence(p)
		s.message(p, m)
	case p.fenced:
		p.open = true
		s.message(p, m)
	case m.OpensList():
		p.open = true
		s.message(p, m)
	case !failed && announcesMore(m):
		p.open = true
		s.setFence(p)
		s.message(p, m)
	default:
		if failed {
			s.outcomes.forget(p)
		}
		s.finish(p, m)
	}
}

// routeText gives a block that is neither event nor response to the action that answers so, if it is
// that one's turn. Otherwise it is a part of what came before: Getvar prints a value of several
// lines as it is, blank ones among them.
func (s *Session) routeText(m ami.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.textAnswerer(); p != nil {
		s.settleBefore(p)
		s.message(p, m)
		return
	}
	var oldest *pending
	if len(s.sent) > 0 {
		oldest = s.sent[0]
	}
	switch last := s.reader.answered; {
	case s.lastDoubted() != nil:
		p := s.lastDoubted()
		p.doubtful = append(p.doubtful, m)
	case oldest != nil && (oldest.open || oldest.fenced):
		s.message(oldest, m)
	case last != nil:
		s.straggle(last, m)
	case oldest != nil:
		s.setFence(oldest)
		s.message(oldest, m)
	}
}

// textAnswerer is the action that answers with text, if it is the oldest or all that are older have
// their response, or what may be it, and only wait for a fence.
func (s *Session) textAnswerer() *pending {
	for _, p := range s.sent {
		if answersWithText(p.name) {
			return p
		}
		if !p.doubted && (!p.open || !p.fenced) {
			return nil
		}
	}
	return nil
}

// broadcast passes on an event for everybody.
func (s *Session) broadcast(m ami.Message) {
	s.reader.gathering.events++
	switch name := m.Event(); {
	case strings.EqualFold(name, "FullyBooted"):
		s.noticeFullyBooted(m)
	case strings.EqualFold(name, "Shutdown"):
		s.noticeShutdown(m)
	}
	s.observer.Broadcast(s, m)
}

// originalOf is the ActionID that the client gave, if it gave one.
func (s *Session) originalOf(number uint64) (actionID string, given bool) {
	if actionID, given = s.outcomes.takeOriginal(number); given {
		return actionID, true
	}
	return s.originals.get(number)
}

// hasPrivilege tells whether an event has a Privilege where Asterisk puts it, second. A UserEvent
// could carry another one further down.
func hasPrivilege(m ami.Message) bool {
	if m.Len() < 2 {
		return false
	}
	name, _ := m.Header(1)
	return strings.EqualFold(name, "Privilege")
}
