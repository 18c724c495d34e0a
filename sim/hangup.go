package sim

import "strconv"

// Hangup causes (causes.h).
const (
	causeUnallocated = 1
	causeNormal      = 16
	causeBusy        = 17
	causeNoAnswer    = 19
)

func causeText(cause int) string {
	switch cause {
	case 0:
		return "Unknown"
	case causeUnallocated:
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
	case 26:
		return "Answered elsewhere"
	case 34:
		return "Circuit/channel congestion"
	}
	return "Unknown"
}

// The Cause of a SoftHangupRequest is none of those: it says who asked (channel.h, AST_SOFTHANGUP_*).
const (
	softHangupEnd      = "16" // the dialplan is at its end
	softHangupExplicit = "32" // somebody wants it
)

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
	if d := peer.dial; d != nil && !peer.gone {
		p.dialFailed(d, reasonFailed, "CANCEL")
		return
	}
	p.end(peer, false)
}

// buried tells that a channel is no more.
func (p *pbx) buried(c *channel) {
	p.remove(c)
	p.celHangup(c)
	p.tell("Hangup", "call", c, "Cause", strconv.Itoa(c.cause), "Cause-txt", causeText(c.cause))
	p.cdr(c)
	c.bridge = nil
	p.updateDevice(c)
}
