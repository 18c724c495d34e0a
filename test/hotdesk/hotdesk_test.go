package hotdesk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/test/phones"
)

func TestSomebodyLogsInMovesIsCalledAndLogsOut(t *testing.T) {
	forEachVersion(t, false, logInMoveAndOut)
}

func TestTheSameWithTheDialplanInAEL(t *testing.T) {
	forEachVersion(t, true, logInMoveAndOut)
}

func logInMoveAndOut(t *testing.T, s *stage) {
	phones.Start(t, s.asterisk, phones.Answers(50*time.Millisecond), "101", "102", "trunk")
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "%23741", Digits: []string{"0123#"}})
	s.Event("HotdeskLoggedIn", "User: 741", "Device: PJSIP/101")
	s.wantList("AstDB", s.database(), "user/741=PJSIP/101", "device/101=741", `callerid/741="Ann" <741>`)
	s.wantList("queues", s.members(), "support Local/741@users/n Custom:HOTDESK741")
	s.await("a lamp that is off", func() bool { return s.lamp() == "NOT_INUSE" })

	s.called("PJSIP/101")
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%23741", Digits: []string{"0123#"}})
	s.Event("HotdeskLoggedOut", "User: 741", "Device: PJSIP/101", "Reason: moved")
	s.wantList("AstDB", s.database(), "user/741=PJSIP/102", "device/102=741", `callerid/741="Ann" <741>`)
	s.wantList("queues", s.members(), "support Local/741@users/n Custom:HOTDESK741")
	s.called("PJSIP/102")

	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%230"})
	s.Event("HotdeskLoggedOut", "User: 741", "Device: PJSIP/102", "Reason: user")
	s.wantList("AstDB", s.database())
	s.wantList("queues", s.members())
	s.await("a lamp that says that nobody is there", func() bool { return s.lamp() == "UNAVAILABLE" })
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%230"}) // once more is no error
}

// called calls the user 741, directly and by his queue, and wants a phone to ring and his lamp to show it.
func (s *stage) called(phone string) {
	s.tb.Helper()
	for id, exten := range map[string]string{"direct": "741@users", "queue": "4001@default"} {
		began := time.Now()
		s.Send("Originate", "Async: true", "ActionID: "+id, "Channel: Local/"+exten, "ChannelId: call-"+id+phone, "Timeout: 20000",
			"Application: Wait", "Data: 60")
		s.Next(func(m ami.Message) bool {
			return m.Event() == "DialEnd" && m.Get("DialStatus") == "ANSWER" && strings.HasPrefix(m.Get("DestChannel"), phone+"-")
		})
		s.tb.Logf("%s, called (%s), has rung and was answered within %v", phone, id, time.Since(began))
		s.await("a lamp that is on", func() bool { return s.lamp() == "INUSE" })
		s.await("a hint that is on", func() bool {
			return s.Ask("ExtensionState", "Exten: 741", "Context: users").Get("StatusText") == "InUse"
		})
		s.Ask("Hangup", "Channel: call-"+id+phone)
		s.await("a lamp that is off", func() bool { return s.lamp() == "NOT_INUSE" })
	}
}

func TestCallsOutHelpAndStrangers(t *testing.T) { forEachVersion(t, false, callsOut) }

func TestCallsOutHelpAndStrangersWithTheDialplanInAEL(t *testing.T) {
	forEachVersion(t, true, callsOut)
}

