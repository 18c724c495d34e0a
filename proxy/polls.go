package proxy

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/upstream"
)

// pollNames are the actions that only show how things are. Those whose answer can depend on more than the server's
// state are not among them: Getvar and Status with Variables, which may run a function, and whatever asks a device over
// the network.
const pollNames = `Agents BridgeInfo BridgeList BridgeTechnologyList ConfbridgeList ConfbridgeListRooms CoreSettings CoreShowChannels
	CoreStatus DeviceStateList ExtensionState ExtensionStateList IAXpeerlist IAXpeers IAXregistry MailboxCount MailboxStatus MeetmeList
	MeetmeListRooms ParkedCalls Parkinglots PJSIPShowAors PJSIPShowAuths PJSIPShowContacts PJSIPShowEndpoint PJSIPShowEndpoints
	PJSIPShowRegistrationsInbound PJSIPShowRegistrationsOutbound PresenceState PresenceStateList QueueStatus QueueSummary SIPpeers
	SIPshowregistry VoicemailUsersList`

// quietNames are others that change nothing, but whose answers are nobody else's: who keeps his connection alive by
// Ping does not end what is kept for all.
const quietNames = `CoreShowChannelMap DBGet DBGetTree GetConfig GetConfigJSON ListCategories PJSIPShowSubscriptionsInbound
	PJSIPShowSubscriptionsOutbound Ping QueueRule SIPshowpeer VoicemailUserStatus`

var pollActions, quietActions = lowered(pollNames), lowered(quietNames)

func lowered(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[strings.ToLower(name)] = true
	}
	return all
}

// AllPollActions are the names of the actions of which PollActions is true.
func AllPollActions() []string { return strings.Fields(pollNames) }

// PollActions tells whether answers to an action may be shared, and kept by Config.Cache. Names compare without case.
func PollActions(name string) bool { return pollActions[strings.ToLower(name)] }

// polls are the actions of pollActions that a server has been asked for. Who asks for one while it is unanswered gets
// the same answer, and so does, for as long as Config.Cache says, who comes after.
//
// An answer that comes after one was asked for is as good as one that was asked for then: Asterisk sends no event
// before it that the answer does not reflect. What an asker has not had answered himself may be a change that it does
// not reflect, and that may not even be sent: so he neither shares an answer nor asks for others then, beside what of his
// waits, unless all that he waits for only shows how things are. Answers that are kept are let go of when anybody has anything
// changed through the proxy.
type polls struct {
	server *server
	kept   atomic.Pointer[map[string]time.Duration] // Config.Cache, by the action's name in lower case

	// guarded by mu, under which nothing else is done
	mu      sync.Mutex
	asked   map[string]*poll // the latest of each key
	changes uint64           // counts the actions that may have changed something
}

// poll is one action that was asked for.
type poll struct {
	polls     *polls
	key       string
	request   upstream.Request
	keep      time.Duration
	changes   uint64              // polls.changes when it was asked for
	first     *reply              // who asked first
	requester *upstream.Requester // its own, because who asked first may go before the others

	// guarded by polls.mu
	followers []*reply
	answer    []upstream.Reply
	held      int64 // bytes of answer, which count as answers that wait
	full      bool  // there was no memory for it
	done      bool
	until     time.Time // how long it is kept
}

// keyOf is the same for two actions that have one answer; "": this one's may not be shared.
func (p *polls) keyOf(r upstream.Request) string {
	m := r.Action
	if r.Originate > 0 || !PollActions(m.Action()) {
		return ""
	}
	var b strings.Builder
	for name, value := range m.All() {
		switch name = strings.ToLower(name); name {
		case "actionid", "server", "proxykey":
			continue
		case "action":
			value = strings.ToLower(value)
		}
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(value)
		b.WriteByte('\n')
	}
	return b.String()
}

// share answers an action by what another has asked for, or asks so that others can share it; false: it has to be
// asked for by itself. The receiver is begun.
func (p *polls) share(ctx context.Context, r upstream.Request, receiver *reply) (shared bool) {
	key := p.keyOf(r)
	if key == "" && !quietActions[strings.ToLower(r.Action.Action())] {
		receiver.changes = true
		p.changed()
		return false
	}
	receiver.looks = true
	unchanged := receiver.asker.looks()
	if key == "" || !unchanged || receiver.asker.user.Load().OwnAnswers() {
		return false
	}
	return p.join(ctx, key, r, receiver)
}

// join is share for what can be shared. The asker may lead one poll at a time, or he would have more turns than others.
func (p *polls) join(ctx context.Context, key string, r upstream.Request, receiver *reply) (joined bool) {
	p.mu.Lock()
	known := p.asked[key]
	switch {
	case known == nil:
	case known.done && time.Now().Before(known.until):
		answer := known.answer
		p.mu.Unlock()
		receiver.replay(answer)
		return true
	case known.done:
		p.dropLocked(known)
	default:
		known.followers = append(known.followers, receiver)
		p.mu.Unlock()
		return true
	}
	if !receiver.asker.leading.CompareAndSwap(false, true) {
		p.mu.Unlock()
		return false
	}
	q := &poll{polls: p, key: key, request: r, keep: p.keepFor(r.Action.Action()), changes: p.changes, first: receiver}
	if p.asked == nil {
		p.asked = map[string]*poll{}
	}
	p.asked[key] = q
	q.requester = p.server.session.NewRequester()
	p.mu.Unlock()
	q.send(ctx, r)
	return true
}

