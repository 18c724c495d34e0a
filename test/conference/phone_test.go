package conference_test

import (
	"slices"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/test/phones"
)

// Its channel is a Local one, and its CallerIDNum that of who has called it.
func TestAPhoneThatWasCalledIsKnownByItsNumber(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		phones.Start(t, s.asterisk, phones.Answers(100*time.Millisecond).Speaking(), "101")
		s.dial(t, "4711", "quiet", "*15234")
		s.joined("5234", "4711")
		m := s.mustSucceed(t, "ConferenceAdd", "Conference: 5234", "Number: 101", "CallerID: 4711", "Wait: yes")
		if m.Get("State") != "joined" {
			t.Fatalf("the answer is %v", m)
		}
		if inside := s.inside("5234"); len(inside) != 2 || !slices.ContainsFunc(inside, func(m ami.Message) bool { return m.Get("Number") == "101" }) {
			t.Fatalf("in the conference are %v", inside)
		}
		if m := s.Ask("ConferenceAdd", "Conference: 5234", "Number: 101"); m.Get("Code") != conference.CodeInside {
			t.Errorf("who is in the conference is called again: %v", m)
		}
		s.mustSucceed(t, "ConferenceMute", "Conference: 5234", "Channel: 101")
		s.mustSucceed(t, "ConferenceKick", "Conference: 5234", "Channel: 101")
		s.Event("ConfbridgeLeave")
		if inside := s.inside("5234"); len(inside) != 1 {
			t.Errorf("without it there are %v", inside)
		}
	})
}

func TestTwoPhonesInACallAreTakenIntoAConference(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s stage) {
		phones.Start(t, s.asterisk, phones.Answers(100*time.Millisecond), "101", "102")
		s.mustSucceed(t, "Originate", "Channel: PJSIP/101", "Context: default", "Exten: 102", "Priority: 1", "CallerID: 101",
			"ChannelId: caller", "Async: true", "ActionID: call")
		s.Event("BridgeEnter", "Uniqueid: caller", "BridgeNumChannels: 2")
		m := s.mustSucceed(t, "ConferenceCreate", "Channel: caller", "Conference: 5500", "Wait: yes")
		if !proxytest.HasLines(m, "Result: complete", "Joined: 2") {
			t.Fatalf("the answer is %v", m)
		}
		s.mustSucceed(t, "ConferenceEnd", "Conference: 5500")
		s.expectNoChannels(t)
	})
}

func TestTheExtensionMayBeTheAdministratorsOwn(t *testing.T) {
	t.Parallel()
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			a := asterisk.Start(t, version)
			add(t, a, "extensions.conf", sample(t, "extensions.conf of your own"))
			s := startWith(t, a, func(c *conference.Config) { c.InstallContext = false })
			caller := s.call(t, "4711")
			m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Admin: yes", "StartMuted: yes", "Wait: yes")
			if !proxytest.HasLines(m, "Result: complete", "Joined: 2") {
				t.Errorf("the answer is %v", m)
			}
			for _, who := range s.inside("4711") {
				if is := who.Get("Uniqueid") == caller; is != (who.Get("Admin") == "Yes") || is == (who.Get("Muted") == "Yes") {
					t.Errorf("there is %v", who)
				}
			}
		})
	}
}
