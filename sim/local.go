package sim

import (
	"fmt"
	"strings"
)

// placeLocal calls an extension through the two halves of a Local channel: ;1 is what the caller has,
// ;2 runs the dialplan.
func (p *pbx) placeLocal(o *outgoing) {
	number, _, _ := strings.Cut(o.number, "/")
	exten, context, given := strings.Cut(number, "@")
	if !given {
		context = "default"
	}
	second := o.otherChannelID
	if o.channelID == "" {
		second = "" // ignored without the first
	}
	name := fmt.Sprintf("Local/%s@%s-%08x", exten, context, p.calls.unreal)
	p.calls.unreal++
	one := p.newChannel(name+";1", o.channelID, o.linkedid(), stateDown)
	two := p.newChannel(name+";2", second, one.linkedid, stateRing)
	one.peer, two.peer = two, one
	for _, c := range []*channel{one, two} {
		c.context, c.exten = context, exten
	}

	p.cel("CHAN_START", one)
	p.tell("Newchannel", "call", one)
	p.tell("Newchannel", "call", two)
	p.cel("CHAN_START", two)
	p.callOut(one, two, o)
	if p.lookup(context, exten, 1) == nil {
		p.unreachable(one, two)
		return
	}
	p.tellLocalBridge(one, two)
	if o.begun != nil {
		o.begun(one)
	}
	p.tellDial("DialBegin", one, o.by, "DialString", o.number)
	two.threaded = true
	p.setCallID(two)
	p.next(func() { p.execute(two) })
}

// unreachable ends a call to an extension that does not exist.
func (p *pbx) unreachable(one, two *channel) {
	one.gone, two.gone = true, true
	p.buried(two)
	o := one.call
	p.cancel(o.timer)
	one.call = nil
	o.failed(reasonFailed)
	p.buried(one)
}

func (p *pbx) tellLocalBridge(one, two *channel) {
	b := begin("LocalBridge", "call")
	one.describe(b, "LocalOne")
	two.describe(b, "LocalTwo")
	p.send(b.Add("Context", one.context).Add("Exten", one.exten).Add("LocalOptimization", "Yes"))
}

// ringBack is what Ringing does: the near half of a Local channel that is called rings.
func (p *pbx) ringBack(c *channel) {
	if one := c.peer; one != nil && one.call != nil {
		p.ring(one)
	}
}

// busy is what Busy does.
func (p *pbx) busy(c *channel) {
	c.cause = causeBusy
	c.state = stateBusy
	p.tell("Newstate", "call", c)
	if one := c.peer; one != nil && one.call != nil {
		p.giveUp(one, reasonBusy, "BUSY")
		return
	}
	p.pause(c, duration("2"), func() { p.hangupBoth(c) })
}