// setCache says how long answers are kept from now on.
func (p *Proxy) setCache(cache map[string]map[string]time.Duration) {
	for _, s := range p.inUse() {
		kept := map[string]time.Duration{}
		for server, actions := range cache {
			if strings.EqualFold(server, s.name) {
				for action, keep := range actions {
					kept[strings.ToLower(action)] = keep
				}
			}
		}
		s.polls.kept.Store(&kept)
	}
}

// keepFor is how long an action's answer is kept.
func (p *polls) keepFor(action string) time.Duration {
	if kept := p.kept.Load(); kept != nil {
		return (*kept)[strings.ToLower(action)]
	}
	return 0
}

// alone asks for one who can neither follow nor lead, because he does that already.
func (p *polls) alone(ctx context.Context, r upstream.Request, receiver *reply) {
	requester, atEnd := p.server.session.NewRequester(), receiver.atEnd
	receiver.atEnd = func() {
		requester.Close()
		if atEnd != nil {
			atEnd()
		}
	}
	r.Receiver = receiver
	if err := requester.Send(ctx, r); err != nil {
		receiver.fail(p.server.refusal(err))
	}
}

// send asks. It waits for nothing: the requester has room for one.
func (q *poll) send(ctx context.Context, r upstream.Request) {
	r.Receiver = q
	if err := q.requester.Send(ctx, r); err != nil {
		for _, each := range append(q.end(false), q.first) {
			each.fail(q.polls.server.refusal(err))
		}
	}
}

// Receive implements upstream.Receiver. Who asked first is answered as it comes, the others when all has come, in
// the same place among the events.
func (q *poll) Receive(r upstream.Reply) {
	q.first.Receive(r)
	if !q.take(r) || !r.Last {
		return
	}
	followers := q.end(r.Err == nil)
	answer := q.answer // nobody changes it any more
	if q.full {
		answer = []upstream.Reply{{Err: errAnswerLost, Last: true}}
	}
	now := min(len(followers), max(1, maxCopies/len(answer)))
	for _, each := range followers[:now] {
		for _, m := range answer {
			each.Receive(m)
		}
	}
	if now < len(followers) {
		q.polls.askAgain(q.request, followers[now:])
	}
}

// maxCopies is how many messages a session's reader copies to followers at once, in some ten milliseconds: Asterisk
// ends a session that is not read for a hundred (manager.conf, writetimeout).
const maxCopies = 20_000

// askAgain asks for those for whom there was no time.
func (p *polls) askAgain(r upstream.Request, followers []*reply) {
	begun := p.server.proxy.background(func(ctx context.Context) {
		for _, each := range followers {
			if !p.join(ctx, p.keyOf(r), r, each) {
				p.alone(ctx, r, each)
			}
		}
	})
	if !begun {
		for _, each := range followers {
			each.Receive(upstream.Reply{Err: upstream.ErrNotSent, Last: true})
		}
	}
}

// take keeps a part of the answer for the others; false: it is a straggler, behind the end.
func (q *poll) take(r upstream.Reply) bool {
	q.polls.mu.Lock()
	defer q.polls.mu.Unlock()
	size := memory(r.Message)
	switch {
	case q.done:
		return false
	case q.full:
	case q.polls.server.proxy.feed.HoldReply(size):
		q.held += size
		q.answer = append(q.answer, r)
	default:
		q.full = true
	}
	return true
}

// end takes the poll's followers from it, and keeps its answer or lets go of it.
func (q *poll) end(good bool) (followers []*reply) {
	p := q.polls
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.forgetLocked(now)

	kept := p.keptLocked()
	followers, q.followers, q.done = q.followers, nil, true
	if good && !q.full && q.held <= maxKept && kept+q.held <= maxKeptTogether && q.keep > 0 && q.changes == p.changes && len(p.asked) <= maxKeptAnswers {
		q.until = now.Add(q.keep)
	} else {
		p.dropLocked(q)
	}
	q.requester.Close()
	q.first.asker.leading.Store(false)
	return followers
}

// Bounds of what is kept: the bytes of one answer, how many there are, and the bytes of all of them, which are taken from
// the memory for everybody's answers.
const (
	maxKept         = 1 << 20
	maxKeptAnswers  = 256
	maxKeptTogether = 8 << 20
)

// keptLocked is how much the answers that are kept take.
func (p *polls) keptLocked() (n int64) {
	for _, q := range p.asked {
		if q.done {
			n += q.held
		}
	}
	return n
}

// changed says that an action was sent, or answered, that is none of pollActions.
func (p *polls) changed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes++
	p.forgetLocked(time.Time{})
}

// forgetLocked lets go of the answers that are not kept beyond a time; zero: of all.
func (p *polls) forgetLocked(now time.Time) {
	for _, q := range p.asked {
		if q.done && (now.IsZero() || !now.Before(q.until)) {
			p.dropLocked(q)
		}
	}
}

func (p *polls) dropLocked(q *poll) {
	if p.asked[q.key] == q {
		delete(p.asked, q.key)
	}
	p.server.proxy.feed.ReleaseReply(q.held)
	q.held = 0
}
