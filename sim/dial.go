package sim

import (
	"fmt"
	"strconv"
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

// What a channel runs while an Originate waits for its answer.
const (
	outgoingApplication = "AppDial2"
	outgoingData        = "(Outgoing Line)"
)

// originate is what an Originate asks for.
type originate struct {
	technology, number        string // "Local" and "1001@default"
	timeout                   time.Duration
	caller                    party
	account                   string
	variables                 variables
	application, data         string // or
	context, exten            string
	priority                  int
	channelID, otherChannelID string
	done                      func(reason, *channel) // called with the pbx's mu; the channel is nil when none answered
}

// dial is an Originate that waits for an answer.
type dial struct {
	originate
	channel *channel
	timer   *timer
}

// place begins a call. The caller holds mu.
func (p *pbx) place(o originate) {
	p.calls.processed++
	switch {
	case p.taken(o.channelID) || p.taken(o.otherChannelID):
		o.done(reasonFailed, nil)
	case strings.EqualFold(o.technology, "Local"):
		p.placeLocal(o)
	case strings.EqualFold(o.technology, "PJSIP"):
		p.placePhone(o)
	default:
		o.done(reasonFailed, nil)
	}
}

// taken tells whether a channel has that Uniqueid.
func (p *pbx) taken(uniqueid string) bool {
	if uniqueid == "" {
		return false
	}
	for _, c := range p.channels {
		if c.uniqueid == uniqueid {
			return true
		}
	}
	return false
}

// placeLocal calls an extension through the two halves of a Local channel: ;1 is what the Originate has,
// ;2 runs the dialplan.
func (p *pbx) placeLocal(o originate) {
	number, _, _ := strings.Cut(o.number, "/")
	exten, context, given := strings.Cut(number, "@")
	if !given {
		context = "default"
	}
	second := o.otherChannelID
	if o.channelID == "" {
		second = ""
	}
	name := fmt.Sprintf("Local/%s@%s-%08x", exten, context, p.calls.unreal)
	p.calls.unreal++
	one := p.newChannel(name+";1", o.channelID, "", stateDown)
	two := p.newChannel(name+";2", second, one.linkedid, stateRing)
	one.peer, two.peer = two, one
	one.originated = true
	for _, c := range []*channel{one, two} {
		c.context, c.exten, c.account = context, exten, o.account
	}

	p.cel("CHAN_START", one)
	p.tell("Newchannel", "call", one)
	p.tell("Newchannel", "call", two)
	p.cel("CHAN_START", two)
	d := p.callOut(one, o)
	two.caller, two.connected = one.caller, one.connected
	if lookup(context, exten, 1) == nil {
		p.unreachable(d, two)
		return
	}
	p.localBridge(one, two)
	p.dialEvent("DialBegin", one, "DialString", o.number)
	two.threaded = true
	p.setCallID(two)
	p.next(func() { p.execute(two) })
}

// callOut makes c a channel that an Originate calls.
func (p *pbx) callOut(c *channel, o originate) *dial {
	d := &dial{originate: o, channel: c}
	c.dial = d
	if o.caller != (party{}) {
		c.caller, c.connected = o.caller, o.caller
		p.tell("NewCallerid", "call", c, "CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
	}
	for _, v := range o.variables {
		p.setVariable(c, v.name, v.value)
	}
	c.application, c.data = outgoingApplication, outgoingData
	p.tell("Newexten", "dialplan", c, "Extension", c.exten, "Application", c.application, "AppData", c.data)
	c.application, c.data = "", ""
	if o.timeout > 0 {
		d.timer = p.after(o.timeout, func() {
			c.cause = causeNoAnswer
			p.dialFailed(d, reasonNoAnswer, "")
		})
	}
	return d
}

// unreachable ends a call to an extension that does not exist.
func (p *pbx) unreachable(d *dial, two *channel) {
	p.cancel(d.timer)
	d.channel.dial = nil
	d.channel.gone, two.gone = true, true
	p.buried(two)
	p.buried(d.channel)
	d.done(reasonFailed, nil)
}

func (p *pbx) localBridge(one, two *channel) {
	b := begin("LocalBridge", "call")
	one.describe(b, "LocalOne")
	two.describe(b, "LocalTwo")
	p.send(b.Add("Context", one.context).Add("Exten", one.exten).Add("LocalOptimization", "Yes"))
}

// dialEvent tells how it stands with a channel that is called by nobody's channel.
func (p *pbx) dialEvent(name string, called *channel, more ...string) {
	p.send(addAll(called.describe(begin(name, "call"), "Dest"), more))
}

// ringing tells the caller of a channel that it rings.
func (p *pbx) ringing(c *channel) {
	if one := c.peer; one != nil && one.dial != nil {
		p.setState(one, stateRinging)
		p.dialEvent("DialState", one, "DialStatus", "RINGING")
	}
}

// answer answers a channel. When it is the far half of a Local channel that an Originate called, that one
// is answered with it.
func (p *pbx) answer(c *channel) {
	if c.state == stateUp {
		return
	}
	c.answered = time.Now()
	if c.dial != nil {
		p.answerDial(c.dial, nil)
		return
	}
	p.cel("ANSWER", c)
	if one := c.peer; one != nil && one.dial != nil {
		p.answerDial(one.dial, c)
		return
	}
	p.setState(c, stateUp)
}

// answerDial is an Originate's success; far is the other half of a Local channel, or nil.
func (p *pbx) answerDial(d *dial, far *channel) {
	c := d.channel
	p.cancel(d.timer)
	c.dial = nil
	c.answered = time.Now()
	c.application, c.data = outgoingApplication, outgoingData
	p.cel("ANSWER", c)
	d.done(reasonAnswered, c)
	if far != nil {
		p.setState(far, stateUp)
	}
	c.state = stateUp
	p.tell("Newstate", "call", c)
	p.dialEvent("DialEnd", c, "DialStatus", "ANSWER")
	if d.application == "" {
		c.threaded = true
		p.setCallID(c)
	}
	p.updateDevice(c)
	p.next(func() { p.unlessGone(c, func() { p.connect(d) }) })
}

// connect gives an answered channel what the Originate wants it to have.
func (p *pbx) connect(d *dial) {
	c := d.channel
	if d.application != "" {
		c.application, c.data = d.application, d.data
		p.apply(c, d.application, d.data, func() {
			c.cause = causeNormal
			p.hangup(c)
		})
		return
	}
	c.context, c.exten, c.priority = d.context, d.exten, max(d.priority, 1)
	p.execute(c)
}

// busy ends the call to a channel whose far end is busy.
func (p *pbx) busy(c *channel) {
	c.state = stateBusy
	p.tell("Newstate", "call", c)
	if one := c.peer; one != nil && one.dial != nil {
		p.dialFailed(one.dial, reasonBusy, "BUSY")
		return
	}
	p.pause(c, 2*time.Second, func() { p.hangupBoth(c) })
}

// dialFailed ends an Originate that was not answered; status is that of DialEnd, "" for none.
func (p *pbx) dialFailed(d *dial, why reason, status string) {
	c := d.channel
	if c.dial != d {
		return
	}
	c.dial = nil
	p.cancel(d.timer)
	d.done(why, nil)
	if status != "" {
		p.dialEvent("DialEnd", c, "DialStatus", status)
		p.updateDevice(c)
	}
	if status == "BUSY" {
		p.hangupBoth(c)
	} else {
		p.hangup(c)
	}
}

// originateResponse sends what tells all how an asynchronous Originate ended. A synchronous one has none.
func (p *pbx) originateResponse(actionID string, o originate, why reason, c *channel) {
	b := begin("OriginateResponse", "call").AddNonEmpty("ActionID", actionID)
	response, name, uniqueid := "Failure", o.technology+"/"+o.number, o.channelID
	if c != nil {
		response, name, uniqueid = "Success", c.name, c.uniqueid
	}
	b.Add("Response", response).Add("Channel", name)
	if o.application != "" {
		b.Add("Application", o.application).Add("Data", o.data)
	} else {
		b.Add("Context", o.context).Add("Exten", o.exten)
	}
	b.Add("Reason", strconv.Itoa(int(why)))
	for _, h := range [][2]string{{"Uniqueid", uniqueid}, {"CallerIDNum", o.caller.number}, {"CallerIDName", o.caller.name}} {
		if h[1] == "" {
			h[1] = "<unknown>"
		}
		b.Add(h[0], h[1])
	}
	p.send(b)
}
