package legs

import (
	"strings"
	"time"
)

// Channel is one that CoreShowChannels has.
type Channel struct {
	Uniqueid, Name string
	State          string // ChannelState, a number
	Application    string
	Data           string // ApplicationData
}

// Lost tells that the session with the server is lost.
func (c *Call) Lost(now time.Time) []Effect {
	return c.do(now, func() {
		c.down, c.asking = true, false
		c.downs++
		for _, l := range c.legs {
			if l.Open() {
				l.doubt, l.missed = true, 0
				c.enter(l, Unknown, "the server is lost")
			}
		}
		c.add(Effect{Deed: Wake, After: c.plan.Timeout + c.plan.Grace, Timer: Timer{generation: c.downs, what: timeDown}})
	})
}

// stillDown ends what was not dialled when the server was lost, and has been lost since.
func (c *Call) stillDown(downs int) {
	if !c.down || downs != c.downs {
		return
	}
	c.ready = nil
	for _, l := range c.legs {
		switch {
		case l.State == Queued:
			c.finish(l, Failed, "the server is lost; it was not called")
		case l.Open():
			c.settle(l)
		}
	}
}

// Back tells that the session is up again.
func (c *Call) Back(now time.Time) []Effect {
	return c.do(now, func() {
		c.down = false
		for _, l := range c.legs {
			if l.doubt {
				c.ask()
				return
			}
		}
	})
}

// Missed tells that events were dropped.
func (c *Call) Missed(now time.Time) []Effect {
	return c.do(now, func() {
		for _, l := range c.legs {
			if l.Open() {
				c.doubt(l)
			}
		}
	})
}

// doubt has it asked whether a leg's channel exists.
func (c *Call) doubt(l *Leg) {
	l.doubt = true
	c.ask()
}

// ask asks once for all legs in doubt.
func (c *Call) ask() {
	if !c.down && !c.asking {
		c.asking = true
		c.add(Effect{Deed: Ask})
	}
}

// Found tells which channels of legs there were when it was asked; failed: no answer came.
func (c *Call) Found(now time.Time, channels map[string]Channel, failed bool) []Effect {
	return c.do(now, func() {
		c.asking = false
		for _, l := range c.legs {
			if !l.doubt || !l.Open() {
				continue
			}
			if failed {
				if !c.down {
					c.wake(l, timeToAsk, askAfter)
				}
				continue
			}
			if channel, there := channels[l.Uniqueid]; there {
				l.missed = 0
				c.found(l, channel)
			} else {
				c.notFound(l)
			}
		}
	})
}

// found is a leg in doubt that exists.
func (c *Call) found(l *Leg, channel Channel) {
	l.doubt, l.seen, l.ChannelName = false, true, channel.Name
	switch {
	case l.cancelled || l.overdue && channel.State != stateUp:
		c.hangup(l)
	case channel.State == stateUp:
		l.overdue = false
		c.answer(l)
		if !l.cancelled {
			c.foundUp(l, channel)
		}
	case channel.State == stateRinging:
		c.enter(l, Ringing, "")
	default:
		c.enter(l, Dialing, "")
	}
}

// foundUp is one that is answered.
func (c *Call) foundUp(l *Leg, channel Channel) {
	room, _, _ := strings.Cut(channel.Data, ",")
	switch {
	case c.plan.Conference != "" && channel.Application == "ConfBridge" && room == c.plan.Conference:
		l.joined = true
		c.enter(l, Joined, "")
		c.settle(l)
	case l.joined:
		c.end(l, Left, l.why)
	default:
		c.enter(l, Answered, "")
	}
}

// notFound is a leg in doubt that was not there; the second time in a row it has ended. The first time its channel may not
// have been made yet.
func (c *Call) notFound(l *Leg) {
	if l.missed++; l.missed < 2 {
		c.wake(l, timeToAsk, askAfter)
		return
	}
	const reason = "Asterisk does not know its channel any more"
	switch {
	case l.answered && l.joined:
		c.end(l, Left, reason)
	case l.answered:
		c.over(l, reason)
	case l.gone || l.responded:
		c.conclude(l, true)
	default:
		c.end(l, Failed, reason)
	}
}
