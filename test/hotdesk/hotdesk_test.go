package hotdesk

import (
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
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
	s.await("a lamp that is off", func() bool { return s.lamp("741") == "NOT_INUSE" })

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
	s.await("a lamp that says that nobody is there", func() bool { return s.lamp("741") == "UNAVAILABLE" })
	phones.Dial(t, s.asterisk, phones.Call{From: "102", To: "%230"}) // once more is no error
}

// called calls the user 741, directly and by his queue, and wants a phone to ring and his lamp to show it.
func (s *stage) called(phone string) {
	s.tb.Helper()
	for id, exten := range map[string]string{"direct": "741@users", "queue": "4001@default"} {
		s.Send("Originate", "Async: true", "ActionID: "+id, "Channel: Local/"+exten, "ChannelId: call-"+id+phone, "Timeout: 20000",
			"Application: Wait", "Data: 60")
		s.Next(func(m ami.Message) bool {
			return m.Event() == "DialEnd" && m.Get("DialStatus") == "ANSWER" && strings.HasPrefix(m.Get("DestChannel"), phone+"-")
		})
		s.await("a lamp that is on", func() bool { return s.lamp("741") == "INUSE" })
		s.Ask("Hangup", "Channel: call-"+id+phone)
		s.await("a lamp that is off", func() bool { return s.lamp("741") == "NOT_INUSE" })
	}
}
