package hotdesk

import (
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
)

func TestWhatAsteriskHasLostOrGainedIsPutRight(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	want(t, s.admin, login("742", "2468", "102"), "Response: Success")
	database, members := s.database(), s.members()

	s.admin.Ask("DBDelTree", "Family: HOTDESK")
	s.admin.Ask("DBPut", "Family: HOTDESK", "Key: user/741", "Val: PJSIP/109")
	s.admin.Ask("DBPut", "Family: HOTDESK", "Key: user/799", "Val: PJSIP/108")
	s.admin.Ask("DBPut", "Family: HOTDESK", "Key: device/108", "Val: 799")
	s.admin.Ask("DBPut", "Family: HOTDESK", "Key: theirs/1", "Val: stays")
	s.admin.Ask("QueueRemove", "Queue: support", "Interface: Local/741@default/n")
	s.admin.Ask("QueueRemove", "Queue: sales", "Interface: Local/742@default/n")
	s.admin.Ask("QueueAdd", "Queue: sales", "Interface: Local/742@default/n", "Penalty: 7") // its StateInterface is another, too
	s.admin.Ask("QueueAdd", "Queue: sales", "Interface: Local/741@default/n")
	s.admin.Ask("QueueAdd", "Queue: sales", "Interface: PJSIP/103") // not ours
	s.admin.Ask("QueueAdd", "Queue: sales", "Interface: Local/799@default/n")
	s.admin.Ask("Setvar", "Variable: DEVICE_STATE(Custom:HOTDESK741)", "Value: ONHOLD")
	if n := s.synced(); n == "0" {
		t.Error("nothing differs")
	}
	wantList(t, "AstDB", s.database(), append(database, "theirs/1=stays")...)
	wantList(t, "queues", s.members(), append(members, "sales PJSIP/103 PJSIP/103 0", "sales Local/799@default/n Local/799@default/n 0")...)
	s.awaitLamp("741", "NOT_INUSE")
	if n := s.synced(); n != "0" {
		t.Errorf("%s things differ still", n)
	}
	if !strings.Contains(s.log.String(), "Asterisk differed from who is logged in") {
		t.Error("nothing is logged of it")
	}
}

func TestAnAsteriskThatWasEmptiedIsPutRightWithoutBeingAskedFor(t *testing.T) {
	clock := plugintest.NewClock()
	s := start(t, testConfig(func(c *Config) { c.Check = 10 * time.Second }), plugintest.Options{Host: host.Options{Clock: clock}})
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	database, members := s.database(), s.members()
	s.admin.Ask("DBDelTree", "Family: HOTDESK")
	s.admin.Ask("QueueRemove", "Queue: support", "Interface: Local/741@default/n")
	back := func() bool { return len(s.database()) == len(database) && len(s.members()) == len(members) }
	s.await("the check", func() bool { clock.Advance(time.Second); return back() })

	s.admin.Ask("DBDelTree", "Family: HOTDESK")
	s.Asterisk.Disconnect() // as when it starts again
	s.await("the check at reconnect", back)
}

func TestFreePBXsFamiliesAreKept(t *testing.T) {
	s := start(t, testConfig(func(c *Config) { c.FreePBX = true }), plugintest.Options{})
	get := func(family, key, value string) {
		t.Helper()
		found := ""
		for _, m := range s.admin.List("get", "DBGetTree", "Family: "+family) {
			if m.Get("Key") == "/"+family+"/"+key {
				found = m.Get("Val")
			}
		}
		if found != value {
			t.Errorf("%s/%s is %q, not %q", family, key, found, value)
		}
	}
	s.admin.Ask("DBPut", "Family: DEVICE", "Key: 109/user", "Val: 200") // somebody of FreePBX's own
	s.admin.Ask("DBPut", "Family: DEVICE", "Key: 108/user", "Val: 742") // and one who is ours, and not there
	s.admin.Ask("DBPut", "Family: AMPUSER", "Key: 200/device", "Val: 109")
	want(t, s.admin, login("741", "0123", "101"), "Response: Success")
	want(t, s.admin, login("741", "0123", "102", "Mode: multi"), "Response: Success")
	get("AMPUSER", "741/device", "101&102")
	get("DEVICE", "101/user", "741")
	s.synced()
	get("DEVICE", "109/user", "200")
	get("DEVICE", "108/user", "none")
	get("AMPUSER", "200/device", "109")
	want(t, s.admin, []string{"HotdeskLogout", "User: 741"}, "Message: Logged out")
	get("AMPUSER", "741/device", "")
	get("DEVICE", "101/user", "none")
	if n := s.synced(); n != "0" {
		t.Errorf("%s things differ", n)
	}
}
