package hotdesk

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/store/storetest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
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
func TestWhatFailsLeavesNothingBehind(t *testing.T) {
	kept := new(storetest.Memory)
	s := start(t, testConfig(), plugintest.Options{Host: host.Options{Store: kept}})
	want(t, s.admin, login("741", "0123", "101", "Queues: support,nowhere"), "Code: unknown_queue", "Message: There is no queue nowhere")
	s.wantEmpty()
	kept.Fail(fmt.Errorf("on purpose: %w", store.ErrFull))
	want(t, s.admin, login("741", "0123", "101"), "Code: store_failed")
	s.wantEmpty()
	kept.Fail(nil)
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")

	// Neither does a move, or another user's login at the phone, which has to bring back what it took away.
	before := [][]string{s.database(), s.members(), s.sessions()}
	check := func() {
		t.Helper()
		for i, now := range [][]string{s.database(), s.members(), s.sessions()} {
			wantList(t, "as before", now, before[i]...)
		}
		s.awaitLamp("741", "NOT_INUSE")
		s.awaitLamp("742", stateUnavailable)
	}
	want(t, s.admin, login("741", "0123", "102", "Queues: nowhere"), "Code: unknown_queue")
	check()
	want(t, s.admin, login("742", "2468", "101", "Queues: sales,nowhere"), "Code: unknown_queue")
	check()
	kept.Fail(store.ErrFull)
	want(t, s.admin, login("742", "2468", "101"), "Code: store_failed")
	check()
	want(t, s.admin, []string{"HotdeskLogout", "User: 741"}, "Code: store_failed")
	check()
	want(t, s.admin, []string{"HotdeskPause", "User: 741", "Paused: yes"}, "Code: store_failed")
	check()
	kept.Fail(nil)
	want(t, s.admin, []string{"HotdeskLogout", "User: 741"}, "Message: Logged out")
	s.wantEmpty()
}

func TestAnAsteriskThatIsLostBetweenTwoStepsIsPutRightWhenItIsBack(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	release := s.Asterisk.HoldReplies("QueueAdd")
	s.admin.Send("HotdeskLogin", "User: 741", "Pin: 0123", "Device: 101", "ActionID: lost")
	ctx, cancel := context.WithTimeout(t.Context(), proxytest.Patience)
	defer cancel()
	if _, err := s.Asterisk.Await(ctx, isAction("QueueAdd")); err != nil {
		t.Fatal(err)
	}
	s.Asterisk.Disconnect()
	release()
	if m := s.admin.Response(); !proxytest.HasLines(m, "Response: Error", "Code: server_down") {
		t.Errorf("the answer is %s", m)
	}
	s.Up(t, plugintest.Server)
	s.await("an Asterisk that is clean again", func() bool { s.synced(); return len(s.database()) == 0 && len(s.members()) == 0 })
	s.wantEmpty()
}

func TestALogoutDoesNotWaitForAnAsteriskThatIsGone(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	s.Asterisk.RefuseLogins(true)
	s.Asterisk.Disconnect()
	s.admin.Event("ProxyServerStatus", "Status: Disconnected")
	want(t, s.admin, login("742", "2468", "102"), "Code: server_down")
	want(t, s.admin, []string{"HotdeskLogout", "User: 741"}, "Message: Logged out")
	wantList(t, "sessions", s.sessions())
	s.Asterisk.RefuseLogins(false)
	s.Up(t, plugintest.Server)
	s.await("an Asterisk that is clean again", func() bool { return len(s.database()) == 0 && len(s.members()) == 0 })
	s.wantEmpty()
}

