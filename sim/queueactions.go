package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"QueueAdd":             (*session).queueAdd,
		"QueueRemove":          (*session).queueRemove,
		"QueuePause":           (*session).queuePause,
		"QueuePenalty":         (*session).queuePenalty,
		"QueueMemberRingInUse": (*session).queueRingInUse,
		"QueueStatus":          (*session).queueStatus,
		"QueueSummary":         (*session).queueSummary,
		"QueueReset":           (*session).queueReset,
	})
}

// answered answers with what f says of the queues: a text and whether it is a success.
func (c *session) answered(m ami.Message, f func(p *pbx) (text string, ok bool)) bool {
	var text string
	var ok bool
	p := c.server.pbx
	p.do(func() { text, ok = f(p) })
	if !ok {
		return c.fail(m, text)
	}
	return c.ack(m, text)
}

func (c *session) queueAdd(m ami.Message) bool {
	switch {
	case m.Get("Queue") == "":
		return c.fail(m, "'Queue' not specified.")
	case m.Get("Interface") == "":
		return c.fail(m, "'Interface' not specified.")
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		q := p.queue(m.Get("Queue"))
		switch {
		case q == nil:
			return "Unable to add interface to queue: No such queue", false
		case q.member(m.Get("Interface")) != nil:
			return "Unable to add interface: Already there", false
		}
		penalty, _ := leadingInt(m.Get("Penalty"))
		added := &member{
			name: m.Get("MemberName"), interfaceName: m.Get("Interface"), stateInterface: m.Get("StateInterface"),
			penalty: max(penalty, 0), paused: ami.IsTrue(m.Get("Paused")),
		}
		if added.name == "" {
			added.name = added.interfaceName
		}
		if added.stateInterface == "" {
			added.stateInterface = added.interfaceName
		}
		if added.paused {
			added.reason, added.lastPause = m.Get("Reason"), time.Now().Unix()
		}
		p.addMember(q, added)
		return "Added interface to queue", true
	})
}

func (c *session) queueRemove(m ami.Message) bool {
	if m.Get("Queue") == "" || m.Get("Interface") == "" {
		return c.fail(m, "Need 'Queue' and 'Interface' parameters.")
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		q := p.queue(m.Get("Queue"))
		if q == nil {
			return "Unable to remove interface from queue: No such queue", false
		}
		gone := q.member(m.Get("Interface"))
		if gone == nil {
			return "Unable to remove interface: Not there", false
		}
		p.removeMember(q, gone)
		return "Removed interface from queue", true
	})
}

// eachMember runs f on a member, in one queue or in all, and tells whether there was one.
func (p *pbx) eachMember(queueName, interfaceName string, f func(*queue, *member)) bool {
	found := false
	for _, q := range p.queues {
		if queueName != "" && !strings.EqualFold(q.name, queueName) {
			continue
		}
		if m := q.member(interfaceName); m != nil {
			found = true
			f(q, m)
		}
	}
	return found
}

func (c *session) queuePause(m ami.Message) bool {
	if m.Get("Interface") == "" || m.Get("Paused") == "" {
		return c.fail(m, "Need 'Interface' and 'Paused' parameters.")
	}
	paused := ami.IsTrue(m.Get("Paused"))
	return c.answered(m, func(p *pbx) (string, bool) {
		found := p.eachMember(m.Get("Queue"), m.Get("Interface"), func(q *queue, who *member) {
			p.pauseMember(q, who, paused, m.Get("Reason"))
		})
		switch {
		case !found:
			return "Interface not found", false
		case paused:
			return "Interface paused successfully", true
		}
		return "Interface unpaused successfully", true
	})
}

func (c *session) queuePenalty(m ami.Message) bool {
	if m.Get("Interface") == "" || m.Get("Penalty") == "" {
		return c.fail(m, "Need 'Interface' and 'Penalty' parameters.")
	}
	penalty, ok := leadingInt(m.Get("Penalty"))
	return c.answered(m, func(p *pbx) (string, bool) {
		found := ok && penalty >= 0 && p.eachMember(m.Get("Queue"), m.Get("Interface"), func(q *queue, who *member) {
			who.penalty = penalty
			p.tellMember("QueueMemberPenalty", q, who)
		})
		if !found {
			return "Invalid interface, queuename or penalty", false
		}
		return "Interface penalty set successfully", true
	})
}

