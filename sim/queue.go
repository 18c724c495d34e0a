package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// queue is a queue of callers and the members who answer them. All of it is guarded by the pbx's mu.
type queue struct {
	name                 string
	members              []*member
	callers              []*queueCall
	completed, abandoned int
	holdTime, talkTime   int // seconds, averages as Asterisk makes them
}

// member is who answers, once for each queue he is in.
type member struct {
	name, interfaceName, stateInterface string
	penalty, callsTaken                 int
	lastCall, lastPause, loginTime      int64
	paused, ringInUse, inCall           bool
	reason                              string // of the pause
	status                              int    // of the device, as devicestate.h numbers them
}

func newQueues(names []string) []*queue {
	queues := make([]*queue, len(names))
	for i, name := range names {
		queues[i] = &queue{name: name}
	}
	return queues
}

// queue is the queue of that name, nil when there is none.
func (p *pbx) queue(name string) *queue {
	for _, q := range p.queues {
		if strings.EqualFold(q.name, name) {
			return q
		}
	}
	return nil
}

// member is the member with that interface, nil when there is none.
func (q *queue) member(interfaceName string) *member {
	for _, m := range q.members {
		if strings.EqualFold(m.interfaceName, interfaceName) {
			return m
		}
	}
	return nil
}

// deviceNumber is a device state as queues print it (devicestate.h).
func deviceNumber(state string) int {
	return slices.Index([]string{
		deviceUnknown, deviceNotInUse, deviceInUse, "BUSY", deviceInvalid, deviceUnavailable, deviceRinging, "RINGINUSE", "ONHOLD",
	}, state)
}

// free tells whether a member can be rung.
func (m *member) free() bool {
	available := m.status <= deviceNumber(deviceNotInUse)
	return available && !m.paused && !m.inCall
}

// there tells whether a member's device is reachable.
func (m *member) there() bool {
	return m.status != deviceNumber(deviceUnavailable) && m.status != deviceNumber(deviceInvalid)
}

// tellMember sends an event about a member.
func (p *pbx) tellMember(name string, q *queue, m *member) {
	b := begin(name, "agent").Add("Queue", q.name).Add("MemberName", m.name).Add("Interface", m.interfaceName)
	m.describe(b.Add("StateInterface", m.stateInterface)).
		Add("Ringinuse", zeroOne(m.ringInUse)).Add("Wrapuptime", "0")
	p.send(b)
}

// describe adds the headers that events and lists have in common.
func (m *member) describe(b *ami.Builder) *ami.Builder {
	return b.Add("Membership", "dynamic").
		Add("Penalty", strconv.Itoa(m.penalty)).
		Add("CallsTaken", strconv.Itoa(m.callsTaken)).
		Add("LastCall", strconv.FormatInt(m.lastCall, 10)).
		Add("LastPause", strconv.FormatInt(m.lastPause, 10)).
		Add("LoginTime", strconv.FormatInt(m.loginTime, 10)).
		Add("InCall", zeroOne(m.inCall)).
		Add("Status", strconv.Itoa(m.status)).
		Add("Paused", zeroOne(m.paused)).
		Add("PausedReason", m.reason)
}

func zeroOne(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// addMember puts a member into a queue.
func (p *pbx) addMember(q *queue, m *member) {
	m.ringInUse = true
	m.loginTime = time.Now().Unix()
	m.status = deviceNumber(p.deviceState(m.stateInterface))
	q.members = append(q.members, m)
	p.tellPause(q, m)
	p.tellMember("QueueMemberAdded", q, m)
	p.tellAvailable(q)
	p.next(func() { p.serve(q) })
}

// removeMember takes a member out of a queue. A call that he has goes on.
func (p *pbx) removeMember(q *queue, m *member) {
	q.members = slices.DeleteFunc(q.members, func(o *member) bool { return o == m })
	p.tellMember("QueueMemberRemoved", q, m)
	p.setDevice(pauseDevice(q, m), deviceNotInUse)
	p.tellAvailable(q)
}

// pauseMember makes a member temporarily unavailable, or ends that.
func (p *pbx) pauseMember(q *queue, m *member, paused bool, reason string) {
	if m.paused = paused; paused {
		m.lastPause = time.Now().Unix()
	} else {
		reason = ""
	}
	m.reason = reason
	p.tellPause(q, m)
	p.tellMember("QueueMemberPause", q, m)
	p.tellAvailable(q)
	p.next(func() { p.serve(q) })
}

func pauseDevice(q *queue, m *member) string {
	return "Queue:" + q.name + "_pause_" + m.interfaceName
}

func (p *pbx) tellPause(q *queue, m *member) {
	state := deviceNotInUse
	if m.paused {
		state = deviceInUse
	}
	p.setDevice(pauseDevice(q, m), state)
}

// tellAvailable sets the device that says whether a queue has somebody to answer.
func (p *pbx) tellAvailable(q *queue) {
	state := deviceInUse
	if slices.ContainsFunc(q.members, (*member).free) {
		state = deviceNotInUse
	}
	p.setDevice("Queue:"+q.name+"_avail", state)
}

// membersChanged tells the new state of the members whose device it is.
func (p *pbx) membersChanged(device string) {
	if strings.HasPrefix(device, "Queue:") {
		return
	}
	for _, q := range p.queues {
		for _, m := range q.members {
			if !strings.EqualFold(m.stateInterface, device) {
				continue
			}
			m.status = deviceNumber(p.deviceState(device))
			p.tellMember("QueueMemberStatus", q, m)
			p.tellAvailable(q)
			if m.free() {
				p.next(func() { p.serve(q) })
			}
		}
	}
}
