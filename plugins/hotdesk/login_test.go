package hotdesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestALoginTiesAUserToAPhoneAndALogoutUntiesHim(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	panel := s.Login(t, "panel")
	want(t, panel, login("741", "0123", "101"), "Response: Success", "User: 741", "UserName: Ann", "Device: PJSIP/101", "Queues: support")
	if e := panel.Event("HotdeskLoggedIn", "User: 741"); !proxytest.HasLines(e, "Privilege: agent,all", "Server: pbx1", "Device: PJSIP/101") {
		t.Errorf("the event is %s", e)
	}
	wantList(t, "AstDB", s.database(), "user/741=PJSIP/101", "device/101=741", `callerid/741="Ann" <741>`, "mailbox/741=741@default")
	wantList(t, "queues", s.members(), "support Local/741@default/n Custom:HOTDESK741 0")
	s.awaitLamp("741", "NOT_INUSE")
	wantList(t, "sessions", s.sessions(), "741 PJSIP/101")
	want(t, panel, []string{"HotdeskStatus", "User: 741"}, "LoggedIn: yes", "Device: PJSIP/101")
	want(t, panel, []string{"HotdeskStatus", "Device: 101"}, "LoggedIn: yes", "User: 741")
	want(t, panel, []string{"HotdeskStatus", "Device: 102"}, "LoggedIn: no")

	want(t, panel, login("741", "0123", "PJSIP/101"), "Response: Success") // once more is no harm
	wantList(t, "queues", s.members(), "support Local/741@default/n Custom:HOTDESK741 0")
	if n := s.synced(); n != "0" {
		t.Errorf("%s things differ", n)
	}

	want(t, panel, []string{"HotdeskLogout", "User: 741"}, "Response: Success", "Message: Logged out", "Device: PJSIP/101")
	panel.Event("HotdeskLoggedOut", "User: 741", "Reason: user")
	s.wantEmpty()
	want(t, panel, []string{"HotdeskLogout", "User: 741"}, "Response: Success", "Message: Not logged in")
	want(t, panel, []string{"HotdeskLogout", "Device: 101"}, "Response: Success", "Message: Not logged in")
}

func TestWhoMayNotLogInIsToldSoAndNothingMore(t *testing.T) {
	s := start(t, testConfig(func(c *Config) { c.PINFailures = 3 }), plugintest.Options{})
	panel := s.Login(t, "panel")
	wrong := want(t, panel, login("741", "9999", "101"), "Response: Error", "Code: login_refused")
	unknown := want(t, panel, login("799", "9999", "102"), "Response: Error", "Code: login_refused")
	if wrong.Get("Message") != unknown.Get("Message") {
		t.Errorf("who there is not is told by %q", unknown.Get("Message"))
	}
	panel.Event("HotdeskLoginFailed", "User: 799", "Device: PJSIP/102", "Code: login_refused")
	want(t, panel, login("743", "9999", "103"), "Code: login_refused")
	want(t, panel, login("743", "3333", "103"), "Code: user_disabled")
	want(t, panel, []string{"HotdeskLogin", "User: 741", "Device: 101"}, "Code: missing_header")
	want(t, panel, login("741", "0123", "999"), "Code: unknown_device")
	want(t, panel, login("741", "0123", "Local/101"), "Code: unknown_device")
	want(t, panel, login("741", "0123", "101&PJSIP/102"), "Code: unknown_device")
	want(t, panel, []string{"HotdeskLogin", "User: 741", "Pin: 0123"}, "Code: missing_header")
	want(t, panel, login("741", "0123", "101", "Mode: often"), "Code: invalid_header")
	want(t, panel, login("741", "0123", "101", "Queues: a,b|c"), "Code: invalid_header")
	want(t, panel, login("741", "0123", "101", "Expires: soon"), "Code: invalid_header")

	// The user is locked, wherever he tries; the phone is, whoever does; nobody else is.
	for _, phone := range []string{"104", "105", "106"} {
		want(t, panel, login("742", "9999", phone), "Code: login_refused")
	}
	want(t, panel, login("742", "2468", "107"), "Code: locked_out")
	for _, user := range []string{"750", "751", "752"} {
		want(t, panel, login(user, "9999", "108"), "Code: login_refused")
	}
	want(t, panel, login("741", "0123", "108"), "Code: locked_out")
	want(t, panel, login("741", "0123", "109"), "Response: Success")
	want(t, s.admin, []string{"HotdeskUnlock", "User: 742"}, "Message: Unlocked")
	want(t, s.admin, []string{"HotdeskUnlock", "User: 742"}, "Message: Nothing was locked")
	want(t, s.admin, []string{"HotdeskUnlock", "Device: 108"}, "Message: Unlocked")
	want(t, panel, login("742", "2468", "108"), "Response: Success")
	want(t, panel, []string{"HotdeskUnlock", "User: 742"}, "Message: Permission denied")
	if log := s.log.String(); !strings.Contains(log, "there is no such user") || !strings.Contains(log, "wrong PIN") {
		t.Errorf("the log does not tell why")
	}
}

