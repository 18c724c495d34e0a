package conference_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestBothPartiesOfACallAreTakenIntoTheInitiatorsConference(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, called := s.call(t, "101", "102")
	m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Admin: yes", "Wait: yes")
	if !proxytest.HasLines(m, "Conference: 101", "Result: complete", "Joined: 2", "Parties: 2") {
		t.Errorf("the answer is %v", m)
	}
	for _, who := range s.inside("101") {
		if is := who.Get("Channel") == caller; is != (who.Get("Admin") == "Yes") || !is && who.Get("Channel") != called {
			t.Errorf("in the conference of %s and %s is %v", caller, called, who)
		}
	}
	// One Redirect takes both, so that nobody is left alone.
	var redirects, variables int
	for _, m := range s.Asterisk.Received() {
		switch m.Action() {
		case "Redirect":
			redirects++
		case "Setvar":
			variables++
		}
	}
	if redirects != 1 || variables != 4 {
		t.Errorf("it took %d Redirects and %d Setvars", redirects, variables)
	}
	s.mustRefuse(t, conference.CodeInside, "ConferenceCreate", "Channel: "+caller)
}

func TestAHalfDoneRedirectIsPartialAndNamesWhoIsLost(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, called := s.call(t, "101", "102")
	s.Asterisk.HalfRedirects(true)
	m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes")
	if !proxytest.HasLines(m, "Result: partial", "Joined: 1", "Parties: 2", "Lost: "+called, "LostState: lost") {
		t.Errorf("the answer is %v", m)
	}
	if m := s.Event("ConferenceParty", "Channel: "+called, "State: lost"); m.Get("Reason") == "" {
		t.Errorf("why is not told: %v", m)
	}
}

func TestWhoIsLostOnTheWayIsCalledBack(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, _ := s.call(t, "101", "102")
	s.Asterisk.HalfRedirects(true)
	m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Recall: yes", "Wait: yes")
	if !proxytest.HasLines(m, "Result: complete", "Joined: 2", "Parties: 2") {
		t.Errorf("the answer is %v", m)
	}
	if inside := s.inside("101"); len(inside) != 2 {
		t.Errorf("in the conference are %v", inside)
	}
}

func TestAPeerThatHangsUpBetweenTheStepsLeavesNobodyInAnEmptyRoom(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, called := s.call(t, "101", "102")
	release := s.Asterisk.HoldReplies("ShowDialPlan")
	s.Send("ConferenceCreate", "Channel: "+caller, "Wait: yes", "ActionID: create")
	if _, err := s.Asterisk.Await(t.Context(), func(m ami.Message) bool { return m.Action() == "ShowDialPlan" }); err != nil {
		t.Fatal(err)
	}
	if m := s.human(t).Ask("Hangup", "Channel: "+called); m.Response() != "Success" {
		t.Fatal(m)
	}
	release()
	m := s.Next(func(m ami.Message) bool { return m.IsResponse() && m.ActionID() == "create" })
	if m.Get("Code") != conference.CodeNobodyJoined || m.Get("Result") != "failed" {
		t.Errorf("the answer is %v", m)
	}
	if list := s.List("rooms", "ConferenceList"); len(list) != 2 {
		t.Errorf("there is a conference: %v", list)
	}
}

func TestWhoJoinsWhileTheServerIsLostIsFoundWhenItIsBack(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, _ := s.call(t, "101", "102")
	// The Redirect is done, and its answer and the events behind it never come.
	release := s.Asterisk.HoldReplies("Redirect")
	s.Send("ConferenceCreate", "Channel: "+caller, "Wait: yes", "ActionID: create")
	redirect, err := s.Asterisk.Await(t.Context(), func(m ami.Message) bool { return m.Action() == "Redirect" })
	if err != nil {
		t.Fatal(err)
	}
	s.Asterisk.Disconnect()
	release()
	human := s.human(t)
	headers := []string{}
	for name, value := range redirect.All() {
		if name != "Action" && name != "ActionID" {
			headers = append(headers, name+": "+value)
		}
	}
	human.Ask("Redirect", headers...)
	m := s.Next(func(m ami.Message) bool { return m.IsResponse() && m.ActionID() == "create" })
	if !proxytest.HasLines(m, "Result: complete", "Joined: 2") {
		t.Errorf("the answer is %v", m)
	}
	if inside := s.inside("101"); len(inside) != 2 {
		t.Errorf("when the server is back the conference has %v", inside)
	}
}

