package conference_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestWhoPressesStarOneInACallTakesBothIntoAConferenceWithHisNumber(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		s.dial(t, "4711", "press-*1", "1002")
		complete := s.Event("JobComplete", "JobAction: ConferenceCreate")
		if !proxytest.HasLines(complete, "Status: done", "Conference: 4711", "Result: complete", "Joined: 2") {
			t.Fatalf("the job has ended with %v", complete)
		}
		if inside := s.inside("4711"); len(inside) != 2 {
			t.Errorf("in the conference are %v", inside)
		}
	})
}

func TestTheOthersOfACallAreFoundHoweverManyThereAre(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		caller := s.call(t, "4711")
		// A third enters the bridge by itself.
		s.mustSucceed(t, "Originate", "Channel: Local/quiet@people/n", "Context: calls", "Exten: third", "Priority: 1",
			"Variable: OTHER="+s.name(t, caller), "CallerID: 4713", "Async: true", "ActionID: third")
		s.Next(func(m ami.Message) bool { return m.Event() == "BridgeEnter" && m.Get("BridgeNumChannels") == "3" })
		m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Conference: 5300", "Admin: yes", "StartMuted: yes", "Wait: yes")
		if !proxytest.HasLines(m, "Conference: 5300", "Result: complete", "Joined: 3", "Parties: 3") {
			t.Fatalf("the answer is %v", m)
		}
		for _, who := range s.inside("5300") {
			initiator := who.Get("Uniqueid") == caller
			if is := who.Get("Admin") == "Yes"; is != initiator {
				t.Errorf("an administrator is only who has asked: %v", who)
			}
			if is := who.Get("Muted") == "Yes"; is == initiator {
				t.Errorf("muted are only the others: %v", who)
			}
		}
	})
}

func TestWhoPressesStarOneInAConferenceCallsANumberAndHearsWhatBecameOfIt(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		invited := []struct{ room, number, status string }{
			{"6001", "1005", "joined"}, {"6002", "3001", "busy"}, {"6003", "2001", "noanswer"},
		}
		for _, i := range invited {
			// He joins, presses *1, the number and #.
			s.mustSucceed(t, "Originate", "Channel: Local/press-www*1wwww"+i.number+"#@people/n", "Context: calls", "Exten: *1"+i.room,
				"Priority: 1", "CallerID: 47"+i.room, "ChannelId: inviter-"+i.room, "Async: true", "ActionID: "+i.room)
		}
		for _, i := range invited {
			told := s.Next(func(m ami.Message) bool {
				return m.Event() == "VarSet" && m.Get("Variable") == "ASTPROXY_STATUS" && m.Get("Value") != "" && m.Get("Uniqueid") == "inviter-"+i.room
			})
			if told.Get("Value") != i.status {
				t.Errorf("of %s the inviter is told %v", i.number, told)
			}
			called := 0
			for _, who := range s.inside(i.room) {
				if strings.HasPrefix(who.Get("Uniqueid"), "conference-") {
					called++
				}
			}
			if (called == 1) != (i.status == "joined") {
				t.Errorf("%s, who is %s, is there %d times", i.number, i.status, called)
			}
		}
	})
}

// name is the name of a channel.
func (s stage) name(t *testing.T, uniqueid string) string {
	t.Helper()
	for _, m := range s.List("names", "CoreShowChannels") {
		if m.Get("Uniqueid") == uniqueid {
			return m.Get("Channel")
		}
	}
	t.Fatalf("there is no channel %s", uniqueid)
	return ""
}
