package conference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// What has become of a Party.
const (
	PartyReady   PartyState = "ready"   // it is where it was
	PartyMoving  PartyState = "moving"  // Asterisk has redirected it
	PartyJoined  PartyState = "joined"  // ConfbridgeJoin was seen
	PartyLost    PartyState = "lost"    // it has hung up, or was not redirected
	PartyKept    PartyState = "kept"    // it was left where it was: nobody is there to confer with
	PartyUnknown PartyState = "unknown" // the server was lost, or did not tell in time
)

// PartyState is what has become of a Party. It is the header State of events.
type PartyState string

// Party is a channel that is taken into a room.
type Party struct {
	Channel, Uniqueid, Number string
	Context                   string // where it was
	Options                   Options
	State                     PartyState
	Reason                    string // why it is lost, or not known
}

// Options are what ConfBridge is told of somebody who enters.
type Options struct {
	Admin, Marked, StartMuted bool
	PIN                       string // what he is asked for; "": nothing
}

// Result is how it went for all together.
type Result string

// Results.
const (
	Complete Result = "complete" // all have joined
	Partial  Result = "partial"  // some have
	Failed   Result = "failed"   // nobody has
)

// Transfer takes parties into a room. It is a pure state machine: it says what Asterisk is to do next, and is told what that
// has answered and what has happened.
//
// Of a call of two both must be redirected by one action: who is left behind alone is hung up by Asterisk. Where
// there are more, the others go first, one after the other, while two at least stay behind.
type Transfer struct {
	Room    string
	Parties []*Party // the initiator first
	// Alone tells whether one party is to enter though all others are lost: they will be called back.
	Alone bool
}

// Redirect is what Asterisk is to do next: one channel, or two at once.
type Redirect struct{ First, Second *Party }

// Next is what to do, or false when Asterisk has been told of everybody.
func (t *Transfer) Next() (Redirect, bool) {
	var ready []*Party
	under := 0
	for _, p := range t.Parties {
		switch p.State {
		case PartyReady:
			ready = append(ready, p)
		case PartyMoving, PartyJoined:
			under++
		}
	}
	switch {
	case len(ready) == 0:
		return Redirect{}, false
	case len(ready) == 2:
		return Redirect{First: ready[0], Second: ready[1]}, true
	case len(ready) > 2:
		return Redirect{First: ready[len(ready)-1]}, true
	case under > 0 || t.Alone || len(t.Parties) == 1:
		return Redirect{First: ready[0]}, true
	}
	ready[0].become(PartyKept, "nobody else is left of the call")
	return Redirect{}, false
}

func (p *Party) become(s PartyState, reason string) { p.State, p.Reason = s, reason }

// Answered takes what Asterisk has answered to a Redirect (manager.c, action_redirect). A party may have joined before that.
func (t *Transfer) Answered(r Redirect, response ami.Message) {
	message := response.Get("Message")
	moved := func(p *Party) {
		if p != nil && p.State == PartyReady {
			p.State = PartyMoving
		}
	}
	lost := func(p *Party) {
		if p != nil && p.State == PartyReady {
			p.become(PartyLost, "not redirected: "+message)
		}
	}
	switch {
	case response.Response() == "Success":
		moved(r.First)
		moved(r.Second)
	case message == "Secondary redirect failed":
		// The first one is on its way. The second is redirected by itself, if it is still there.
		moved(r.First)
	case strings.HasPrefix(message, "ExtraChannel"):
		lost(r.Second)
	default:
		lost(r.First)
	}
}

// Unanswered takes that an answer was lost with the server: the parties may be on the way, and may be seen to join when it is
// back.
func (t *Transfer) Unanswered(r Redirect, why error) {
	for _, p := range []*Party{r.First, r.Second} {
		if p != nil && p.State == PartyReady {
			p.become(PartyMoving, why.Error())
		}
	}
}

// Prepared takes what Asterisk has answered to a Setvar for a party.
func (t *Transfer) Prepared(p *Party, response ami.Message) {
	if response.Response() != "Success" && p.State == PartyReady {
		p.become(PartyLost, "not prepared: "+response.Get("Message"))
	}
}

// Hear takes what has happened, and returns whom it has happened to; nil: it is about nobody here, or nothing new.
func (t *Transfer) Hear(event ami.Message) *Party {
	at := slices.IndexFunc(t.Parties, func(p *Party) bool { return p.Uniqueid == event.Get("Uniqueid") })
	if at < 0 {
		return nil
	}
	p := t.Parties[at]
	switch event.Event() {
	case "ConfbridgeJoin":
		if event.Get("Conference") != t.Room {
			p.become(PartyLost, "joined another conference: "+event.Get("Conference"))
			return p
		}
		p.become(PartyJoined, "")
	case "ConfbridgeLeave":
		if p.State != PartyJoined || event.Get("Conference") != t.Room {
			return nil
		}
		p.become(PartyLost, "left the conference")
	case "Hangup":
		if p.State == PartyLost {
			return nil
		}
		p.become(PartyLost, fmt.Sprintf("hung up: %s", event.Get("Cause-txt")))
	default:
		return nil
	}
	return p
}

// Listed takes who is in the room, where an event may have been missed.
func (t *Transfer) Listed(is func(uniqueid string) bool) (changed []*Party) {
	for _, p := range t.Parties {
		if p.State == PartyMoving && is(p.Uniqueid) {
			p.become(PartyJoined, "")
			changed = append(changed, p)
		}
	}
	return changed
}

// Expire ends the waiting.
func (t *Transfer) Expire(reason string) (changed []*Party) {
	for _, p := range t.Parties {
		if p.State == PartyMoving || p.State == PartyReady {
			p.become(PartyUnknown, cmp.Or(p.Reason, reason))
			changed = append(changed, p)
		}
	}
	return changed
}

// Over tells whether nobody is on the way any more.
func (t *Transfer) Over() bool {
	return !slices.ContainsFunc(t.Parties, func(p *Party) bool { return p.State == PartyMoving || p.State == PartyReady })
}

// Result is how it went so far.
func (t *Transfer) Result() Result {
	joined := 0
	for _, p := range t.Parties {
		if p.State == PartyJoined {
			joined++
		}
	}
	switch joined {
	case 0:
		return Failed
	case len(t.Parties):
		return Complete
	}
	return Partial
}
