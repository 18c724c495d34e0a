package conference_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// confer makes a conference of 101 and 102, which is called 101.
func (s stage) confer(t *testing.T) (caller, called string) {
	t.Helper()
	caller, called = s.call(t, "101", "102")
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes")
	return caller, called
}

func TestWhoeverIsCalledIntoAConferenceIsSaidToHaveJoinedWhenHeHas(t *testing.T) {
	s := start(t, plugintest.Options{})
	s.confer(t)
	m := s.mustSucceed(t, "ConferenceAdd", "Conference: 101", "Number: 1001", "StartMuted: yes", "Wait: yes")
	if m.Get("State") != "joined" || m.Get("Destination") != "Local/1001@default" {
		t.Errorf("the answer is %v", m)
	}
	inside := s.inside("101")
	if len(inside) != 3 || !slices.ContainsFunc(inside, func(who ami.Message) bool {
		return proxytest.HasLines(who, "Uniqueid: "+m.Get("Uniqueid"), "Muted: Yes")
	}) {
		t.Errorf("in the conference are %v", inside)
	}
	if m := s.mustSucceed(t, "ConferenceAdd", "Conference: 101", "Destination: Local/3001@default", "Wait: yes"); m.Get("State") != "busy" {
		t.Errorf("who is busy is %v", m)
	}
	if m := s.mustSucceed(t, "ConferenceAdd", "Conference: 101", "Number: 2001", "Timeout: 1000", "Wait: yes"); m.Get("State") != "noanswer" {
		t.Errorf("who does not answer is %v", m)
	}
}

func TestWhoRingsWhenTheConferenceEndsIsHungUp(t *testing.T) {
	s := start(t, plugintest.Options{})
	s.confer(t)
	s.mustSucceed(t, "ConferenceAdd", "Conference: 101", "Number: 2001", "ActionID: add")
	s.Event("ConferenceParty", "State: ringing")
	if list := s.List("while", "ConferenceList"); !proxytest.HasLines(list[1], "Parties: 2", "Called: 1") {
		t.Errorf("while he rings the list is %v", list)
	}
	if inside := s.inside("101"); len(inside) != 3 || !proxytest.HasLines(inside[2], "State: ringing", "Number: 2001") {
		t.Errorf("while he rings there are %v", inside)
	}
	// It is somebody else who ends it.
	s.human(t).Ask("ConfbridgeKick", "Conference: 101", "Channel: all")
	if m := s.Event("JobComplete", "JobAction: ConferenceAdd"); m.Get("State") != "cancelled" {
		t.Errorf("the job has ended with %v", m)
	}
	if list := s.List("rooms", "ConferenceList"); len(list) != 2 {
		t.Errorf("there is a conference: %v", list)
	}
	for _, name := range s.channels() {
		if strings.Contains(name, "2001") {
			t.Errorf("there is %s still", name)
		}
	}
}

func TestWhoRingsWhenTheProxyStopsIsHungUp(t *testing.T) {
	s := start(t, plugintest.Options{})
	s.confer(t)
	s.mustSucceed(t, "ConferenceAdd", "Conference: 101", "Number: 2001")
	s.Event("ConferenceParty", "State: ringing")
	human := s.human(t)
	s.Stop()
	for _, m := range human.List("channels", "CoreShowChannels") {
		if strings.Contains(m.Get("Channel"), "2001") {
			t.Errorf("there is %s still", m.Get("Channel"))
		}
	}
}

//astproxy:attack
func TestWhatCannotBeCalledIsRefused(t *testing.T) {
	s := start(t, plugintest.Options{})
	s.confer(t)
	for _, number := range []string{"1,2", "1&2", "1/2", "${X}", "1@default", "1 2", strings.Repeat("1", 41), "1)"} {
		s.mustRefuse(t, "invalid_header", "ConferenceAdd", "Conference: 101", "Number: "+number)
	}
	for _, destination := range []string{"101", "PJSIP/1&PJSIP/2", "Local/1@default,x", "PJSIP/", "PJSIP/${X}", "/1"} {
		s.mustRefuse(t, "invalid_header", "ConferenceAdd", "Conference: 101", "Destination: "+destination)
	}
	s.mustRefuse(t, "invalid_header", "ConferenceAdd", "Conference: 101", "Number: 1", "Destination: PJSIP/1")
	s.mustRefuse(t, "invalid_header", "ConferenceAdd", "Conference: 101", "Number: 1001", "Timeout: soon")
	s.mustRefuse(t, "invalid_header", "ConferenceAdd", "Conference: 101", "Number: 1001", "CallerID: ${X}")
	s.mustRefuse(t, conference.CodeNothingToCall, "ConferenceAdd", "Conference: 101")
	s.mustRefuse(t, conference.CodeInside, "ConferenceAdd", "Conference: 101", "Number: 101")
	s.mustRefuse(t, conference.CodeNoConference, "ConferenceAdd", "Conference: 102", "Number: 1001")
	s.mustRefuse(t, "missing_header", "ConferenceAdd", "Number: 1001")
	for _, m := range s.Asterisk.Received() {
		if m.Action() == "Originate" && strings.HasPrefix(m.Get("ChannelId"), "conference-") {
			t.Errorf("Asterisk was asked for %v", m)
		}
	}
}
