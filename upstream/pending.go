package upstream

import (
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// pending is one action from Send to the last that comes of it.
type pending struct {
	// Set before anybody else knows it.
	request   Request // its Action is dropped when it is written
	name      string  // of the action
	requester *Requester
	original  string // the ActionID the client gave
	given     bool   // whether it gave one
	kind      kind

	// Guarded by Session.mu.
	next     *pending // behind it in its requester's queue
	number   uint64   // what its token says; 0 while it waits
	due      time.Time
	sentAt   time.Time
	end      int         // where it ends in what the writer is writing
	unsent   bool        // taken by the writer, but the connection broke before it
	open     bool        // its response is here, more may come
	fenced   bool        // a Ping behind it tells when it has ended
	done     bool        // nothing more is delivered; what still comes is swallowed
	expired  bool        // done by time
	reported bool        // logged as slow
	held     ami.Message // of a fenced action, the last message so far

	// What may be its answer or somebody's forgery; see doubt.
	doubted  bool
	doubtful []ami.Message
	unfence  bool // the fence is there for the doubt alone
}

// kind tells actions of the session's own from those of clients.
type kind int

const (
	ofClient  kind = iota
	fence          // a Ping behind an action, whose reply says that the action has ended
	keepalive      // a Ping into silence
	question       // ListCommands
)

// delivery is a reply and whom it is for.
type delivery struct {
	to    Receiver
	reply Reply
}

// emit delivers a reply of p as soon as mu is free. Nothing comes after the last one, nor for a
// client that has gone.
func (s *Session) emit(p *pending, r Reply) {
	if p.done {
		return
	}
	p.done = r.Last
	s.hand(p, r)
}

func (s *Session) hand(p *pending, r Reply) {
	if p.request.Receiver == nil || p.requester != nil && p.requester.closed {
		return
	}
	s.reader.out = append(s.reader.out, delivery{p.request.Receiver, r})
}

// deliver makes the calls that emit has gathered. The caller does not hold mu.
func (s *Session) deliver() {
	for i := 0; i < len(s.reader.out); i++ {
		d := s.reader.out[i]
		s.reader.out[i] = delivery{}
		d.to.Receive(d.reply)
	}
	s.reader.out = s.reader.out[:0]
	for _, slow := range s.reader.slow {
		s.log.Warn("action holds the session", "client", slow.client, "action", slow.action, "running", slow.running)
	}
	s.reader.slow = s.reader.slow[:0]
}

// message passes on one more message of p. Of a fenced one the latest is held back, since only
// the fence tells whether it was the last.
func (s *Session) message(p *pending, m ami.Message) {
	if !p.fenced || p.done {
		s.emit(p, Reply{Message: m})
		return
	}
	s.releaseHeld(p)
	p.held = m
}

func (s *Session) releaseHeld(p *pending) {
	if !p.held.IsZero() {
		s.emit(p, Reply{Message: p.held})
		p.held = ami.Message{}
	}
}

// finish passes on the last message of p.
func (s *Session) finish(p *pending, m ami.Message) {
	s.settleBefore(p)
	s.remove(p)
	s.releaseHeld(p)
	s.emit(p, Reply{Message: m, Last: true})
	s.reader.answered = p
}

// fail ends p with an error.
func (s *Session) fail(p *pending, err error) {
	s.releaseHeld(p)
	s.emit(p, Reply{Err: err, Last: true})
}

// settleBefore ends all that is older than p. Asterisk answers in the order it was asked: what
// has no answer by now gets none.
func (s *Session) settleBefore(p *pending) {
	for len(s.sent) > 0 && s.sent[0] != p {
		older := s.sent[0]
		s.remove(older)
		s.believe(older)
		if older.request.Originate > 0 {
			s.outcomes.hide(older.number) // Asterisk may have placed the call
		}
		s.emit(older, Reply{Message: older.held, Last: true})
		older.held = ami.Message{}
		s.reader.answered = older
	}
}

// doubt keeps a response without ActionID that would be p's. Hardly an action of Asterisk answers so,
// and what a client has Asterisk print, such as a variable with line ends in it, can look like one: so p's own
// answer, if it comes before a Ping's does, shows that this was none.
func (s *Session) doubt(p *pending, m ami.Message) {
	p.doubted = true
	p.doubtful = append(p.doubtful, m)
	if !p.fenced {
		p.unfence = true
		s.setFence(p)
	}
}

// lastDoubted is whom what follows a doubtful response belongs to, or nil.
func (s *Session) lastDoubted() *pending {
	for _, p := range slices.Backward(s.sent) {
		if p.doubted {
			return p
		}
	}
	return nil
}

// believe passes on what was in doubt: there is no other answer.
func (s *Session) believe(p *pending) {
	for _, m := range p.doubtful {
		s.message(p, m)
	}
	p.doubted, p.doubtful = false, nil
}

// disbelieve drops what was in doubt: p's own answer is here.
func (p *pending) disbelieve() {
	if p.unfence {
		p.fenced, p.unfence = false, false
	}
	p.doubted, p.doubtful = false, nil
}

// remove takes p off the window.
func (s *Session) remove(p *pending) {
	i := slices.Index(s.sent, p)
	s.sent = slices.Delete(s.sent, i, i+1)
	if i == 0 {
		s.headSince = s.reader.receivedAt
	}
	if p.kind == ofClient {
		s.unanswered--
		s.taken -= placesOf(p.name)
		p.requester.answered(p)
		s.wakeWriter()
	}
}

// findSent is the action with that number among those sent, or nil.
func (s *Session) findSent(number uint64) *pending {
	for _, p := range s.sent {
		if p.number == number {
			return p
		}
	}
	return nil
}

// setFence sends a Ping behind p, unless there is one already.
func (s *Session) setFence(p *pending) {
	if !p.fenced {
		p.fenced = true
		s.pushOwn(s.newPing(fence))
	}
}

// pushOwn queues an action of the session's own, in front of everybody's.
func (s *Session) pushOwn(p *pending) {
	s.own = append(s.own, p)
	s.wakeWriter()
}

var pingAction = ami.NewAction("Ping").Message()

// newPing makes a Ping of the session's own. How long its answer may take is Keepalive for one into
// silence; one behind an action has the action's time.
func (s *Session) newPing(k kind) *pending {
	timeout := s.config.ActionTimeout
	if k == keepalive {
		timeout = s.config.Keepalive
	}
	return &pending{request: Request{Action: pingAction, Timeout: timeout}, name: "Ping", kind: k}
}

// answersWithText names the actions that answer with bare text or with nothing at all, so that
// only a Ping behind them tells where they end: Queues up to Asterisk 14, IAXnetstats always.
func answersWithText(action string) bool {
	return strings.EqualFold(action, "Queues") || strings.EqualFold(action, "IAXnetstats")
}

// announcesMore tells whether a response without EventList says that events come behind it, as
// those of FAXStats and of most lists up to Asterisk 12 do. Nothing says which event is the
// last, so a fence must.
func announcesMore(m ami.Message) bool {
	text := m.Get("Message")
	const suffix = "will follow"
	return len(text) >= len(suffix) && strings.EqualFold(text[len(text)-len(suffix):], suffix)
}
