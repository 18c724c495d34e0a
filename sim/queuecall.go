package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// queueCall is a caller in a queue.
type queueCall struct {
	queue    *queue
	channel  *channel
	joined   time.Time
	rung     time.Time // when the members who ring now began to
	position int       // at the beginning
	legs     map[*channel]*member
	retry    *timer
}

// How a queue rings: its members for so long, and again after a pause (queues.conf, timeout and retry).
const (
	queueRingTime = 15 * time.Second
	queueRetry    = 5 * time.Second
)

// enterQueue is what Queue does.
func (p *pbx) enterQueue(c *channel, name string, next func()) {
	q := p.queue(name)
	if q == nil {
		p.setVariable(c, "QUEUESTATUS", "UNKNOWN")
		p.next(func() { p.unlessGone(c, next) })
		return
	}
	call := &queueCall{queue: q, channel: c, joined: time.Now(), legs: make(map[*channel]*member)}
	q.callers = append(q.callers, call)
	call.position = len(q.callers)
	c.leave = func() { p.abandon(call) }
	p.setDevice("Queue:"+q.name, deviceRinging)
	p.tell("QueueCallerJoin", "agent", c, "Queue", q.name,
		"Position", strconv.Itoa(call.position), "Count", strconv.Itoa(len(q.callers)))
	p.tell("MusicOnHoldStart", "call", c, "Class", "default")
	p.next(func() { p.serve(q) })
}

// serve rings members for the first caller who is not being served yet.
func (p *pbx) serve(q *queue) {
	for _, call := range q.callers {
		if len(call.legs) == 0 && call.retry == nil {
			p.ringMembers(call)
			return
		}
	}
}

// ringMembers rings all members that can be, those with the lowest penalty only.
func (p *pbx) ringMembers(call *queueCall) {
	lowest := -1
	for _, m := range call.queue.members {
		if m.free() && (lowest < 0 || m.penalty < lowest) {
			lowest = m.penalty
		}
	}
	call.rung = time.Now()
	var ring []*member
	for _, m := range call.queue.members {
		if m.free() && m.penalty == lowest {
			ring = append(ring, m)
		}
	}
	first := p.pick(len(ring))
	for i, m := range ring {
		patience := time.Duration(-1)
		if i == first {
			patience = p.ringTime(call.channel)
		}
		p.ringMember(call, m, patience)
	}
}

// ringMember calls one member; a phone answers after ringTime, unless that is below zero.
func (p *pbx) ringMember(call *queueCall, m *member, ringTime time.Duration) {
	technology, number, _ := strings.Cut(m.interfaceName, "/")
	o := &outgoing{
		technology: technology, number: number, by: call.channel, calledWith: queueApplication,
		timeout: queueRingTime, ringTime: ringTime,
	}
	var leg *channel
	o.begun = func(c *channel) {
		leg = c
		call.legs[c] = m
		p.tellAgent("AgentCalled", call, c, m)
	}
	o.answered = func(*channel) {}
	o.connected = func(c *channel) { p.connectMember(call, c, m) }
	o.failed = func(why reason) {
		if leg == nil || call.legs[leg] == nil {
			return
		}
		delete(call.legs, leg)
		p.tellAgent("AgentRingNoAnswer", call, leg, m, "RingTime", strconv.FormatInt(time.Since(call.rung).Milliseconds(), 10))
		if len(call.legs) == 0 {
			call.retry = p.after(queueRetry, func() {
				call.retry = nil
				p.serve(call.queue)
			})
		}
	}
	p.place(o)
}

// tellAgent sends an event about a caller and a member who is called for him.
func (p *pbx) tellAgent(name string, call *queueCall, leg *channel, m *member, more ...string) {
	b := leg.describe(call.channel.describe(begin(name, "agent"), ""), "Dest")
	b.Add("Queue", call.queue.name).Add("Interface", m.interfaceName).Add("MemberName", m.name)
	p.send(addAll(b, more))
}

// dropLegs ends the calls to members, but for the one that answered.
func (p *pbx) dropLegs(call *queueCall, answered *channel) {
	legs := call.legs
	call.legs = make(map[*channel]*member)
	for _, c := range slices.Clone(p.channels) {
		if legs[c] != nil && c != answered && c.call != nil {
			c.cause = causeAnsweredElsewhere
			p.giveUp(c, reasonFailed, "CANCEL")
		}
	}
}