func callsOut(t *testing.T, s *stage) {
	phones.Start(t, s.asterisk, phones.Answers(50*time.Millisecond), "101", "102", "trunk")
	// Who is nobody reaches help, and nothing else.
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "112", Talk: 200 * time.Millisecond})
	s.dialled("PJSIP/trunk-", "101")
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "0555123", Digits: []string{"1"}}) // hears that there is no service

	// Who calls out shows his own number, not the phone's.
	s.want([]string{"HotdeskLogin", "User: 741", "Device: 101"}, "Response: Success")
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "0555123", Talk: 200 * time.Millisecond})
	s.dialled("PJSIP/trunk-", "741")
	s.want([]string{"HotdeskLogin", "User: 742", "Device: 102"}, "Response: Success")
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "742", Talk: 200 * time.Millisecond})
	s.dialled("PJSIP/102-", "741")

	// Strangers are dropped.
	phones.Dial(t, s.asterisk, phones.Call{To: "741", Status: 403})
	phones.Dial(t, s.asterisk, phones.Call{To: "0555123", Status: 403})

	// Without astproxy a login is told that it cannot be, calls go on, and so does help.
	s.stop()
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%23741", Digits: []string{"0123#"}})
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "112", Talk: 200 * time.Millisecond})
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "742", Talk: 200 * time.Millisecond})
	s.serve()
	s.want([]string{"HotdeskStatus", "User: 741"}, "LoggedIn: yes", "Device: PJSIP/101")
}

// dialled expects a call of a phone to one whose channel begins so to have been made, that shows a number.
func (s *stage) dialled(channel, number string) {
	s.tb.Helper()
	m := s.Next(func(m ami.Message) bool {
		return m.Event() == "DialBegin" && strings.HasPrefix(m.Get("DestChannel"), channel)
	})
	if m.Get("CallerIDNum") != number {
		s.tb.Errorf("who is called sees %q, not %s", m.Get("CallerIDNum"), number)
	}
}

// want asks for an action, whose answer has to have these lines.
func (s *stage) want(ask []string, lines ...string) {
	s.tb.Helper()
	if m := s.Ask(ask[0], ask[1:]...); !proxytest.HasLines(m, lines...) {
		s.tb.Errorf("%v is answered with\n%sand not with %q", ask, m, lines)
	}
}

func TestWrongPINsHangUpsAndRefusals(t *testing.T) { forEachVersion(t, false, wrongPINs) }

func wrongPINs(t *testing.T, s *stage) {
	phones.Start(t, s.asterisk, phones.Answers(50*time.Millisecond), "101", "102")
	phones.Dial(t, s.asterisk, phones.Call{From: "101", To: "%23741", Digits: []string{"9999#", "8888#", "0123#"}}) // the third is right
	s.Event("HotdeskLoginFailed", "User: 741", "Code: login_refused")
	s.Event("HotdeskLoginFailed", "User: 741", "Code: login_refused")
	s.Event("HotdeskLoggedIn", "User: 741", "Device: PJSIP/101")
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%23%23", Digits: []string{"742#", "2468#"}}) // asked for the extension
	s.Event("HotdeskLoggedIn", "User: 742", "Device: PJSIP/102")
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%230"})
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%23741", Talk: 2 * time.Second}) // hangs up at the prompt
	s.want([]string{"HotdeskStatus", "Device: 102"}, "LoggedIn: no")
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%23799", Digits: []string{"1#", "2#", "3#"}})
	s.want([]string{"HotdeskStatus", "Device: 102"}, "LoggedIn: no")

	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%23742", Digits: []string{strings.Repeat("5", 70)}}) // a flood of digits
	s.want([]string{"HotdeskStatus", "Device: 102"}, "LoggedIn: no")
	s.want([]string{"HotdeskUnlock", "User: 742", "Device: 102"}, "Message: Unlocked")

	s.want([]string{"HotdeskLogin", "User: 742", "Device: 999"}, "Code: unknown_device")
	s.want([]string{"HotdeskLogin", "User: 742", "Device: 102", "Queues: support,nowhere"}, "Code: unknown_queue")
	s.wantList("AstDB", s.database(), "user/741=PJSIP/101", "device/101=741", `callerid/741="Ann" <741>`)
	s.wantList("queues", s.members(), "support Local/741@users/n Custom:HOTDESK741")
}

func TestAnAsteriskThatForgetsIsToldAgain(t *testing.T) { forEachVersion(t, false, forgets) }

