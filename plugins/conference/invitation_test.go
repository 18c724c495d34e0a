package conference

import "testing"

func TestAnInvitationEndsAsItsEventsSay(t *testing.T) {
	const (
		answered = "OriginateResponse|ActionID: u|Response: Success|Reason: 4|Uniqueid: u"
		joined   = "ConfbridgeJoin|Conference: 1|BridgeUniqueid: b|Uniqueid: u"
	)
	failed := func(reason string) string {
		return "OriginateResponse|ActionID: u|Response: Failure|Reason: " + reason + "|Uniqueid: <unknown>"
	}
	for _, it := range []struct {
		name   string
		events []string
		state  InviteState
		ended  bool
	}{
		{"joined", []string{"Newstate|ChannelStateDesc: Ringing|Uniqueid: u", answered, joined}, InviteJoined, false},
		{"joined before the answer was told", []string{joined, answered}, InviteJoined, false},
		{"ringing", []string{"Newstate|ChannelStateDesc: Ringing|Uniqueid: u"}, InviteRinging, false},
		{"busy", []string{"Hangup|Uniqueid: u;2|Cause: 17|Cause-txt: User busy", "Hangup|Uniqueid: u|Cause: 0", failed("5")}, InviteBusy, false},
		{"no answer", []string{failed("3")}, InviteNoAnswer, false},
		{"congestion", []string{failed("8")}, InviteCongestion, false},
		{"busy by its cause", []string{"Hangup|Uniqueid: u|Cause: 17|Cause-txt: User busy", failed("0")}, InviteBusy, false},
		{"rejected", []string{"Hangup|Uniqueid: u|Cause: 21|Cause-txt: Call Rejected", failed("1")}, InviteNoAnswer, false},
		{"no such phone", []string{failed("0")}, InviteFailed, false},
		{"hung up at the door", []string{answered, "Hangup|Uniqueid: u|Cause: 16"}, InviteFailed, false},
		{"somebody else's", []string{"OriginateResponse|ActionID: x|Response: Failure|Reason: 5", "Hangup|Uniqueid: x|Cause: 17"}, InviteCalling, false},
		{"another room ends", []string{"ConfbridgeEnd|Conference: 2|BridgeUniqueid: c"}, InviteCalling, false},
		{"an earlier room of that name ends", []string{"ConfbridgeEnd|Conference: 1|BridgeUniqueid: a"}, InviteCalling, false},
		{"the room ends", []string{"ConfbridgeEnd|Conference: 1|BridgeUniqueid: b"}, InviteCalling, true},
		{"the room was made anew by himself", []string{answered, "ConfbridgeJoin|Conference: 1|BridgeUniqueid: z|Uniqueid: u"}, InviteAnswered, true},
	} {
		i := NewInvitation("1", "b", "102", "PJSIP/102", "u")
		for _, e := range it.events {
			i.Hear(event(e))
		}
		if i.State != it.state || i.Ended() != it.ended {
			t.Errorf("%s: it is %s, ended: %t", it.name, i.State, i.Ended())
		}
	}
}
