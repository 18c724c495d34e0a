package conference_test

import (
	"strconv"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

func TestParticipantsAreFoundByNameUniqueidAndNumber(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, called := s.confer(t)
	for _, who := range []string{caller, "call-101", "101"} {
		if m := s.mustSucceed(t, "ConferenceMute", "Conference: 101", "Channel: "+who); m.Get("Channel") != caller {
			t.Errorf("%s is %v", who, m)
		}
		if m := s.Event("ConfbridgeMute"); m.Get("Channel") != caller {
			t.Errorf("muted is %v", m)
		}
		s.mustSucceed(t, "ConferenceUnmute", "Conference: 101", "Channel: "+who)
	}
	s.mustRefuse(t, conference.CodeNotInside, "ConferenceMute", "Conference: 101", "Channel: PJSIP/10")
	s.mustRefuse(t, conference.CodeNotInside, "ConferenceKick", "Conference: 101", "Channel: 555")
	s.mustRefuse(t, "missing_header", "ConferenceMute", "Conference: 101")
	s.mustRefuse(t, conference.CodeNoConference, "ConferenceMute", "Conference: 10", "Channel: all")
	// A number that is there twice is nobody's.
	for range 2 {
		s.mustSucceed(t, "Originate", "Channel: Local/1001@default/n", "Application: ConfBridge", "Data: 101", "CallerID: 101", "Async: yes")
		s.Event("ConfbridgeJoin", "CallerIDNum: 101", "Exten: 1001")
	}
	s.mustRefuse(t, conference.CodeAmbiguous, "ConferenceKick", "Conference: 101", "Channel: 1001")
	s.mustSucceed(t, "ConferenceKick", "Conference: 101", "Channel: "+called)
	s.Event("ConfbridgeLeave", "Channel: "+called)
}

func TestAConferenceOfAnOddNameIsListedShownAndEnded(t *testing.T) {
	s := start(t, plugintest.Options{})
	const name = "Sales & Co: \"Mon\" ${X} 100%"
	s.mustSucceed(t, "Originate", "Channel: Local/1001@default/n", "Application: ConfBridge", "Data: "+name, "Async: yes")
	s.Event("ConfbridgeJoin")
	if inside := s.inside(name); len(inside) != 1 || inside[0].Get("Conference") != name {
		t.Errorf("in it are %v", inside)
	}
	s.mustRefuse(t, "invalid_header", "ConferenceAdd", "Conference: "+name, "Number: 1002")
	s.mustSucceed(t, "ConferenceEnd", "Conference: "+name)
	s.mustRefuse(t, conference.CodeNoConference, "ConferenceShow", "Conference: "+name)
}

func TestTheDialplanActsUponItsOwnCallAndConferenceOnly(t *testing.T) {
	s := start(t, plugintest.Options{Triggers: []string{"ConferenceLock", "ConferenceKick", "ConferenceCreate", "ConferenceJoin", "ConferenceAdd"}})
	_, called := s.confer(t)
	for i, it := range []struct{ asks, code string }{
		{"Do: ConferenceLock,Conference: 101", conference.CodeNotInside},
		{"Do: ConferenceKick,Conference: 101,Channel: all", conference.CodeNotInside},
		{"Do: ConferenceCreate,Channel: " + called, "permission_denied"},
		{"Do: ConferenceJoin,Channel: " + called + ",Conference: 9", "permission_denied"},
		{"Do: ConferenceCreate", conference.CodeNoPeer},
		{"Do: ConferenceAdd,Number: 1001", conference.CodeNotInside},
		{"Do: ConferenceJoin,Conference: a b", "invalid_header"},
		{"Do: ConferenceLock,Conference: 101", "permission_denied"}, // from inside another
	} {
		exten := "asks" + strconv.Itoa(i)
		if i == 7 {
			s.Asterisk.Broadcast(ami.NewEvent("ConfbridgeJoin").Add("Privilege", "call,all").Add("Conference", "9").
				Add("Channel", "PJSIP/105-1").Add("Uniqueid", exten).Message())
		}
		for priority, step := range []string{"Answer", "UserEvent", "Wait"} {
			data := map[string]string{"UserEvent": "Astproxy," + it.asks, "Wait": "3600"}[step]
			s.mustSucceed(t, "DialplanExtensionAdd", "Context: asking", "Extension: "+exten, "Priority: "+strconv.Itoa(priority+1), "Application: "+step, "ApplicationData: "+data)
		}
		s.mustSucceed(t, "Originate", "Channel: PJSIP/105", "Context: asking", "Exten: "+exten, "Priority: 1", "ChannelId: "+exten, "Async: yes")
		if m := s.Event("VarSet", "Variable: ASTPROXY_CODE", "Uniqueid: "+exten); m.Get("Value") != it.code {
			t.Errorf("%s is answered %s, want %s", it.asks, m.Get("Value"), it.code)
		}
	}
	if inside := s.inside("101"); len(inside) != 2 {
		t.Errorf("in the conference are %v", inside)
	}
}

func TestRoomsAreMadeAnewWhenTheServerIsBack(t *testing.T) {
	s := start(t, plugintest.Options{})
	_, called := s.confer(t)
	s.Asterisk.Disconnect()
	human := s.human(t)
	human.Ask("ConfbridgeKick", "Conference: 101", "Channel: "+called)
	human.Send("Originate", "Channel: Local/1001@default/n", "Application: ConfBridge", "Data: 7000", "Async: yes")
	human.Event("ConfbridgeJoin", "Conference: 7000")
	s.Up(t, plugintest.Server)
	list := s.List("rooms", "ConferenceList")
	if len(list) != 4 || !proxytest.HasLines(list[1], "Conference: 101") || !proxytest.HasLines(list[2], "Conference: 7000", "Parties: 1") {
		t.Errorf("the list is %v", list)
	}
}

func TestTwoProxiesSeeTheSameConferences(t *testing.T) {
	s := start(t, plugintest.Options{})
	second := start(t, plugintest.Options{Proxy: proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx", s.Asterisk.Addr(), "astproxy", "secret")},
	}})
	second.Up(t, "pbx")
	s.confer(t)
	s.mustSucceed(t, "ConferenceAdd", "Conference: 101", "Number: 2001")
	s.Event("ConferenceParty", "State: ringing")
	if list := second.List("rooms", "ConferenceList"); len(list) != 3 || !proxytest.HasLines(list[1], "Conference: 101", "Parties: 2") {
		t.Errorf("the other proxy lists %v", list)
	}
	second.mustSucceed(t, "ConferenceEnd", "Conference: 101")
	if m := s.Event("JobComplete", "JobAction: ConferenceAdd"); m.Get("State") != "cancelled" {
		t.Errorf("whom the first one calls is %v", m)
	}
}
