package legs

import (
	"fmt"
	"slices"
	"time"
)

// Plan says how a group is called.
type Plan struct {
	Destinations []Destination
	First        bool          // the first to answer ends all others
	Conference   string        // where they are to be; "": an answer is all there is to wait for
	Concurrency  int           // how many are called at once; 0: all
	Timeout      time.Duration // of each try to call one, as its Originate has it
	Grace        time.Duration // how long after Timeout Asterisk may take to tell the end
	Retries      int           // how often one is tried again,
	RetryDelay   time.Duration // after this time,
	RetryOn      []State       // if it has ended so
	// Tokens make Uniqueids and ActionIDs, which must be new and not to be guessed.
	Tokens func() (uniqueid, actionID string)
}

// What is waited for, besides what the Plan says.
const (
	// concludeAfter is how long the second of the two events that tell a leg's end may take.
	concludeAfter = 2 * time.Second
	// checkAfter is how long a Hangup may take.
	checkAfter = 2 * time.Second
	// askAfter is between two looks at the channels there are. An Originate that was just queued has none for some milliseconds.
	askAfter = time.Second
	// unsentAfter is before another try of what was not sent.
	unsentAfter = 500 * time.Millisecond
)

// Call is a group that is called.
type Call struct {
	plan     Plan
	began    time.Time
	legs     []*Leg
	ready    []int          // to be dialled, in order
	known    map[string]int // legs by the Uniqueids and ActionIDs they have had
	calling  int
	open     int // legs that have not ended, or are to be dialled
	unsettle int // legs that have not settled
	winner   int // -1: none
	down     bool
	downs    int // how often the server was lost
	settled  bool
	asking   bool
	effects  []Effect
	now      time.Time
}

// NewCall is a call that has not begun.
func NewCall(p Plan) *Call {
	c := &Call{plan: p, known: map[string]int{}, winner: -1, open: len(p.Destinations), unsettle: len(p.Destinations)}
	for i, d := range p.Destinations {
		c.legs = append(c.legs, &Leg{Destination: d, Index: i})
		c.ready = append(c.ready, i)
	}
	return c
}

// Begin tells that every leg is queued.
func (c *Call) Begin(now time.Time) []Effect {
	c.began = now
	return c.do(now, func() {
		for _, l := range c.legs {
			c.tell(l)
		}
	})
}

// do runs f at a time and returns what it wants done.
func (c *Call) do(now time.Time, f func()) []Effect {
	c.now, c.effects = now, nil
	f()
	if c.unsettle == 0 && !c.settled {
		c.settled = true
		c.add(Effect{Deed: Settled})
	}
	if c.open == 0 {
		c.open = -1 // said once
		c.add(Effect{Deed: Over})
	}
	return c.effects
}

func (c *Call) add(e Effect) { c.effects = append(c.effects, e) }

func (c *Call) tell(l *Leg) { c.add(Effect{Deed: Tell, Leg: *l}) }

func (c *Call) wake(l *Leg, what alarm, after time.Duration) {
	c.add(Effect{Deed: Wake, After: after, Timer: Timer{leg: l.Index, generation: l.generation, what: what}})
}

// Ready tells whether a leg can be dialled now.
func (c *Call) Ready() bool {
	return !c.down && len(c.ready) > 0 && (c.plan.Concurrency == 0 || c.calling < c.plan.Concurrency)
}

// Calling is how many legs are dialled and not answered yet.
func (c *Call) Calling() int { return c.calling }

// Dial dials the next leg, if one is Ready.
func (c *Call) Dial(now time.Time) []Effect {
	return c.do(now, func() {
		if !c.Ready() {
			return
		}
		l := c.legs[c.ready[0]]
		c.ready = c.ready[1:]
		uniqueid, token := c.plan.Tokens()
		l.attempt = attempt{token: token, generation: l.generation + 1}
		l.Attempt++
		l.Uniqueid, l.ChannelName, l.Cause = uniqueid, "", 0
		c.calling++
		for _, id := range []string{uniqueid, uniqueid + secondHalf, token} {
			c.know(l, id)
		}
		c.enter(l, Dialing, "")
		c.add(Effect{Deed: Dial, Leg: *l, Uniqueid: uniqueid, Token: token})
		c.wake(l, timeIsOver, c.plan.Timeout+c.plan.Grace)
	})
}

// Outcome is what an Originate was answered.
type Outcome int

// The answers to an Originate.
const (
	Accepted Outcome = iota // it is queued
	Refused                 // Asterisk will not; Reason tells
	Unsent                  // the server is not there, and it was not sent
	Doubtful                // it was sent, and nobody knows
)

// Replied tells the answer to the Originate with that ActionID.
func (c *Call) Replied(now time.Time, token string, outcome Outcome, reason string) []Effect {
	return c.do(now, func() {
		l := c.leg(token)
		if l == nil || l.token != token || !l.Open() {
			return
		}
		switch outcome {
		case Refused:
			l.responded = true
			c.end(l, Failed, reason)
		case Unsent:
			c.requeue(l, reason)
		case Doubtful:
			c.doubt(l)
		}
	})
}

// requeue is for a leg whose Originate was never sent: that was no try.
func (c *Call) requeue(l *Leg, reason string) {
	if l.cancelled {
		c.end(l, Cancelled, l.why)
		return
	}
	c.calling--
	l.Attempt--
	l.generation++
	c.change(l, Queued, reason)
	c.wake(l, timeToRetry, unsentAfter)
}

// enter puts a leg into a state it goes on from.
func (c *Call) enter(l *Leg, s State, reason string) {
	if l.State == s && l.Reason == reason {
		return
	}
	c.change(l, s, reason)
}

