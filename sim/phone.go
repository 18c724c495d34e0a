package sim

import (
	"fmt"
	"strings"
	"time"
)

// endpoint is what a PJSIP endpoint does when it is called.
type endpoint struct {
	Phone
	busy  bool
	never bool // answers
}

// endpoint finds a PJSIP endpoint: a phone, 200 to 299 that never answer, or 300 to 399 that are busy.
func (p *pbx) endpoint(name string) (endpoint, bool) {
	for _, phone := range p.phones {
		if phone.Endpoint == name {
			return endpoint{Phone: phone}, !phone.Offline
		}
	}
	if len(name) != 3 || strings.Trim(name, "0123456789") != "" {
		return endpoint{}, false
	}
	phone := Phone{Endpoint: name, Name: "Phone " + name}
	switch name[0] {
	case '2':
		return endpoint{Phone: phone, never: true}, true
	case '3':
		return endpoint{Phone: phone, busy: true}, true
	}
	return endpoint{}, false
}

// party is the caller id of an endpoint.
func (e endpoint) party() party { return party{number: e.Endpoint, name: e.Name} }

// newPhoneChannel makes a channel of an endpoint.
func (p *pbx) newPhoneChannel(name, uniqueid, linkedid string, s state) *channel {
	c := p.newChannel(fmt.Sprintf("PJSIP/%s-%08x", name, p.calls.pjsip), uniqueid, linkedid, s)
	p.calls.pjsip++
	c.exten = "s"
	return c
}

// placePhone calls a phone.
func (p *pbx) placePhone(o *outgoing) {
	name, _, _ := strings.Cut(o.number, "/")
	e, reachable := p.endpoint(name)
	if !reachable {
		o.failed(reasonFailed)
		return
	}
	c := p.newPhoneChannel(name, o.channelID, o.linkedid(), stateDown)
	c.caller = e.party()
	p.cel("CHAN_START", c)
	p.tell("Newchannel", "call", c)
	p.callOut(c, nil, o)
	if o.begun != nil {
		o.begun(c)
	}
	dialled := name
	if o.calledWith == queueApplication {
		dialled = o.technology + "/" + name
	}
	p.tellDial("DialBegin", c, o.by, "DialString", dialled)
	if e.busy {
		p.next(func() { p.refuse(c) })
		return
	}
	p.next(func() { p.alert(c, e.never) })
}

// alert makes a phone ring and, unless it never does, answer.
func (p *pbx) alert(c *channel, never bool) {
	o := c.call
	if o == nil {
		return
	}
	p.ring(c)
	if never || o.ringTime < 0 {
		return
	}
	p.pause(c, max(o.ringTime, time.Duration(0)), func() {
		if c.call != nil {
			p.pickUp(c, nil)
		}
	})
}

// refuse is the busy answer of a phone. An Originate says nothing of it in its reason.
func (p *pbx) refuse(c *channel) {
	if c.call == nil {
		return
	}
	c.cause = causeBusy
	p.tell("HangupRequest", "call", c, "Cause", "17")
	why := reasonFailed
	if c.call.by != nil {
		why = reasonBusy
	}
	p.giveUp(c, why, "BUSY")
}

// incoming is a call from a phone, or from outside, to an extension.
func (p *pbx) incoming(endpoint string, caller party, exten string) *channel {
	c := p.newPhoneChannel(endpoint, "", "", stateRing)
	c.caller, c.exten = caller, exten
	p.calls.processed++
	p.cel("CHAN_START", c)
	p.tell("Newchannel", "call", c)
	c.threaded = true
	p.setCallID(c)
	p.next(func() { p.execute(c) })
	return c
}

// dialChannel is what Dial does: technology/number, and how many seconds it may ring.
func (p *pbx) dialChannel(c *channel, data string, next func()) {
	arguments := strings.Split(data, ",")
	technology, number, _ := strings.Cut(arguments[0], "/")
	o := &outgoing{
		technology: technology, number: number, by: c, calledWith: dialApplication, ringTime: p.ringTime(c),
		answered: func(*channel) {},
	}
	if len(arguments) > 1 && arguments[1] != "" {
		o.timeout = duration(arguments[1])
	}
	var called *channel
	o.begun = func(to *channel) { called = to }
	o.failed = func(why reason) {
		called, c.leave = nil, nil
		p.setVariable(c, "DIALSTATUS", dialStatus(why))
		p.next(func() { p.unlessGone(c, next) })
	}
	o.connected = func(to *channel) {
		if c.gone {
			p.hangup(to)
			return
		}
		c.leave = nil
		if c.connected == (party{}) {
			c.connected = to.caller
			p.tell("NewConnectedLine", "call", c)
		}
		p.answer(c)
		p.talk(c, to, func(who *channel) { p.afterDial(c, to, who) })
		p.talkAway(c, to)
	}
	c.leave = func() {
		if called != nil && called.call != nil {
			o.failed = func(reason) {}
			called.cause = causeNormal
			p.giveUp(called, reasonFailed, "CANCEL")
		}
	}
	p.place(o)
}

func dialStatus(why reason) string {
	switch why {
	case reasonBusy:
		return "BUSY"
	case reasonNoAnswer:
		return "NOANSWER"
	}
	return "CHANUNAVAIL"
}

// afterDial is the end of a conversation that Dial made: who of the two left it.
func (p *pbx) afterDial(caller, callee, who *channel) {
	p.setVariable(caller, "DIALSTATUS", "ANSWER")
	p.partOther(caller, callee, who)
}

// partOther hangs up the one of two who is left, unless he is being redirected himself.
func (p *pbx) partOther(caller, callee, who *channel) {
	other := caller
	if who == caller {
		other = callee
	}
	p.next(func() {
		if other.gone || other.redirected {
			return
		}
		if other.cause == 0 {
			other.cause = causeNormal
		}
		p.hangup(other)
	})
}
