package sim

import (
	"strconv"
	"strings"
	"time"
)

// step is one priority of an extension.
type step struct{ application, data string }

// extension is what a dialled pattern does: a literal name, or _ with X for a digit.
type extension struct {
	pattern string
	steps   []step
}

// dialplan is the context default, the only one; it is that of the recordings and of the real Asterisks of
// the tests, as far as it makes calls.
var dialplan = []extension{
	{"_1XXX", []step{{"Answer", ""}, {"Wait", "3600"}}},
	{"_2XXX", []step{{"Ringing", ""}, {"Wait", "3600"}}},
	{"_3XXX", []step{{"Busy", "2"}}},
	{"4001", []step{{"Answer", ""}, {"Queue", "support"}}},
	{"4002", []step{{"Answer", ""}, {"Queue", "sales"}}},
	{"_10X", []step{{"Dial", "PJSIP/${EXTEN},30"}}},
	{"_11X", []step{{"Dial", "PJSIP/${EXTEN},30"}}},
	{"ring", []step{{"Ringing", ""}, {"Wait", "3600"}}},
	{"load", []step{{"Answer", ""}, {"Set", "FOO=bar"}, {"Wait", "0.05"}, {"Hangup", ""}}},
	{"conference", []step{{"ConfBridge", "${CONFNUM}"}}},
	{"echo", []step{{"Answer", ""}, {"Echo", ""}}},
}

// matches tells whether a dialled extension is one of the pattern's.
func (e *extension) matches(exten string) bool {
	pattern, isPattern := strings.CutPrefix(e.pattern, "_")
	if !isPattern {
		return pattern == exten
	}
	if len(pattern) != len(exten) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == 'X' && exten[i] >= '0' && exten[i] <= '9' {
			continue
		}
		if pattern[i] != exten[i] {
			return false
		}
	}
	return true
}

// lookup is a priority of an extension of the context default, nil when there is none.
func lookup(context, exten string, priority int) *step {
	if !strings.EqualFold(context, "default") || priority < 1 {
		return nil
	}
	for i := range dialplan {
		if e := &dialplan[i]; e.matches(exten) {
			if priority > len(e.steps) {
				return nil
			}
			return &e.steps[priority-1]
		}
	}
	return nil
}

// execute runs a channel from its context, extension and priority on, until an application waits.
func (p *pbx) execute(c *channel) {
	if c.gone {
		return
	}
	s := p.lookup(c.context, c.exten, c.priority)
	if s == nil {
		p.hangup(c)
		return
	}
	data := p.substitute(c, s.data)
	c.application, c.data = s.application, data
	p.tell("Newexten", "dialplan", c, "Extension", c.exten, "Application", s.application, "AppData", data)
	p.apply(c, s.application, data, func() {
		c.priority++
		p.execute(c)
	})
}

// apply runs an application on a channel; next is what comes when it ends with the channel still up.
func (p *pbx) apply(c *channel, application, data string, next func()) {
	arguments := strings.Split(data, ",")
	switch strings.ToLower(application) {
	case "answer":
		if c.state == stateUp {
			next()
			return
		}
		p.answer(c)
		// A channel that was waiting for this answer begins first.
		p.next(func() { p.unlessGone(c, next) })
	case "set":
		name, value, _ := strings.Cut(data, "=")
		p.setVariable(c, name, value)
		next()
	case "wait", "echo", "musiconhold", "playback", "milliwatt":
		p.pause(c, duration(data), next)
	case "ringing":
		p.ringBack(c)
		next()
	case "busy":
		p.busy(c)
	case "hangup":
		if c.cause == 0 {
			c.cause = causeNormal
		}
		c.hangupSource = "dialplan/builtin"
		p.hangupBoth(c)
	case "confbridge":
		p.confBridge(c, arguments[0], next)
	case "queue":
		p.enterQueue(c, arguments[0], next)
	case "dial":
		p.dialChannel(c, data, next)
	case "userevent":
		p.userEventApp(c, data)
		next()
	case "execif":
		if s, is := execIf(data); is {
			p.apply(c, s.application, s.data, next)
			return
		}
		next()
	case "noop", "verbose":
		next()
	default:
		p.hangup(c)
	}
}

func (p *pbx) unlessGone(c *channel, f func()) {
	if !c.gone {
		f()
	}
}

// pause makes next happen in d, unless the channel is hung up or redirected before.
func (p *pbx) pause(c *channel, d time.Duration, next func()) {
	c.waiting = p.after(d, func() {
		c.waiting = nil
		next()
	})
}

// duration is what Wait takes: seconds, with a fraction; other applications' data are an hour.
func duration(data string) time.Duration {
	seconds, err := strconv.ParseFloat(data, 64)
	if err != nil {
		seconds = 3600
	}
	return time.Duration(seconds * float64(time.Second))
}

// redirect takes a channel out of what it does and runs it from elsewhere.
func (p *pbx) redirect(c *channel, context, exten string, priority int) {
	c.redirected = true
	if c.bridge != nil && c.calledWith == originateApplication && !c.threaded {
		// Whoever an Originate put into an application and a bridge is not in the dialplan: Asterisk says
		// that all is well, and hangs up.
		p.interrupt(c)
		c.cause = causeNormal
		p.next(func() { p.hangup(c) })
		return
	}
	p.interrupt(c)
	c.context, c.exten, c.priority = context, exten, priority
	if !c.threaded {
		c.threaded = true
		p.setCallID(c)
	}
	p.next(func() {
		c.redirected = false
		p.execute(c)
	})
}

// interrupt ends what a channel does.
func (p *pbx) interrupt(c *channel) {
	if leave := c.leave; leave != nil {
		c.leave = nil
		leave()
	}
	p.cancel(c.waiting)
	c.waiting = nil
}