// connectMember joins a caller and the member who answered.
func (p *pbx) connectMember(call *queueCall, leg *channel, m *member) {
	c := call.channel
	if c.gone || call.legs[leg] == nil {
		leg.cause = causeAnsweredElsewhere
		p.hangup(leg)
		return
	}
	c.leave = nil
	p.dropLegs(call, leg)
	if leg.caller != (party{}) {
		c.connected = leg.caller
		p.tell("NewConnectedLine", "call", c)
	}
	p.tell("MusicOnHoldStop", "call", c)
	p.leaveQueue(call)
	hold := int(time.Since(call.joined).Seconds())
	p.setVariable(c, "QUEUEPOSITION", strconv.Itoa(call.position))
	p.setVariable(c, "QUEUEWAIT", strconv.Itoa(hold))
	m.inCall = true
	p.tellAgent("AgentConnect", call, leg, m,
		"HoldTime", strconv.Itoa(hold), "RingTime", strconv.Itoa(int(time.Since(call.rung).Seconds())))
	connected := time.Now()
	p.talk(c, leg, func(who *channel) { p.complete(call, leg, m, hold, connected, who) })
	p.talkAway(c, leg)
}

// complete is the end of a conversation: who of the two ended it.
func (p *pbx) complete(call *queueCall, leg *channel, m *member, hold int, connected time.Time, who *channel) {
	q := call.queue
	talk := int(time.Since(connected).Seconds())
	q.holdTime = average(q.holdTime, hold, q.completed)
	q.talkTime = average(q.talkTime, talk, q.completed)
	q.completed++
	m.inCall = false
	m.callsTaken++
	m.lastCall = time.Now().Unix()
	why := "caller"
	if who == leg {
		why = "agent"
	}
	p.tellAgent("AgentComplete", call, leg, m, "HoldTime", strconv.Itoa(hold), "TalkTime", strconv.Itoa(talk), "Reason", why)
	p.partOther(call.channel, leg, who)
}

// average is how Asterisk keeps an average without the sum (app_queue.c, recalc_holdtime).
func average(old, value, before int) int {
	if before == 0 {
		return value
	}
	return (old*3 + value) / 4
}

// leaveQueue takes a caller out of the list of those who wait.
func (p *pbx) leaveQueue(call *queueCall) {
	q := call.queue
	position := slices.Index(q.callers, call) + 1
	q.callers = slices.DeleteFunc(q.callers, func(o *queueCall) bool { return o == call })
	p.cancel(call.retry)
	if len(q.callers) == 0 {
		p.setDevice("Queue:"+q.name, deviceNotInUse)
	}
	p.tell("QueueCallerLeave", "agent", call.channel,
		"Queue", q.name, "Position", strconv.Itoa(position), "Count", strconv.Itoa(len(q.callers)))
	p.next(func() { p.serve(q) })
}

// abandon is the end of a caller who nobody answered.
func (p *pbx) abandon(call *queueCall) {
	q, c := call.queue, call.channel
	p.dropLegs(call, nil)
	p.tell("MusicOnHoldStop", "call", c)
	q.abandoned++
	p.tell("QueueCallerAbandon", "agent", c, "Queue", q.name,
		"Position", strconv.Itoa(slices.Index(q.callers, call)+1),
		"OriginalPosition", strconv.Itoa(call.position),
		"HoldTime", strconv.Itoa(int(time.Since(call.joined).Seconds())))
	p.leaveQueue(call)
}

// list is a caller as QueueStatus lists him.
func (call *queueCall) list(m ami.Message, position int) *ami.Builder {
	known := func(s string) string {
		if s == "" {
			return "unknown"
		}
		return s
	}
	c := call.channel
	return ami.NewEvent("QueueEntry").
		Add("Queue", call.queue.name).
		Add("Position", strconv.Itoa(position)).
		Add("Channel", c.name).
		Add("Uniqueid", c.uniqueid).
		Add("CallerIDNum", known(c.caller.number)).
		Add("CallerIDName", known(c.caller.name)).
		Add("ConnectedLineNum", known(c.connected.number)).
		Add("ConnectedLineName", known(c.connected.name)).
		Add("Wait", strconv.Itoa(int(time.Since(call.joined).Seconds()))).
		Add("Priority", "0").
		AddNonEmpty("ActionID", m.ActionID())
}
