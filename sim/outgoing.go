package sim

import (
	"slices"
	"strings"
	"time"
)

// reason is how an Originate ended, as the Reason of OriginateResponse has it (frame.h, AST_CONTROL_*).
type reason int

const (
	reasonFailed   reason = 0 // or hung up
	reasonNoAnswer reason = 3
	reasonAnswered reason = 4
	reasonBusy     reason = 5
)

// What runs a called channel until it has answered.
const (
	originateApplication = "AppDial2"
	dialApplication      = "AppDial"
	queueApplication     = "AppQueue"
	outgoingData         = "(Outgoing Line)"
)

// outgoing is a call to a channel that is to answer. All its functions are called with the pbx's mu.
type outgoing struct {
	technology, number        string        // "Local" and "1001@default"
	timeout                   time.Duration // 0 or less: none
	ringTime                  time.Duration // how long a phone rings before it answers; below zero: it never does
	caller                    party
	account                   string
	variables                 variables
	channelID, otherChannelID string
	by                        *channel       // whose Dial or Queue it is; nil: an Originate
	calledWith                string         // one of the constants above
	begun                     func(*channel) // just before DialBegin; may be nil
	answered                  func(*channel)
	connected                 func(*channel) // after all has been told of the answer
	failed                    func(reason)
}

// ringing is an outgoing call on the channel that it calls.
type ringing struct {
	*outgoing
	timer *timer
}

// place begins a call. The caller holds mu.
func (p *pbx) place(o *outgoing) {
	switch {
	case p.taken(o.channelID) || p.taken(o.otherChannelID):
		o.failed(reasonFailed)
	case strings.EqualFold(o.technology, "Local"):
		p.placeLocal(o)
	case strings.EqualFold(o.technology, "PJSIP"):
		p.placePhone(o)
	default:
		o.failed(reasonFailed)
	}
}

// taken tells whether a channel has that Uniqueid.
func (p *pbx) taken(uniqueid string) bool {
	return uniqueid != "" && slices.ContainsFunc(p.channels, func(c *channel) bool { return c.uniqueid == uniqueid })
}

// linkedid is that of who calls, "" for a new call.
func (o *outgoing) linkedid() string {
	if o.by == nil {
		return ""
	}
	return o.by.linkedid
}

// callOut makes c the channel that a call is to; far is the other half of a Local channel, or nil.
func (p *pbx) callOut(c, far *channel, o *outgoing) {
	c.call = &ringing{outgoing: o}
	c.calledWith = o.calledWith
	if o.by != nil {
		p.setCallID(c)
		c.exten = o.by.exten
		c.connected = o.by.caller
	}
	c.application, c.data = o.calledWith, outgoingData
	p.tell("Newexten", "dialplan", c, "Extension", c.exten, "Application", c.application, "AppData", c.data)
	if o.by != nil && o.by.caller != (party{}) {
		p.tell("NewConnectedLine", "call", c)
	}
	for _, v := range slices.Backward(o.variables) {
		p.setVariable(c, v.name, v.value)
	}
	p.introduce(c, o)
	if far != nil {
		for _, v := range o.variables {
			p.setVariable(far, v.name, v.value)
		}
		far.caller, far.connected = c.connected, c.caller
		p.introduceFar(far, o)
	}
	c.application, c.data = "", ""
	if o.timeout > 0 {
		c.call.timer = p.after(o.timeout, func() {
			c.cause = causeNoAnswer
			p.giveUp(c, reasonNoAnswer, "")
		})
	}
}

// introduce gives a called channel the account and caller id of an Originate.
func (p *pbx) introduce(c *channel, o *outgoing) {
	if o.account != "" {
		old := c.account
		c.account = o.account
		p.tell("NewAccountCode", "call", c, "OldAccountCode", old)
	}
	if o.caller != (party{}) {
		c.caller = o.caller
		p.tell("NewCallerid", "call", c, "CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
		c.connected = o.caller
		p.tell("NewConnectedLine", "call", c)
	}
}

// introduceFar tells what the far half of a Local channel got of that.
func (p *pbx) introduceFar(far *channel, o *outgoing) {
	far.account = o.account
	if far.caller != (party{}) {
		p.tell("NewCallerid", "call", far, "CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
	}
	if o.account != "" {
		p.tell("NewAccountCode", "call", far, "OldAccountCode", "")
	}
	if far.connected != (party{}) {
		p.tell("NewConnectedLine", "call", far)
	}
}

// tellDial tells how it stands with a called channel.
func (p *pbx) tellDial(name string, c *channel, by *channel, more ...string) {
	b := begin(name, "call")
	if by != nil {
		by.describe(b, "")
	}
	p.send(addAll(c.describe(b, "Dest"), more))
}

// ring makes a called channel ring.
func (p *pbx) ring(c *channel) {
	c.state = stateRinging
	p.tell("Newstate", "call", c)
	by := c.call.by
	p.next(func() {
		if c.call == nil {
			return
		}
		p.updateDevice(c)
		p.tellDial("DialState", c, by, "DialStatus", "RINGING")
		if by != nil {
			p.updateDevice(by)
		}
	})
}

// answer answers a channel, and with the far half of a Local channel that is called the near one.
func (p *pbx) answer(c *channel) {
	if c.state == stateUp {
		return
	}
	c.answered = time.Now()
	if c.call != nil {
		p.pickUp(c, nil)
		return
	}
	p.cel("ANSWER", c)
	if one := c.peer; one != nil && one.call != nil {
		p.pickUp(one, c)
		return
	}
	p.setState(c, stateUp)
}

// pickUp is the answer of a called channel; far is the other half of a Local channel, or nil.
func (p *pbx) pickUp(c, far *channel) {
	o := c.call
	p.cancel(o.timer)
	c.call = nil
	c.answered = time.Now()
	c.application, c.data = o.calledWith, outgoingData
	p.cel("ANSWER", c)
	o.answered(c)
	if far != nil {
		p.setState(far, stateUp)
	}
	c.state = stateUp
	p.tell("Newstate", "call", c)
	p.tellDial("DialEnd", c, o.by, "DialStatus", "ANSWER")
	if c.threaded {
		p.setCallID(c)
	}
	p.updateDevice(c)
	p.next(func() { p.unlessGone(c, func() { o.connected(c) }) })
}

// giveUp ends a call that was not answered; status is that of DialEnd, "" for none.
func (p *pbx) giveUp(c *channel, why reason, status string) {
	p.unanswered(c, why, status)
	if status == "BUSY" {
		p.hangupBoth(c)
	} else {
		p.hangup(c)
	}
}

// unanswered makes a called channel one that is not called any more.
func (p *pbx) unanswered(c *channel, why reason, status string) {
	o := c.call
	c.call = nil
	p.cancel(o.timer)
	o.failed(why)
	if status != "" {
		p.tellDial("DialEnd", c, o.by, "DialStatus", status)
	}
	if status == "BUSY" {
		p.updateDevice(c)
	}
}