func (c *Call) change(l *Leg, s State, reason string) {
	l.State, l.Reason = s, reason
	c.tell(l)
}

// settle counts a leg as one that need not be waited for any more.
func (c *Call) settle(l *Leg) {
	if !l.settled {
		l.settled = true
		c.unsettle--
	}
}

// know has events that name id be about a leg.
func (c *Call) know(l *Leg, id string) {
	c.known[id] = l.Index
	c.add(Effect{Deed: Adopt, ID: id})
}

// leg finds one by a Uniqueid or an ActionID; nil: there is none.
func (c *Call) leg(id string) *Leg {
	if i, there := c.known[id]; there {
		return c.legs[i]
	}
	return nil
}

// answer is when a leg is answered.
func (c *Call) answer(l *Leg) {
	if l.answered {
		return
	}
	l.answered, l.doubt, l.missed = true, false, 0
	c.calling--
	switch {
	case l.cancelled, l.overdue:
		c.hangup(l)
		return
	case c.plan.First && c.winner >= 0:
		c.enter(l, Answered, "another one was first")
		c.cancel(l, "another one was first")
		return
	case c.plan.First:
		c.winner = l.Index
	}
	c.enter(l, Answered, "")
	if c.plan.Conference == "" {
		c.settle(l)
	} else {
		c.wake(l, timeToJoin, c.plan.Grace)
	}
	if c.plan.First {
		for _, other := range c.legs {
			if other != l {
				c.cancel(other, "another one has answered")
			}
		}
	}
}

// Cancel ends the call: legs that are not answered, and unless keepAnswered the others, too.
func (c *Call) Cancel(now time.Time, keepAnswered bool, why string) []Effect {
	return c.do(now, func() {
		for _, l := range c.legs {
			if !keepAnswered || !l.answered {
				c.cancel(l, why)
			}
		}
	})
}

// Abandon is Cancel for who will hear nothing any more: legs that are not answered are cancelled at once, and to be hung up
// whether or not they are known to exist; the others go on by themselves.
func (c *Call) Abandon(now time.Time, why string) []Effect {
	return c.do(now, func() {
		c.ready = nil
		for _, l := range c.legs {
			if l.State.Ended() || l.answered {
				continue
			}
			if l.Open() {
				c.calling--
				c.add(Effect{Deed: Hangup, Uniqueid: l.Uniqueid})
			}
			c.finish(l, Cancelled, why)
		}
	})
}

// cancel ends one leg: at once if it was not dialled, else by hanging up.
func (c *Call) cancel(l *Leg, why string) {
	switch {
	case l.State.Ended() || l.cancelled:
	case l.State == Queued:
		c.ready = slices.DeleteFunc(c.ready, func(i int) bool { return i == l.Index })
		c.finish(l, Cancelled, why)
	default:
		l.cancelled, l.why = true, why
		c.hangup(l)
	}
}

// hangup hangs up a leg's channel, as soon as there is one: right behind the answer to its Originate there is none yet.
func (c *Call) hangup(l *Leg) {
	if l.seen && !c.down {
		c.add(Effect{Deed: Hangup, Uniqueid: l.Uniqueid})
		return
	}
	c.wake(l, timeToCheck, checkAfter)
}

// HungUp tells that a Hangup was answered, whatever with: a thousand of them take their time, and until then there is nothing to
// check.
func (c *Call) HungUp(now time.Time, uniqueid string) []Effect {
	return c.do(now, func() {
		if l := c.leg(uniqueid); l != nil && l.Open() {
			c.wake(l, timeToCheck, checkAfter)
		}
	})
}

// end is when a leg's attempt has ended with s, which may be tried again.
func (c *Call) end(l *Leg, s State, reason string) {
	switch {
	case l.cancelled && l.answered && l.settled:
		s, reason = Left, l.why // it was where it was to be
	case l.cancelled:
		s, reason = Cancelled, l.why
	}
	if !l.answered {
		c.calling--
	}
	l.Cause = l.cause
	if s != Cancelled && !l.settled && l.Attempt <= c.plan.Retries && slices.Contains(c.plan.RetryOn, s) {
		c.change(l, s, reason)
		l.generation++
		c.change(l, Queued, "to be tried again")
		c.wake(l, timeToRetry, c.plan.RetryDelay)
		return
	}
	c.finish(l, s, reason)
}

// finish is the end of a leg.
func (c *Call) finish(l *Leg, s State, reason string) {
	l.generation++
	l.doubt = false
	c.settle(l)
	c.open--
	c.change(l, s, reason)
}

// Woken tells that a Wake's time has come.
func (c *Call) Woken(now time.Time, t Timer) []Effect {
	return c.do(now, func() {
		if t.what == timeDown {
			c.stillDown(t.generation)
			return
		}
		l := c.legs[t.leg]
		if l.State.Ended() || t.generation != l.generation {
			return
		}
		switch t.what {
		case timeToRetry:
			if l.State == Queued {
				c.ready = append(c.ready, l.Index)
			}
		case timeIsOver:
			c.overdue(l)
		case timeToConclude:
			c.conclude(l, true)
		case timeToCheck, timeToAsk:
			c.doubt(l)
		case timeToJoin:
			if !l.joined {
				c.settle(l)
			}
		}
	})
}

// overdue is when Asterisk should have told the end of a leg that was not answered, and has not.
func (c *Call) overdue(l *Leg) {
	if l.answered {
		return
	}
	l.overdue = true
	if c.down {
		c.settle(l) // as what is known of it: nothing
		return
	}
	c.doubt(l)
}

// String is for tests.
func (l *Leg) String() string { return fmt.Sprintf("%s %s (%s)", l.Number, l.State, l.Reason) }
