package legs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// concerning are the events that can be about a leg, and the headers in which its Uniqueid stands, or its ActionID.
var concerning = map[string][2]string{
	"Newchannel":             {"Uniqueid"},
	"Newstate":               {"Uniqueid"},
	"Hangup":                 {"Uniqueid"},
	"Rename":                 {"Uniqueid"},
	"ConfbridgeJoin":         {"Uniqueid"},
	"ConfbridgeLeave":        {"Uniqueid"},
	"DialState":              {"DestUniqueid"},
	"DialEnd":                {"DestUniqueid", "Uniqueid"},
	"OriginateResponse":      {"ActionID"},
	"LocalOptimizationBegin": {"LocalOneUniqueid"},
}

// Concerning are the names of the events that can be about a leg.
func Concerning() []string { return slices.Collect(maps.Keys(concerning)) }

// Concerns gives the Uniqueids, or the ActionID, by which an event could be one of a call's legs; "" is none. It is quick for
// events that change no leg.
func Concerns(m ami.Message) (ids [2]string) {
	headers, known := concerning[m.Event()]
	if !known {
		return ids
	}
	for i, header := range headers {
		if header != "" {
			ids[i] = m.Get(header)
		}
	}
	return ids
}

// Hear tells of an event.
func (c *Call) Hear(now time.Time, m ami.Message) []Effect {
	return c.do(now, func() {
		for _, id := range Concerns(m) {
			if l := c.leg(id); l != nil {
				c.about(l, id, m)
				return
			}
		}
	})
}

// about is an event that names a leg by one of its Uniqueids or ActionIDs.
func (c *Call) about(l *Leg, id string, m ami.Message) {
	switch {
	case m.Event() == "OriginateResponse":
		if id == l.token && l.Open() {
			c.response(l, m)
		}
	case id == l.Uniqueid && !l.Open():
		c.stray(l, m)
	case id == l.Uniqueid:
		c.event(l, m)
	case id == l.Uniqueid+secondHalf && m.Event() == "DialEnd" && m.Get("DialStatus") == "ANSWER":
		l.far, l.farGone = m.Get("DestUniqueid"), false
		c.know(l, l.far)
	case id == l.far && m.Event() == "Hangup":
		l.farGone = true
	}
}

// secondHalf is what Asterisk makes of a ChannelId for the half of a Local channel that runs the dialplan, if there is no
// OtherChannelId (core_unreal.c, ast_unreal_new_channels).
const secondHalf = ";2"

// event is one about the channel of a leg that is under way.
func (c *Call) event(l *Leg, m ami.Message) {
	if l.State == Unknown {
		l.missed = 0
	}
	switch m.Event() {
	case "Newchannel":
		l.seen, l.ChannelName = true, m.Get("Channel")
		if l.cancelled || l.overdue {
			c.hangup(l)
		}
	case "Newstate":
		c.newState(l, m.Get("ChannelState"))
	case "DialState":
		if m.Get("DialStatus") == "RINGING" {
			c.ring(l)
		}
	case "DialEnd":
		if status := m.Get("DialStatus"); status == "ANSWER" {
			c.answer(l)
		} else if !l.answered {
			l.dialStatus = status
		}
	case "Rename":
		l.ChannelName = m.Get("Newname")
	case "LocalOptimizationBegin":
		// LocalOptimizationEnd says Success: No also when it has worked (22.10.1 and 16.28.0).
		l.optimised = true
	case "ConfbridgeJoin":
		c.join(l, m)
	case "ConfbridgeLeave":
		if l.joined && m.Get("Conference") == c.plan.Conference {
			c.end(l, Left, l.why)
		}
	case "Hangup":
		c.hungUp(l, m)
	}
}

// The states of a channel that say something of a leg (channelstate.h).
const (
	stateRinging = "5"
	stateUp      = "6"
)

func (c *Call) newState(l *Leg, state string) {
	switch state {
	case stateRinging:
		c.ring(l)
	case stateUp:
		c.answer(l)
	}
}