func TestAConferenceThatIsThereIsJoinedOrRefusedAsAsked(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *conference.Config) { c.Pool = "8000-8001" })
	caller, _ := s.call(t, "101", "102")
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Conference: 8000", "Wait: yes")
	second, _ := s.call(t, "103", "104")
	s.mustRefuse(t, conference.CodeExists, "ConferenceCreate", "Channel: "+second, "Conference: 8000", "Existing: refuse")
	s.mustRefuse(t, "invalid_header", "ConferenceCreate", "Channel: "+second, "Existing: perhaps")
	s.mustSucceed(t, "ConferenceLock", "Conference: 8000")
	s.mustRefuse(t, conference.CodeLocked, "ConferenceCreate", "Channel: "+second, "Conference: 8000")
	s.mustSucceed(t, "ConferenceUnlock", "Conference: 8000")
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+second, "Conference: 8000", "Wait: yes")
	if inside := s.inside("8000"); len(inside) != 4 {
		t.Errorf("in the conference are %v", inside)
	}
}

func TestANumberOfThePoolIsTakenUntilThereIsNone(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *conference.Config) { c.Pool, c.Number = "8000-8001", "pool" })
	seen := map[string]bool{}
	for _, call := range [][2]string{{"101", "102"}, {"103", "104"}} {
		caller, _ := s.call(t, call[0], call[1])
		seen[s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes").Get("Conference")] = true
	}
	if !seen["8000"] || !seen["8001"] {
		t.Errorf("the conferences are %v", seen)
	}
	caller, _ := s.call(t, "105", "106")
	s.mustRefuse(t, conference.CodeNoNumber, "ConferenceCreate", "Channel: "+caller)
}

//astproxy:attack
func TestWhatCannotBeAConferenceIsRefusedAndNothingIsDone(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, _ := s.call(t, "101", "102")
	s.mustSucceed(t, "Originate", "Channel: PJSIP/103", "Context: default", "Exten: 1001", "Priority: 1", "ChannelId: lone", "Async: yes")
	s.Event("OriginateResponse", "Uniqueid: lone")
	before := len(s.Asterisk.Received())
	for _, name := range []string{"a,b", "a b", "${SHELL(id)}", "1)", strings.Repeat("1", 41), "ä", "a&b", "a/b"} {
		s.mustRefuse(t, "invalid_header", "ConferenceCreate", "Channel: "+caller, "Conference: "+name)
		s.mustRefuse(t, "invalid_header", "ConferenceJoin", "Channel: lone", "Conference: "+name)
	}
	s.mustRefuse(t, "invalid_header", "ConferenceJoin", "Channel: lone", "PIN: 12a")
	s.mustRefuse(t, "missing_header", "ConferenceCreate")
	s.mustRefuse(t, conference.CodeNoChannel, "ConferenceCreate", "Channel: PJSIP/999-1")
	s.mustRefuse(t, conference.CodeNoChannel, "ConferenceCreate", "Channel: "+caller, "Peer: nobody")
	s.mustRefuse(t, conference.CodeNoPeer, "ConferenceCreate", "Channel: lone")
	for _, m := range s.Asterisk.Received()[before:] {
		if m.Action() != "ConfbridgeListRooms" {
			t.Errorf("Asterisk was asked for %v", m)
		}
	}
}

//astproxy:attack
func TestAUserNeedsTheRightToDoByHimselfWhatIsDoneForHim(t *testing.T) {
	s := start(t, plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(),
		proxytest.User(proxytest.Named("caller"), proxytest.May([]string{"call"}, []string{"call"})),
		proxytest.User(proxytest.Named("crier"), proxytest.May([]string{"call"}, []string{"user"})),
		proxytest.User(proxytest.Named("clerk"), proxytest.May([]string{"call"}, []string{"call", "originate"}), func(c *access.UserConfig) {
			c.Rules = []access.RuleConfig{{Action: "Redirect", Headers: map[string][]string{"Channel": {"PJSIP/109*"}}}}
		}),
	}}})
	caller, _ := s.call(t, "101", "102")
	if m := s.Stage.Login(t, "crier").Ask("ConferenceCreate", "Channel: "+caller); m.Response() != "Error" {
		t.Errorf("without class call the answer is %v", m)
	}
	if m := s.Stage.Login(t, "clerk").Ask("ConferenceCreate", "Channel: "+caller); m.Get("Code") != "permission_denied" {
		t.Errorf("where a rule does not allow the Redirect the answer is %v", m)
	}
	for _, m := range s.Asterisk.Received() {
		if m.Action() == "Setvar" || m.Action() == "Redirect" {
			t.Errorf("what was refused was begun: %v", m)
		}
	}
	c := s.Stage.Login(t, "caller")
	if m := c.Ask("ConferenceCreate", "Channel: "+caller, "Wait: yes"); m.Get("Result") != "complete" {
		t.Errorf("with class call the answer is %v", m)
	}
	if m := c.Ask("ConferenceAdd", "Conference: 101", "Number: 1001"); m.Response() != "Error" {
		t.Errorf("without class originate the answer is %v", m)
	}
}
