package sim

import "strconv"

// Hangup causes (causes.h).
const (
	causeNormal            = 16
	causeBusy              = 17
	causeNoAnswer          = 19
	causeAnsweredElsewhere = 26
)

func causeText(cause int) string {
	switch cause {
	case 1:
		return "Unallocated (unassigned) number"
	case causeNormal:
		return "Normal Clearing"
	case causeBusy:
		return "User busy"
	case 18:
		return "No user responding"
	case causeNoAnswer:
		return "User alerting, no answer"
	case 20:
		return "Subscriber absent"
	case 21:
		return "Call Rejected"
	case causeAnsweredElsewhere:
		return "Answered elsewhere"
	case 34:
		return "Circuit/channel congestion"
	}
	return "Unknown"
}

// softHangupEnd is the Cause of a SoftHangupRequest, which is none of those but says who asked: the
// dialplan, at its end (channel.h, AST_SOFTHANGUP_APPUNLOAD).
const softHangupEnd = "16"

// hangup ends a channel, and its other half after it.
func (p *pbx) hangup(c *channel) { p.end(c, false) }

// hangupBoth ends a channel's other half first: which of them is first is a race in Asterisk, this
// is how it was recorded for Hangup and Busy.
func (p *pbx) hangupBoth(c *channel) { p.end(c, true) }

func (p *pbx) end(c *channel, peerFirst bool) {
	if c.gone {
		return
	}
	c.gone = true
	p.interrupt(c)
	if c.threaded {
		p.tell("SoftHangupRequest", "call", c, "Cause", softHangupEnd)
	}
	peer := c.peer
	if peer != nil && !peer.gone {
		p.tell("HangupRequest", "call", peer, "Cause", strconv.Itoa(c.cause))
		if peer.cause == 0 {
			peer.cause = c.cause
		}
		if peerFirst {
			p.endPeer(peer)
		}
	}
	p.buried(c)
	if peer != nil && !peerFirst {
		p.endPeer(peer)
	}
}

// endPeer ends the half of a Local channel whose other half is gone.
func (p *pbx) endPeer(peer *channel) {
	if peer.call != nil {
		p.unanswered(peer, reasonFailed, "NOANSWER")
	}
	p.end(peer, false)
}

// buried tells that a channel is no more.
func (p *pbx) buried(c *channel) {
	p.remove(c)
	p.celHangup(c)
	p.tell("Hangup", "call", c, "Cause", strconv.Itoa(c.cause), "Cause-txt", causeText(c.cause))
	p.cdr(c)
	p.updateDevice(c)
}

// requestHangup asks a channel to hang up, which it does as its next step.
func (p *pbx) requestHangup(c *channel, cause int) {
	if cause > 0 {
		c.cause = cause
	}
	p.next(func() {
		switch {
		case c.gone:
		case c.call != nil:
			p.unanswered(c, reasonFailed, "NOANSWER")
			p.hangupBoth(c)
		default:
			p.hangup(c)
		}
	})
}
