package hotdesk

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/agi/agitest"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
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

func TestSessionsByHTTP(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{Proxy: proxytest.Options{
		Users: []access.UserConfig{proxytest.User(), agentUser(), proxytest.User(proxytest.Named("viewer"), proxytest.May([]string{"agent"}, nil)),
			proxytest.User(proxytest.Named("barred"), func(u *access.UserConfig) { u.DenyActions = []string{"HotdeskLog*"} })},
	}})
	request := func(user, method, path, body string, status int, contains string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v1/hotdesk/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(user, proxytest.Secret)
		r.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text := new(strings.Builder)
		if err := response.Write(text); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != status || !strings.Contains(text.String(), contains) {
			t.Errorf("%s %s %s is answered with %s", user, method, path, text)
		}
	}
	defer http.DefaultClient.CloseIdleConnections()
	request("barred", "GET", "sessions", "", 200, `{"sessions":[]}`)
	request("barred", "POST", "sessions", `{"user":"741","device":"101","pin":"0123"}`, 403, `"code":"permission_denied"`)
	request("panel", "GET", "sessions", "", 200, `{"sessions":[]}`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"9999"}`, 403, `"code":"login_refused"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101"}`, 400, `"code":"missing_header"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123","queue":"x"}`, 400, `"code":"invalid_header"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"999","pin":"0123"}`, 404, `"code":"unknown_device"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123"} {}`, 400, `"code":"invalid_header"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123","queues":["support","nowhere"]}`, 404, `"code":"unknown_queue"`)
	request("viewer", "POST", "sessions", `{"user":"741","device":"101","pin":"0123"}`, 403, `"code":"permission_denied"`)
	request("viewer", "GET", "sessions", "", 403, `"code":"permission_denied"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123","queues":["sales:3"],"expires":"8h"}`, 201, `"queues":[{"queue":"sales","penalty":3}]`)
	request("panel", "GET", "sessions", "", 200, `"user":"741","name":"Ann","server":"pbx1","device":"PJSIP/101"`)
	request("panel", "GET", "sessions/741", "", 200, `"device_state":"NOT_INUSE"`)
	request("panel", "GET", "sessions/742", "", 404, `"code":"not_logged_in"`)
	request("user", "POST", "sessions", `{"user":"742","device":"102"}`, 201, `"user":"742"`)
	request("panel", "DELETE", "sessions/741?force=true", "", 403, `"code":"permission_denied"`)
	request("panel", "DELETE", "sessions/741", "", 200, `{"logged_out":1}`)
	request("panel", "DELETE", "sessions/741", "", 200, `{"logged_out":0}`)
}

func TestUsersInAFileAreThereWhenTheyAreWritten(t *testing.T) {
	clock := plugintest.NewClock()
	path := filepath.Join(t.TempDir(), "users.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		clock.Advance(refresh)
	}
	write("\ufeffExtension, Name, PIN, Queues, enabled\n# a remark\n750,Gil,1111,support;sales:4,yes\n741,somebody else,1111,,no\n751,Hal,1111,,0\n")
	s := start(t, testConfig(func(c *Config) { c.UsersFile = path }), plugintest.Options{Host: host.Options{Clock: clock}})
	want(t, s.admin, login("750", "1111", "101"), "Response: Success", "UserName: Gil", "Queues: support,sales:4")
	want(t, s.admin, login("751", "1111", "102"), "Code: user_disabled")
	want(t, s.admin, login("741", "0123", "102"), "Response: Success", "UserName: Ann") // the configuration's is first
	want(t, s.admin, login("752", "1111", "103"), "Code: login_refused")
	write("extension,pin\n752,1111\n750,1111\n")
	want(t, s.admin, login("752", "1111", "103"), "Response: Success")
	write("extension,pin\n753,9999 9999\n") // which is no PIN
	want(t, s.admin, login("753", "1111", "104"), "Code: login_refused")
	want(t, s.admin, login("752", "1111", "104"), "Response: Success") // those there were stay
	if !strings.Contains(s.log.String(), "line 2: pin: a PIN has up to 20 digits") {
		t.Error("it is not logged what is wrong")
	}
	write("extension,pin\n750,1111\n")
	s.await("who is no user any more is logged out", func() bool { clock.Advance(time.Hour); return len(s.sessions()) == 2 })
	wantList(t, "sessions", s.sessions(), "741 PJSIP/102", "750 PJSIP/101")
	s.admin.Event("HotdeskLoggedOut", "User: 752", "Reason: admin")
}

func TestUsersInADatabaseAreAskedForByTheOwnersQuery(t *testing.T) {
	clock := plugintest.NewClock()
	path := filepath.Join(t.TempDir(), "people.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		clock.Advance(refresh)
	}
	do("CREATE TABLE people (number TEXT, who TEXT, secret TEXT, active BOOLEAN, groups TEXT)")
	do("INSERT INTO people VALUES ('760', 'Ida', '1111', TRUE, 'support;sales:3'), ('761', 'Jon', '1111', FALSE, NULL)")
	s := start(t, testConfig(func(c *Config) {
		c.Databases = []DatabaseConfig{{Driver: "sqlite", Source: access.Secret(path),
			Query: "SELECT number AS extension, who AS name, secret AS pin, active AS enabled, groups AS queues FROM people"}}
	}), plugintest.Options{Host: host.Options{Clock: clock}})
	want(t, s.admin, login("760", "1111", "101"), "Response: Success", "UserName: Ida", "Queues: support,sales:3")
	want(t, s.admin, login("761", "1111", "102"), "Code: user_disabled")
	do("UPDATE people SET active = TRUE")
	want(t, s.admin, login("761", "1111", "102"), "Response: Success", "UserName: Jon")
	do("ALTER TABLE people RENAME TO elsewhere")
	want(t, s.admin, login("760", "1111", "103"), "Response: Success") // those there were stay
	if !strings.Contains(s.log.String(), "users cannot be read") {
		t.Error("it is not logged")
	}
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
