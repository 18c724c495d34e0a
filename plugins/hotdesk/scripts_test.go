package hotdesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/agi/agitest"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/plugintest"
)

func TestThePhoneAsksForThePINThreeTimes(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	call := func(channel, request string, digits ...string) agitest.Heard {
		return agitest.Call(t, s.agi, channel, "hotdesk/"+request).Talk(digits...)
	}
	check := func(h agitest.Heard, status string, sounds ...string) {
		t.Helper()
		if h.Variables["HOTDESKSTATUS"] != status || fmt.Sprint(h.Sounds) != fmt.Sprint(sounds) {
			t.Errorf("it ends as %q, with %q", h.Variables["HOTDESKSTATUS"], h.Sounds)
		}
	}
	check(call("PJSIP/101-00000001", "login?user=741", "9999", "", "0123"), "LOGGEDIN", "agent-pass", "auth-incorrect", "auth-incorrect", "agent-loginok")
	wantList(t, "sessions", s.sessions(), "741 PJSIP/101")
	check(call("PJSIP/101-00000002", "login?user=741"), "LOGGEDIN", "agent-alreadyon")
	check(call("PJSIP/102-00000001", "login", "742", "2468"), "LOGGEDIN", "agent-user", "agent-pass", "agent-loginok")
	wrong := call("PJSIP/103-00000001", "login?user=741", "9999", "9999", "9999", "0123")
	check(wrong, "REFUSED", "agent-pass", "auth-incorrect", "auth-incorrect", "vm-goodbye")
	unknown := call("PJSIP/104-00000001", "login?user=799", "9999", "9999", "9999")
	check(unknown, "REFUSED", wrong.Sounds...)
	check(call("PJSIP/105-00000001", "login?user=743"), "REFUSED", "disabled")
	check(call("PJSIP/999-00000001", "login?user=741", "0123"), "FAILED", "agent-pass", "something-terribly-wrong")
	check(call("Local/741@default-00000001;2", "login?user=741", "0123"), "FAILED", "something-terribly-wrong")
	check(call("PJSIP/103-00000002", "login?user=741&mode=refuse", "0123"), "REFUSED", "agent-pass", "agent-alreadyon")
	check(call("PJSIP/101-00000003", "pause"), "PAUSED", "de-activated")
	check(call("PJSIP/101-00000003", "unpause"), "UNPAUSED", "activated")
	check(call("PJSIP/101-00000003", "logout"), "LOGGEDOUT", "agent-loggedoff")
	check(call("PJSIP/101-00000004", "logout"), "LOGGEDOUT", "agent-loggedoff")
	check(call("PJSIP/102-00000004", "toggle"), "LOGGEDOUT", "agent-loggedoff")
	check(call("PJSIP/102-00000005", "toggle?user=742", "2468"), "LOGGEDIN", "agent-pass", "agent-loginok")
	wantList(t, "sessions", s.sessions(), "742 PJSIP/102")
}

func TestWhoHangsUpAtThePINPromptIsNotLoggedIn(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	c := agitest.Call(t, s.agi, "PJSIP/101-00000001", "hotdesk/login?user=741")
	c.Expect("ANSWER", "200 result=0")
	c.Expect("GET DATA", "HANGUP\n200 result=0123")
	c.Closed()
	c = agitest.Call(t, s.agi, "PJSIP/101-00000001", "hotdesk/login?user=741")
	c.Expect("ANSWER", "200 result=0")
	c.Expect("GET DATA", "200 result="+strings.Repeat("0123", 1000)) // a flood that Asterisk would have cut
	c.Expect("GET DATA", "200 result=-1")
	c.Closed()
	wantList(t, "sessions", s.sessions())
}

func TestTheDialplanLogsInWhomItKnows(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{Triggers: []string{"HotdeskLogin", "HotdeskLogout", "HotdeskPause"}})
	said := func(channel string, lines ...string) {
		b := ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("Channel", channel).Add("Uniqueid", "1700000000.1").
			Add("Linkedid", "1700000000.1").Add("UserEvent", "Astproxy")
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			b.Add(name, value)
		}
		s.Asterisk.Broadcast(b.Message())
	}
	said("PJSIP/101-00000001", "Do: HotdeskLogin", "User: 741")
	s.admin.Event("HotdeskLoggedIn", "User: 741", "Device: PJSIP/101")
	said("PJSIP/101-00000002", "Do: HotdeskPause", "Paused: yes")
	s.await("a pause", func() bool { return strings.HasSuffix(s.members()[0], "paused") })
	said("PJSIP/101-00000003", "Do: HotdeskLogout")
	s.admin.Event("HotdeskLoggedOut", "User: 741", "Reason: user")
	said("PJSIP/102-00000001", "Do: HotdeskLogin", "User: 741", "Pin: 9998")
	s.admin.Event("HotdeskLoginFailed", "User: 741")
	wantList(t, "sessions", s.sessions())
}