// TestManyGuessesAtOnceAreNoMoreThanOneAfterTheOther is about who sends them all before the first is judged.

func TestManyGuessesAtOnceAreNoMoreThanOneAfterTheOther(t *testing.T) {
	s := start(t, testConfig(func(c *Config) { c.PINFailures = 3 }), plugintest.Options{})
	panel := s.Login(t, "panel")
	for i := range 50 {
		panel.Send("HotdeskLogin", "User: 742", fmt.Sprintf("Pin: %04d", i), "Device: 101", fmt.Sprintf("ActionID: guess-%d", i))
	}
	refused := 0
	for range 50 {
		if m := panel.Response(); m.Get("Code") == "login_refused" {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d guesses were judged, not 3", refused)
	}
}

func TestAnAdministratorNeedsNoPIN(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	want(t, s.admin, []string{"HotdeskLogin", "User: 742", "Device: 101", "Queues: sales", "Expires: 3600"}, "Response: Success", "Queues: sales")
	want(t, s.admin, []string{"HotdeskLogin", "User: 799", "Device: 101"}, "Code: login_refused")
	want(t, s.admin, []string{"HotdeskLogin", "User: 743", "Device: 101"}, "Code: user_disabled")
	want(t, s.admin, []string{"HotdeskLogout", "Device: 101"}, "Response: Success")
	s.admin.Event("HotdeskLoggedOut", "User: 742", "Reason: admin")
}

func TestALoginElsewhereMovesOrIsRefusedOrIsOneMore(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	want(t, s.admin, login("741", "0123", "102", "Mode: refuse"), "Code: logged_in_elsewhere")
	wantList(t, "sessions", s.sessions(), "741 PJSIP/101")

	want(t, s.admin, login("741", "0123", "102"), "Response: Success")
	s.admin.Event("HotdeskLoggedOut", "User: 741", "Device: PJSIP/101", "Reason: moved")
	wantList(t, "sessions", s.sessions(), "741 PJSIP/102")
	wantList(t, "AstDB", s.database(), "user/741=PJSIP/102", "device/102=741", `callerid/741="Ann" <741>`, "mailbox/741=741@default")
	wantList(t, "queues", s.members(), "support Local/741@default/n Custom:HOTDESK741 0")

	want(t, s.admin, login("741", "0123", "103", "Mode: multi"), "Response: Success")
	wantList(t, "sessions", s.sessions(), "741 PJSIP/102", "741 PJSIP/103")
	wantList(t, "AstDB", s.database(), "user/741=PJSIP/102&PJSIP/103", "device/102=741", "device/103=741", `callerid/741="Ann" <741>`, "mailbox/741=741@default")
	wantList(t, "queues", s.members(), "support Local/741@default/n Custom:HOTDESK741 0")

	want(t, s.admin, []string{"HotdeskLogout", "Device: 102"}, "Response: Success")
	wantList(t, "AstDB", s.database(), "user/741=PJSIP/103", "device/103=741", `callerid/741="Ann" <741>`, "mailbox/741=741@default")
	wantList(t, "queues", s.members(), "support Local/741@default/n Custom:HOTDESK741 0")

	want(t, s.admin, login("742", "2468", "103"), "Response: Success")
	s.admin.Event("HotdeskLoggedOut", "User: 741", "Device: PJSIP/103", "Reason: replaced")
	wantList(t, "sessions", s.sessions(), "742 PJSIP/103")
	wantList(t, "queues", s.members(), "sales Local/742@default/n Custom:HOTDESK742 2", "support Local/742@default/n Custom:HOTDESK742 0")
	s.awaitLamp("741", stateUnavailable)
	if n := s.synced(); n != "0" {
		t.Errorf("%s things differ", n)
	}
}

func TestAPhoneThatIsTakenStaysSoWhereThatIsConfigured(t *testing.T) {
	s := start(t, testConfig(func(c *Config) { c.Replace = false }), plugintest.Options{})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	want(t, s.admin, login("742", "2468", "101"), "Code: device_taken")
	wantList(t, "sessions", s.sessions(), "741 PJSIP/101")
}

// TestWhatFailsLeavesNothingBehind fails each step of a login in turn.

// TestTwoAtTheSameInstantHaveOneOutcome has many log in at few phones, all at once, again and again.

// TestAHundredLogInAndOutAtOnceWhileSomebodyReadsTheFile is with the file as it is in service.