// TestTwoAtTheSameInstantHaveOneOutcome has many log in at few phones, all at once, again and again.
func TestTwoAtTheSameInstantHaveOneOutcome(t *testing.T) {
	s := start(t, testConfig(func(c *Config) {
		for i := range 4 {
			c.Users = append(c.Users, UserConfig{Enabled: true, Extension: fmt.Sprint(760 + i), PIN: "1111", Queues: []string{"support"}})
		}
	}), plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(func(u *access.UserConfig) { u.MaxPluginActions = 100 }), agentUser(),
	}}})
	var clients sync.WaitGroup
	for n := range 6 {
		c := s.Login(t, "user")
		clients.Go(func() {
			for i := range 20 {
				user, phone := 760+(n+i)%4, 101+(n*i)%3
				switch i % 5 {
				case 4:
					c.Ask("HotdeskLogout", fmt.Sprintf("User: %d", user))
				case 3:
					c.Ask("HotdeskLogin", fmt.Sprintf("User: %d", user), fmt.Sprintf("Device: %d", phone), "Mode: multi")
				default:
					c.Ask("HotdeskLogin", fmt.Sprintf("User: %d", user), fmt.Sprintf("Device: %d", phone))
				}
			}
		})
	}
	clients.Wait()
	s.await("lamps", func() bool { return s.synced() == "0" })
	var entries, members []string
	dial := map[string][]string{}
	seen := map[string]string{}
	for _, one := range s.sessions() {
		user, device, _ := strings.Cut(one, " ")
		if other := seen[device]; other != "" {
			t.Errorf("%s and %s are both at %s", user, other, device)
		}
		seen[device] = user
		entries = append(entries, "device/"+deviceName(device)+"="+user)
		if dial[user] == nil {
			members = append(members, "support Local/"+user+"@default/n Custom:HOTDESK"+user+" 0")
			entries = append(entries, `callerid/`+user+`="" <`+user+`>`)
		}
		dial[user] = append(dial[user], device)
	}
	for user, devices := range dial {
		entries = append(entries, "user/"+user+"="+strings.Join(devices, "&"))
	}
	wantList(t, "AstDB", s.database(), entries...)
	wantList(t, "queues", s.members(), members...)
	if strings.Contains(s.log.String(), "could not be undone") {
		t.Error("something failed")
	}
}

