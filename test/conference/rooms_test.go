package conference_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestStarOneAndANumberEntersThatConferenceAndItsPINIsAskedFor(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		s.dial(t, "4711", "quiet", "*15234")
		s.joined("5234", "4711")
		s.dial(t, "4712", "quiet", "*15234")
		s.joined("5234", "4712")

		s.dial(t, "4721", "quiet", "*15235*99")
		s.joined("5235", "4721")
		// He knows the PIN, and is not asked.
		s.dial(t, "4722", "quiet", "*15235*99")
		s.joined("5235", "4722")
		// He enters it when he is asked; another has a wrong one, and a third none.
		s.dial(t, "4723", "press-ww99#", "*15235")
		s.joined("5235", "4723")
		s.dial(t, "4724", "quiet", "*15235*98")
		refused := s.Event("VarSet", "Variable: ASTPROXY_CODE", "Uniqueid: phone-4724")
		if refused.Get("Value") != "wrong_pin" {
			t.Errorf("a wrong PIN is answered %v", refused)
		}
		if inside := s.inside("5235"); len(inside) != 3 {
			t.Errorf("in the conference with the PIN are %v", inside)
		}
	})
}

func TestConferencesAreListedShownMutedLockedRecordedAndEnded(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		if list := s.List("none", "ConferenceList"); len(list) != 2 {
			t.Errorf("without conferences the list is %v", list)
		}
		for _, number := range []string{"4711", "4712", "4713"} {
			s.dial(t, number, "quiet", "*15234")
			s.joined("5234", number)
		}
		list := s.List("all", "ConferenceList")
		if len(list) != 3 || !proxytest.HasLines(list[1], "Event: ConferenceListItem", "Conference: 5234", "Parties: 3", "Locked: No") {
			t.Errorf("the list is %v", list)
		}
		s.mustSucceed(t, "ConferenceMute", "Conference: 5234", "Channel: phone-4712")
		if who := s.inside("5234"); !proxytest.HasLines(who[1], "Number: 4712", "Muted: Yes") || who[0].Get("Muted") != "No" {
			t.Errorf("with one muted there are %v", who)
		}
		s.mustSucceed(t, "ConferenceUnmute", "Conference: 5234", "Channel: 4712")
		s.mustSucceed(t, "ConferenceLock", "Conference: 5234")
		if m := s.List("locked", "ConferenceList"); !proxytest.HasLines(m[1], "Locked: Yes") {
			t.Errorf("when it is locked the list is %v", m)
		}
		outside := s.call(t, "4799")
		if m := s.Ask("ConferenceCreate", "Channel: "+outside, "Conference: 5234"); m.Get("Code") != "conference_locked" {
			t.Errorf("who wants to enter a locked conference is answered %v", m)
		}
		s.mustSucceed(t, "ConferenceUnlock", "Conference: 5234")
		s.mustSucceed(t, "ConferenceRecord", "Conference: 5234")
		s.Event("ConfbridgeRecord")
		if m := s.List("recorded", "ConferenceList"); !proxytest.HasLines(m[1], "Recording: Yes") {
			t.Errorf("when it is recorded the list is %v", m)
		}
		s.mustSucceed(t, "ConferenceRecord", "Conference: 5234", "Record: no")
		s.mustSucceed(t, "ConferenceKick", "Conference: 5234", "Channel: 4713")
		s.Next(func(m ami.Message) bool { return m.Event() == "ConfbridgeLeave" && m.Get("CallerIDNum") == "4713" })
		if who := s.inside("5234"); len(who) != 2 {
			t.Errorf("without the one who was removed there are %v", who)
		}
		s.mustSucceed(t, "ConferenceEnd", "Conference: 5234")
		if list := s.List("ended", "ConferenceList"); len(list) != 2 {
			t.Errorf("when it has ended the list is %v", list)
		}
		for _, action := range []string{"ConferenceShow", "ConferenceLock", "ConferenceEnd"} {
			if m := s.Ask(action, "Conference: 5234"); m.Get("Code") != "no_such_conference" {
				t.Errorf("%s of none is answered %v", action, m)
			}
		}
	})
}

func TestAConferenceThatAHumanFillsIsSeen(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		s.asterisk.CLI("channel originate Local/quiet@people/n extension dials-5400@people")
		s.joined("5400", "")
		s.asterisk.CLI("confbridge lock 5400")
		list := s.List("seen", "ConferenceList")
		if !proxytest.HasLines(list[1], "Conference: 5400", "Parties: 1", "Locked: Yes") {
			t.Errorf("the list is %v", list)
		}
		s.asterisk.CLI("confbridge kick 5400 all")
		s.Event("ConfbridgeEnd")
		if m := s.Ask("ConferenceShow", "Conference: 5400"); m.Get("Code") != "no_such_conference" {
			t.Errorf("after its end it is shown: %v", m)
		}
	})
}

func TestAReloadOfTheDialplanTakesNothingAway(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		for i, number := range []string{"4711", "4712"} {
			if i > 0 {
				s.asterisk.CLI("dialplan reload")
			}
			caller := s.call(t, number)
			if m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes"); !proxytest.HasLines(m, "Result: complete", "Conference: "+number) {
				t.Errorf("after %d reloads the answer is %v", i, m)
			}
		}
		if shown := s.asterisk.CLI("dialplan show astproxy-conference"); strings.Count(shown, "ConfBridge(") != 1 {
			t.Errorf("the context is %s", shown)
		}
	})
}

func TestWhenAsteriskIsKilledItsConferencesAndWhoIsCalledAreGone(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		s.dial(t, "4711", "quiet", "*15234")
		s.joined("5234", "4711")
		s.mustSucceed(t, "ConferenceAdd", "Conference: 5234", "Number: 2001", "Timeout: 60000")
		s.Event("ConferenceParty", "State: ringing")
		s.asterisk.Kill()
		s.Event("ProxyServerStatus", "Status: Disconnected")
		if m := s.Ask("ConferenceList"); m.Get("Code") != "server_down" {
			t.Errorf("while the server is down the answer is %v", m)
		}
		s.asterisk.Restart()
		if m := s.Event("JobComplete", "JobAction: ConferenceAdd"); m.Get("State") != "cancelled" {
			t.Errorf("the job has ended with %v", m)
		}
		s.Up(t, "pbx")
		if list := s.List("after", "ConferenceList"); len(list) != 2 {
			t.Errorf("after the restart the list is %v", list)
		}
		// And all goes on.
		caller := s.call(t, "4712")
		if m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes"); m.Get("Result") != "complete" {
			t.Errorf("after the restart the answer is %v", m)
		}
	})
}