func (c *session) queueRingInUse(m ami.Message) bool {
	if m.Get("Interface") == "" || m.Get("RingInUse") == "" {
		return c.fail(m, "Need 'Interface' and 'RingInUse' parameters.")
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		found := p.eachMember(m.Get("Queue"), m.Get("Interface"), func(q *queue, who *member) {
			who.ringInUse = ami.IsTrue(m.Get("RingInUse"))
			p.tellMember("QueueMemberRinginuse", q, who)
		})
		if !found {
			return "Invalid interface, queuename or ringinuse value", false
		}
		return "Interface ringinuse set successfully", true
	})
}

func (c *session) queueReset(m ami.Message) bool {
	return c.answered(m, func(p *pbx) (string, bool) {
		for _, q := range p.queues {
			if name := m.Get("Queue"); name == "" || strings.EqualFold(name, q.name) {
				q.completed, q.abandoned, q.holdTime, q.talkTime = 0, 0, 0, 0
			}
		}
		return "Queue stats reset successfully", true
	})
}

func (c *session) queueStatus(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, q := range p.queues {
			if name := m.Get("Queue"); name == "" || strings.EqualFold(name, q.name) {
				items = append(items, q.list(m)...)
			}
		}
	})
	return c.list(m, "Queue status will follow", "QueueStatusComplete", items)
}

// list is a queue with its members and callers.
func (q *queue) list(m ami.Message) []*ami.Builder {
	items := []*ami.Builder{ami.NewEvent("QueueParams").
		Add("Queue", q.name).
		Add("Max", "0").
		Add("Strategy", "ringall").
		Add("Calls", strconv.Itoa(len(q.callers))).
		Add("Holdtime", strconv.Itoa(q.holdTime)).
		Add("TalkTime", strconv.Itoa(q.talkTime)).
		Add("Completed", strconv.Itoa(q.completed)).
		Add("Abandoned", strconv.Itoa(q.abandoned)).
		Add("ServiceLevel", "0").
		Add("ServicelevelPerf", "0.0").
		Add("ServicelevelPerf2", "0.0").
		Add("Weight", "0").
		AddNonEmpty("ActionID", m.ActionID())}
	for _, who := range q.members {
		if only := m.Get("Member"); only != "" && !strings.EqualFold(only, who.interfaceName) {
			continue
		}
		b := ami.NewEvent("QueueMember").
			Add("Queue", q.name).
			Add("Name", who.name).
			Add("Location", who.interfaceName).
			Add("StateInterface", who.stateInterface)
		items = append(items, who.describe(b).Add("Wrapuptime", "0").AddNonEmpty("ActionID", m.ActionID()))
	}
	for i, call := range q.callers {
		items = append(items, call.list(m, i+1))
	}
	return items
}

func (c *session) queueSummary(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, q := range p.queues {
			if name := m.Get("Queue"); name == "" || strings.EqualFold(name, q.name) {
				items = append(items, q.summary(m))
			}
		}
	})
	return c.list(m, "Queue summary will follow", "QueueSummaryComplete", items)
}

func (q *queue) summary(m ami.Message) *ami.Builder {
	loggedIn, available, longest := 0, 0, 0
	for _, who := range q.members {
		if who.there() {
			loggedIn++
			if who.free() {
				available++
			}
		}
	}
	for _, call := range q.callers {
		longest = max(longest, int(time.Since(call.joined).Seconds()))
	}
	return ami.NewEvent("QueueSummary").
		Add("Queue", q.name).
		Add("LoggedIn", strconv.Itoa(loggedIn)).
		Add("Available", strconv.Itoa(available)).
		Add("Callers", strconv.Itoa(len(q.callers))).
		Add("HoldTime", strconv.Itoa(q.holdTime)).
		Add("TalkTime", strconv.Itoa(q.talkTime)).
		Add("LongestHoldTime", strconv.Itoa(longest)).
		AddNonEmpty("ActionID", m.ActionID())
}