func TestARestartForgetsNobody(t *testing.T) {
	kept := new(storetest.Memory)
	s := start(t, testConfig(), plugintest.Options{Host: host.Options{Store: kept}})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	want(t, s.admin, login("742", "2468", "102"), "Response: Success")
	want(t, s.admin, []string{"HotdeskPause", "User: 742", "Paused: yes", "Reason: lunch", "Queue: sales"}, "Message: Paused")
	s.Configure(t, testConfig(func(c *Config) { c.Check = 2 * time.Hour })) // another life of the plugin
	s.await("the plugin", func() bool { return len(s.sessions()) == 2 })
	wantList(t, "queues", s.members(), "sales Local/742@default/n Custom:HOTDESK742 2 paused", "support Local/741@default/n Custom:HOTDESK741 0",
		"support Local/742@default/n Custom:HOTDESK742 0")
	want(t, s.admin, []string{"HotdeskStatus", "User: 742"}, "LoggedIn: yes", "Paused: sales")
	if err := kept.Read(t.Context(), func(r store.Reader) error {
		all, err := r.All(table)
		if len(all) != 2 {
			return errors.New("the store has not both")
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func TestAnAsteriskThatRefusesToWriteIsSaid(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{Users: []sim.User{{
		Name: "weak", Secret: "secret", Read: ami.ClassAll, Write: ami.ClassAgent | ami.ClassCall, // none that AstDB needs
	}}})
	s := start(t, testConfig(), plugintest.Options{Proxy: proxytest.Options{
		Servers: []upstream.Config{proxytest.Server(plugintest.Server, asterisk.Addr(), "weak", "secret")},
	}})
	s.Up(t, plugintest.Server)
	want(t, s.admin, login("741", "0123", "101"), "Code: failed", "Message: Asterisk has refused to put AstDB's HOTDESK/callerid/741: Permission denied")
	wantList(t, "sessions", s.sessions())
}

func TestADeviceOfAnotherServerIsUnknown(t *testing.T) {
	here, there := simtest.Start(t, sim.Config{}), simtest.Start(t, sim.Config{Phones: []sim.Phone{{Endpoint: "555"}}})
	s := start(t, testConfig(), plugintest.Options{Proxy: proxytest.Options{Servers: []upstream.Config{
		proxytest.Server("here", here.Addr(), "astproxy", "secret"), proxytest.Server("there", there.Addr(), "astproxy", "secret"),
	}}})
	s.Up(t, "here")
	s.Up(t, "there")
	want(t, s.admin, login("741", "0123", "555"), "Code: unknown_device", "Message: here has no device PJSIP/555")
	want(t, s.admin, login("741", "0123", "555", "Server: there"), "Response: Success")
	want(t, s.admin, login("742", "2468", "101"), "Response: Success")
	want(t, s.admin, login("741", "0123", "102"), "Response: Success") // moves from there to here
	s.admin.Event("HotdeskLoggedOut", "User: 741", "Server: there", "Reason: moved")
	if m := s.admin.List("db", "DBGetTree", "Family: HOTDESK", "Server: there"); len(m) > 2 {
		t.Errorf("there is left %v", m)
	}
	wantList(t, "sessions", s.sessions(), "741 PJSIP/102", "742 PJSIP/101")
}

// TestAHundredLogInAndOutAtOnceWhileSomebodyReadsTheFile is with the file as it is in service.
func TestAHundredLogInAndOutAtOnceWhileSomebodyReadsTheFile(t *testing.T) {
	sqlite3, err := exec.LookPath("sqlite3")
	if err != nil {
		asterisk.Missing(t, errors.New("sqlite3 is missing, which reads the state; it is in your system's package sqlite3"))
	}
	path := filepath.Join(t.TempDir(), "state.db")
	kept, err := store.Open(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	var phones []sim.Phone
	for i := range 100 {
		phones = append(phones, sim.Phone{Endpoint: fmt.Sprint(500 + i)})
	}
	s := start(t, testConfig(func(c *Config) {
		for i := range 100 {
			c.Users = append(c.Users, UserConfig{Enabled: true, Extension: fmt.Sprint(900 + i), PIN: "1111", Queues: []string{"support"}})
		}
	}), plugintest.Options{Asterisk: sim.Config{Phones: phones}, Host: host.Options{Store: kept}, Proxy: proxytest.Options{
		Users: []access.UserConfig{proxytest.User(func(u *access.UserConfig) { u.MaxPluginActions = 1000 }), agentUser()},
	}})
	reading, stop := context.WithCancel(t.Context())
	reads := 0
	var reader, clients sync.WaitGroup
	reader.Go(func() {
		for ; reading.Err() == nil; reads++ {
			if output, err := exec.Command(sqlite3, path, "SELECT count(*) FROM entry").CombinedOutput(); err != nil {
				t.Errorf("sqlite3: %v: %s", err, output)
			}
		}
	})
	for i := range 100 {
		c := s.Login(t, "user", "Events: off")
		clients.Go(func() {
			user, device := fmt.Sprintf("User: %d", 900+i), fmt.Sprintf("Device: %d", 500+i)
			for range 3 {
				want(t, c, []string{"HotdeskLogin", user, device, "Pin: 1111"}, "Response: Success")
				want(t, c, []string{"HotdeskLogout", user, "Force: yes"}, "Message: Logged out")
			}
			want(t, c, []string{"HotdeskLogin", user, device, "Pin: 1111"}, "Response: Success")
		})
	}
	clients.Wait()
	stop()
	reader.Wait()
	if n := len(s.sessions()); n != 100 || reads == 0 {
		t.Errorf("%d are logged in, and %d have read", n, reads)
	}
	if n := s.synced(); n != "0" {
		t.Errorf("%s things differ", n)
	}
}

func TestAMemberThatIsThereAlreadyIsMadeOurs(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	s.admin.Ask("QueueAdd", "Queue: support", "Interface: Local/741@default/n", "Penalty: 5")
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	s.await("the lamp as the state interface", func() bool {
		return slices.Equal(s.members(), []string{"support Local/741@default/n Custom:HOTDESK741 0"})
	})
}
