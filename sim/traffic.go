package sim

import (
	"math/rand/v2"
	"time"
)

// customers are who calls from outside when traffic is on.
var customers = []party{
	{"0301110201", "Mia Keller"}, {"0301110202", "Noah Brandt"}, {"0401110203", "Lea Sommer"}, {"0401110204", "Paul Winter"},
	{"0691110205", "Nina Vogel"}, {"0691110206", "Omar Haddad"}, {"0891110207", "Sofia Rossi"}, {"0891110208", "Tom Berger"},
}

// traffic is a call of Config.Traffic: what its parties will do.
type traffic struct {
	ringTime time.Duration // below zero: nobody answers
	talkTime time.Duration
	patience time.Duration // of the caller, until somebody answers
}

// startTraffic puts people into the first queue and begins to place calls.
func (p *pbx) startTraffic() {
	if p.config.Traffic <= 0 {
		return
	}
	for i, phone := range p.phones {
		if len(p.queues) > 0 && i < 5 && !phone.Offline {
			device := "PJSIP/" + phone.Endpoint
			p.addMember(p.queues[0], &member{name: phone.Name, interfaceName: device, stateInterface: device})
		}
	}
	p.nextTraffic()
}

// nextTraffic makes something happen about once every Traffic.
func (p *pbx) nextTraffic() {
	p.after(p.about(p.config.Traffic), func() {
		switch n := rand.IntN(10); {
		case n == 0:
			p.coffee()
		case n < 7:
			p.customerCalls()
		default:
			p.colleagueCalls()
		}
		p.nextTraffic()
	})
}

// about is a random time between half of d and one and a half of it.
func (p *pbx) about(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// customerCalls is a call from outside into a queue.
func (p *pbx) customerCalls() {
	if len(p.queues) == 0 || len(p.queues[0].callers) > 3 {
		return
	}
	c := p.incoming("trunk", customers[rand.IntN(len(customers))], "4001")
	p.plan(c, traffic{patience: p.about(20 * p.config.Traffic)})
}

// colleagueCalls is a call from one phone to another.
func (p *pbx) colleagueCalls() {
	var idle []Phone
	for _, phone := range p.phones {
		if p.devices.get("PJSIP/"+phone.Endpoint) == deviceNotInUse {
			idle = append(idle, phone)
		}
	}
	if len(idle) < 2 {
		return
	}
	rand.Shuffle(len(idle), func(i, j int) { idle[i], idle[j] = idle[j], idle[i] })
	from, to := idle[0], idle[1]
	c := p.incoming(from.Endpoint, endpoint{Phone: from}.party(), to.Endpoint)
	plan := traffic{patience: p.about(8 * p.config.Traffic)}
	if rand.IntN(6) == 0 {
		plan.ringTime = -1
	}
	p.plan(c, plan)
}

// coffee makes somebody in the queue take a pause, or come back.
func (p *pbx) coffee() {
	if len(p.queues) == 0 || len(p.queues[0].members) == 0 {
		return
	}
	q := p.queues[0]
	m := q.members[rand.IntN(len(q.members))]
	p.pauseMember(q, m, !m.paused, "coffee")
}

// plan decides what the parties of a call will do.
func (p *pbx) plan(c *channel, t traffic) {
	if t.ringTime == 0 {
		t.ringTime = p.about(p.config.Traffic)
	}
	t.talkTime = p.about(4 * p.config.Traffic)
	c.traffic = &t
	p.after(t.patience, func() {
		if c.bridge == nil {
			c.cause = causeNormal
			p.requestHangup(c, 0)
		}
	})
}

// ringTime is how long a phone that c calls rings until it is answered.
func (p *pbx) ringTime(c *channel) time.Duration {
	if c.traffic != nil {
		return c.traffic.ringTime
	}
	return p.config.RingTime
}

// talkAway ends the conversation of a call of Traffic in time.
func (p *pbx) talkAway(caller, callee *channel) {
	if caller.traffic == nil {
		return
	}
	p.after(caller.traffic.talkTime, func() {
		who := caller
		if rand.IntN(2) == 0 {
			who = callee
		}
		p.requestHangup(who, causeNormal)
	})
}

// pick chooses who of n phones that ring is quickest: the first, or with traffic any.
func (p *pbx) pick(n int) int {
	if p.config.Traffic <= 0 || n == 0 {
		return 0
	}
	return rand.IntN(n)
}
