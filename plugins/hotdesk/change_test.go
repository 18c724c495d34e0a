package hotdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/store/storetest"
	"github.com/astproxy/astproxy/upstream"
)

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

func TestAMemberThatIsThereAlreadyIsMadeOurs(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	s.admin.Ask("QueueAdd", "Queue: support", "Interface: Local/741@default/n", "Penalty: 5")
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	s.await("the lamp as the state interface", func() bool {
		return slices.Equal(s.members(), []string{"support Local/741@default/n Custom:HOTDESK741 0"})
	})
}