func (c *Call) ring(l *Leg) {
	l.seen = true
	if !l.answered && !l.cancelled {
		c.enter(l, Ringing, "")
	}
}

func (c *Call) join(l *Leg, m ami.Message) {
	if c.plan.Conference == "" || m.Get("Conference") != c.plan.Conference || l.joined {
		return
	}
	c.answer(l)
	if l.cancelled || l.overdue {
		return
	}
	l.joined = true
	l.ChannelName = m.Get("Channel")
	c.enter(l, Joined, "")
	c.settle(l)
}

// response is the OriginateResponse: how the attempt has ended, or that it was answered.
func (c *Call) response(l *Leg, m ami.Message) {
	l.responded = true
	l.reason, _ = strconv.Atoi(m.Get("Reason"))
	if strings.EqualFold(m.Get("Response"), "Success") {
		l.seen = true
		if name := m.Get("Channel"); l.ChannelName == "" {
			l.ChannelName = name
		}
		c.answer(l)
		return
	}
	c.conclude(l, !l.seen)
}

// hungUp is the end of a leg's channel.
func (c *Call) hungUp(l *Leg, m ami.Message) {
	if l.optimised && l.far != "" && !l.farGone {
		// The Local channel is gone, and whom it has called is in its place.
		l.Uniqueid, l.optimised = l.far, false
		return
	}
	l.seen, l.gone = true, true
	l.cause, _ = strconv.Atoi(m.Get("Cause"))
	if !l.answered {
		c.conclude(l, l.responded)
		return
	}
	c.over(l, "")
}

// over is the end of a leg that was answered.
func (c *Call) over(l *Leg, reason string) {
	if c.plan.Conference != "" && !l.joined && !l.cancelled {
		c.end(l, Failed, "answered, but did not join the conference")
		return
	}
	if reason == "" && l.joined {
		reason = l.why
	}
	c.end(l, Left, reason)
}

// conclude ends a leg that was not answered by what is known of it; not for sure while something is still to come.
func (c *Call) conclude(l *Leg, sure bool) {
	if l.answered {
		return
	}
	if !sure && !(l.gone && l.responded) {
		c.wake(l, timeToConclude, concludeAfter)
		return
	}
	s, reason := l.outcome()
	c.end(l, s, reason)
}

// outcome is what the events say of a leg that was not answered. The Reason of OriginateResponse is a control frame's
// number (frame.h) and says most, where it says anything; then the Hangup's cause (causes.h), then what DialEnd has.
func (l *Leg) outcome() (State, string) {
	switch l.reason {
	case 3:
		return NoAnswer, ""
	case 5:
		return Busy, ""
	case 8:
		return Congestion, ""
	}
	if l.dialStatus == "BUSY" {
		return Busy, ""
	}
	switch l.cause {
	case 17:
		return Busy, ""
	case 18, 19:
		return NoAnswer, ""
	case 34, 38, 41, 42, 44, 47:
		return Congestion, ""
	case 21:
		return Failed, "the call was declined"
	case 20:
		return Failed, "the phone is not there"
	case 1, 3, 28:
		return Failed, "there is no such number"
	}
	switch l.dialStatus { // which is NOANSWER also for a phone that declines
	case "CONGESTION":
		return Congestion, ""
	case "NOANSWER":
		return NoAnswer, ""
	}
	if l.cause == 0 || l.cause == 16 {
		return Failed, "it could not be called"
	}
	return Failed, fmt.Sprintf("hung up with cause %d", l.cause)
}

// stray is an event about the channel of a leg that had ended for us: it was found nowhere, and there it is.
func (c *Call) stray(l *Leg, m ami.Message) {
	if l.State.Ended() && l.State != Left && m.Event() == "Newchannel" {
		c.add(Effect{Deed: Hangup, Uniqueid: l.Uniqueid})
	}
}
