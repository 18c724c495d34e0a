package conference

import "github.com/astproxy/astproxy/ami"

// What has become of an Invitation.
const (
	InviteCalling    InviteState = "calling"
	InviteRinging    InviteState = "ringing"
	InviteAnswered   InviteState = "answered" // and on the way into the room
	InviteJoined     InviteState = "joined"   // ConfbridgeJoin was seen
	InviteBusy       InviteState = "busy"
	InviteNoAnswer   InviteState = "noanswer"
	InviteCongestion InviteState = "congestion"
	InviteFailed     InviteState = "failed"
	InviteCancelled  InviteState = "cancelled" // the room has ended meanwhile, or somebody has said so
	InviteUnknown    InviteState = "unknown"   // the server was lost meanwhile
)

// InviteState is what has become of an Invitation. It is the header State of events.
type InviteState string

// Over tells whether nothing more is to come.
func (s InviteState) Over() bool {
	switch s {
	case InviteCalling, InviteRinging, InviteAnswered:
		return false
	}
	return true
}

// Invitation is somebody who is called into a room: a pure state machine, which is told of events.
type Invitation struct {
	Room, Bridge string // the room, and the BridgeUniqueid it had when he was called
	Number       string
	Channel      string // whom Originate calls
	Uniqueid     string // the ChannelId it is given, which is its ActionID as well
	State        InviteState
	Reason       string

	ended bool   // the room it was for is gone
	cause string // of a Hangup before an answer, where it tells anything
}

// NewInvitation is one that is about to be sent.
func NewInvitation(room, bridge, number, channel, uniqueid string) *Invitation {
	return &Invitation{
		Room: room, Bridge: bridge, Number: number, Channel: channel, Uniqueid: uniqueid, State: InviteCalling,
	}
}

// Hear takes what has happened, and tells whether that has changed anything.
func (i *Invitation) Hear(event ami.Message) bool {
	if i.State.Over() {
		return false
	}
	name := event.Event()
	if name == "ConfbridgeEnd" && event.Get("Conference") == i.Room && i.isBridge(event.Get("BridgeUniqueid")) {
		i.ended = true
		return true
	}
	if name == "OriginateResponse" && event.Get("ActionID") == i.Uniqueid {
		return i.originated(event)
	}
	if name == "Hangup" {
		return i.hungUp(event)
	}
	if event.Get("Uniqueid") != i.Uniqueid {
		return false
	}
	switch name {
	case "Newstate":
		if event.Get("ChannelStateDesc") != "Ringing" || i.State != InviteCalling {
			return false
		}
		i.State = InviteRinging
	case "ConfbridgeJoin":
		if event.Get("Conference") != i.Room {
			return false
		}
		if !i.isBridge(event.Get("BridgeUniqueid")) {
			// The room has ended before he answered, and he has made it anew.
			i.ended = true
			return true
		}
		i.State = InviteJoined
	default:
		return false
	}
	return true
}

func (i *Invitation) isBridge(bridge string) bool {
	return i.Bridge == "" || bridge == "" || i.Bridge == bridge
}

// Ended tells whether the room has ended that he is called into, so that he is to be hung up.
func (i *Invitation) Ended() bool { return i.ended && !i.State.Over() }

// Cancel ends it.
func (i *Invitation) Cancel(reason string) { i.State, i.Reason = InviteCancelled, reason }

// originated takes the OriginateResponse, which comes behind the Hangup of a channel that was not answered. What
// its reasons 0 and 1 do not say the Hangup may have said.
func (i *Invitation) originated(event ami.Message) bool {
	if event.Get("Response") == "Success" {
		i.State = InviteAnswered
		return true
	}
	switch event.Get("Reason") {
	case "3":
		i.State = InviteNoAnswer
	case "5":
		i.State = InviteBusy
	case "8":
		i.State = InviteCongestion
	default:
		i.State = ofCause(i.cause)
	}
	return true
}

// hungUp takes a Hangup, of the channel or of its other half if it is a Local one (manager.c, action_originate, gives that
// the ChannelId with ;2 behind it).
func (i *Invitation) hungUp(event ami.Message) bool {
	uniqueid, cause := event.Get("Uniqueid"), event.Get("Cause")
	if uniqueid != i.Uniqueid && uniqueid != i.Uniqueid+";2" {
		return false
	}
	if i.State == InviteAnswered && uniqueid == i.Uniqueid {
		i.State, i.Reason = InviteFailed, "hung up before joining"
		return true
	}
	if cause != "0" && i.cause == "" {
		i.cause, i.Reason = cause, event.Get("Cause-txt")
	}
	return false
}

// ofCause is what a hangup cause tells of a call that was not answered (Q.850; causes.h).
func ofCause(cause string) InviteState {
	switch cause {
	case "17":
		return InviteBusy
	case "18", "19", "21":
		return InviteNoAnswer
	case "34", "38", "42", "44":
		return InviteCongestion
	}
	return InviteFailed
}
