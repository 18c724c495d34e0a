package hotdesk

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
)

func TestALampFollowsThePhone(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	s.awaitLamp("741", "NOT_INUSE")
	s.admin.Ask("Originate", "Channel: PJSIP/101", "Application: Wait", "Data: 60", "Async: true", "ChannelId: talk")
	s.awaitLamp("741", "INUSE")
	s.admin.Ask("Hangup", "Channel: talk")
	s.awaitLamp("741", "NOT_INUSE")
	s.Asterisk.Unregister("101")
	s.awaitLamp("741", stateUnavailable)
	s.Asterisk.Register("101")
	s.awaitLamp("741", "NOT_INUSE")
}

func TestNobodyIsLoggedOutDuringACallUnlessByForce(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	panel := s.Login(t, "panel")
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	s.admin.Ask("Originate", "Channel: PJSIP/101", "Application: Wait", "Data: 60", "Async: true", "ChannelId: talk")
	s.awaitLamp("741", "INUSE")
	want(t, panel, []string{"HotdeskLogout", "User: 741"}, "Response: Error", "Code: in_call")
	want(t, panel, []string{"HotdeskLogout", "User: 741", "Force: yes"}, "Code: permission_denied")
	want(t, s.admin, []string{"HotdeskLogout", "User: 741", "Force: yes"}, "Message: Logged out")
}

func TestLoginsEndByThemselvesButNotDuringACall(t *testing.T) {
	clock := plugintest.NewClock()
	s := start(t, testConfig(func(c *Config) { c.Expires, c.Unregistered = 8*time.Hour, time.Minute }), plugintest.Options{Host: host.Options{Clock: clock}})
	want(t, s.admin, login("741", "0123", "101", "Expires: 60"), "Response: Success", "Expires: 2026-01-02T03:05:05Z")
	want(t, s.admin, login("742", "2468", "102"), "Response: Success", "Expires: 2026-01-02T11:04:05Z")
	s.admin.Ask("Originate", "Channel: PJSIP/101", "Application: Wait", "Data: 60", "Async: true", "ChannelId: talk")
	s.awaitLamp("741", "INUSE")
	clock.Advance(2 * time.Minute)
	clock.Await(1)
	clock.Advance(time.Second) // the loop has been round once at least
	clock.Await(1)
	wantList(t, "sessions", s.sessions(), "741 PJSIP/101", "742 PJSIP/102")
	s.admin.Ask("Hangup", "Channel: talk")
	s.await("the end", func() bool { clock.Advance(time.Second); return len(s.sessions()) == 1 })
	s.admin.Event("HotdeskLoggedOut", "User: 741", "Reason: expired")

	s.Asterisk.Unregister("102")
	s.awaitLamp("742", stateUnavailable)
	s.await("the end", func() bool { clock.Advance(time.Second); return len(s.sessions()) == 0 })
	s.admin.Event("HotdeskLoggedOut", "User: 742", "Reason: unregistered")
	s.wantEmpty()
}

func TestLoginsEndAtATimeOfDay(t *testing.T) {
	now := time.Date(2026, 3, 4, 21, 30, 0, 0, time.Local)
	p := &plugin{config: &Config{LogoutAt: "22:00"}}
	if end := p.ends(now, 0); !end.Equal(now.Add(30 * time.Minute)) {
		t.Errorf("it ends %v", end)
	}
	if end := p.ends(now.Add(30*time.Minute), 0); !end.Equal(now.Add(24*time.Hour + 30*time.Minute)) {
		t.Errorf("at the time itself it ends %v", end)
	}
	if end := p.ends(now, time.Minute); !end.Equal(now.Add(time.Minute)) {
		t.Errorf("who asks for less has until %v", end)
	}
}

func TestPausesOutliveWhateverTakesTheMembershipAway(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	want(t, s.admin, login("742", "2468", "101"), "Response: Success")
	want(t, s.admin, []string{"HotdeskPause", "User: 742", "Paused: yes", "Reason: lunch"}, "Message: Paused")
	both := []string{"sales Local/742@default/n Custom:HOTDESK742 2 paused", "support Local/742@default/n Custom:HOTDESK742 0 paused"}
	wantList(t, "queues", s.members(), both...)
	s.admin.Ask("QueueRemove", "Queue: support", "Interface: Local/742@default/n")
	s.synced()
	wantList(t, "queues", s.members(), both...)
	want(t, s.admin, login("742", "2468", "102"), "Response: Success") // moves
	wantList(t, "queues", s.members(), both...)
	want(t, s.admin, []string{"HotdeskPause", "Device: 102", "Paused: no", "Queue: sales"}, "Message: Unpaused")
	wantList(t, "queues", s.members(), "sales Local/742@default/n Custom:HOTDESK742 2", both[1])
	want(t, s.admin, []string{"HotdeskPause", "User: 742", "Paused: yes", "Queue: nowhere"}, "Code: unknown_queue")
	want(t, s.admin, []string{"HotdeskPause", "User: 741", "Paused: yes"}, "Code: not_logged_in")
}