func forgets(t *testing.T, s *stage) {
	s.want([]string{"HotdeskLogin", "User: 741", "Device: 101"}, "Response: Success")
	s.want([]string{"HotdeskLogin", "User: 742", "Device: 102"}, "Response: Success")
	database, members := s.database(), s.members()
	same := func() bool { return slices.Equal(s.database(), database) && slices.Equal(s.members(), members) }
	s.asterisk.CLI("database deltree HOTDESK")
	s.asterisk.CLI("queue remove member Local/741@users/n from support")
	s.await("the check", same)
	s.asterisk.CLI("database deltree HOTDESK")
	s.asterisk.Kill()
	s.Event("ProxyServerStatus", "Status: Disconnected")
	s.want([]string{"HotdeskLogin", "User: 741", "Device: 103"}, "Code: server_down")
	s.want([]string{"HotdeskLogout", "User: 742"}, "Message: Logged out")
	s.asterisk.Restart()
	s.Event("ProxyServerStatus", "Status: Connected")
	database = slices.DeleteFunc(database, func(entry string) bool { return strings.Contains(entry, "742") })
	members = slices.DeleteFunc(members, func(member string) bool { return strings.Contains(member, "742") })
	s.await("the sync at reconnect", same)
}

func TestALoginTakesNoTimeThatAnybodyNotices(t *testing.T) {
	forEachVersion(t, false, func(t *testing.T, s *stage) {
		var took []time.Duration
		for i := range 40 {
			begin := time.Now()
			s.want([]string{"HotdeskLogin", "User: 741", "Pin: 0123", "Device: 10" + string(rune('1'+i%9))}, "Response: Success")
			took = append(took, time.Since(begin))
		}
		slices.Sort(took)
		t.Logf("median %v, longest %v", took[20], took[39])
	})
}

func TestAPhoneThatIsGoneLogsItsUserOut(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			s := startWith(t, version, false, func(toml string) string {
				return strings.Replace(toml, "[plugin.hotdesk]\n", "[plugin.hotdesk]\nunregistered = '1s'\n", 1)
			})
			phones.Start(t, s.asterisk, phones.Answers(50*time.Millisecond), "101", "102")
			s.want([]string{"HotdeskLogin", "User: 741", "Device: 101"}, "Response: Success")
			s.want([]string{"HotdeskLogin", "User: 742", "Device: 102"}, "Response: Success")
			phones.Leave(t, s.asterisk, "101")
			s.Event("HotdeskLoggedOut", "User: 741", "Reason: unregistered")
			s.want([]string{"HotdeskStatus", "User: 742"}, "LoggedIn: yes")
			s.await("a lamp that says that nobody is there", func() bool { return s.lamp() == "UNAVAILABLE" })
		})
	}
}

func TestALoginThatExpiresDuringACallEndsBehindTheCall(t *testing.T) {
	forEachVersion(t, false, func(t *testing.T, s *stage) {
		phones.Start(t, s.asterisk, phones.Answers(50*time.Millisecond), "101", "102", "trunk")
		s.want([]string{"HotdeskLogin", "User: 741", "Device: 101"}, "Response: Success")
		s.Ask("Originate", "Async: true", "Channel: Local/741@users", "ChannelId: call", "Timeout: 20000", "Application: Wait", "Data: 600")
		s.Event("DialEnd", "DialStatus: ANSWER")
		s.await("a lamp that is on", func() bool { return s.lamp() == "INUSE" })
		s.want([]string{"HotdeskLogin", "User: 741", "Device: 101", "Expires: 1"}, "Response: Success")
		over := time.Now().Add(2 * time.Second)
		s.await("the login's end", func() bool { return time.Now().After(over) })
		s.want([]string{"HotdeskStatus", "User: 741"}, "LoggedIn: yes")
		s.Send("Hangup", "ActionID: end", "Channel: call")
		hungUp := false
		s.Next(func(m ami.Message) bool {
			hungUp = hungUp || m.Event() == "Hangup" && strings.HasPrefix(m.Get("Channel"), "PJSIP/101-")
			return m.Event() == "HotdeskLoggedOut"
		})
		if !hungUp {
			t.Error("he was logged out before his call had ended")
		}
		s.wantList("AstDB", s.database())
	})
}
