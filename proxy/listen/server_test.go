package listen_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// startTwo runs two simulated Asterisks and a proxy that is connected to both, with a user and one whose
// server is pbx2.
func startTwo(t *testing.T) (first, second *sim.Server, p *proxytest.Proxy) {
	t.Helper()
	first, second = simtest.Start(t, sim.Config{}), simtest.Start(t, sim.Config{Version: "5.0.4"})
	p = proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", first.Addr()), server("pbx2", second.Addr())},
		Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("second"), func(u *access.UserConfig) {
			u.Server = "PBX2"
		})},
	})
	p.Up(t, "pbx1")
	p.Up(t, "pbx2")
	return first, second, p
}

func TestEveryMessageOfAnAsteriskSaysWhose(t *testing.T) {
	first, second, p := startTwo(t)
	c := p.Login(t, "user", "Events: call,user")
	for name, asterisk := range map[string]*sim.Server{"pbx1": first, "pbx2": second} {
		asterisk.Broadcast(ami.NewEvent("Plain").Add("Privilege", "call,all").Add("Of", name).Message())
		wantText(t, name, c.Event("Plain", "Of: "+name), "Event: Plain", "Privilege: call,all", "Of: "+name, "Server: "+name)
		asterisk.Broadcast(ami.NewEvent("Own").Add("Privilege", "call,all").Add("server", "sip.example.org").Add("Of", name).Message())
		wantText(t, name, c.Event("Own", "Of: "+name), "Event: Own", "Privilege: call,all", "server: sip.example.org", "Of: "+name, "ProxyServer: "+name)

		if m := c.Ask("Ping", "Server: "+name, "ActionID: 1"); !strings.HasSuffix(m.Raw(), "\r\nServer: "+name+"\r\n") || m.Get("Ping") != "Pong" {
			t.Errorf("the answer of %s is\n%s", name, m)
		}
		for _, m := range c.List("list", "QueueStatus", "server: "+strings.ToUpper(name)) {
			if !strings.HasSuffix(m.Raw(), "\r\nServer: "+name+"\r\n") {
				t.Errorf("of %s's list comes\n%s", name, m)
			}
		}
		if m := c.Ask("Hangup", "Server: "+name, "Channel: nobody"); m.Response() != "Error" || m.Get("Server") != name {
			t.Errorf("the error of %s is\n%s", name, m)
		}
	}
}

//astproxy:attack
func TestAnActionGoesToTheServerThatIsMeant(t *testing.T) {
	first, second, p := startTwo(t)
	user, other := p.Login(t, "user", "Events: off"), p.Login(t, "second", "Events: off")
	for _, test := range []struct {
		about  string
		client *proxytest.Client
		server string
		want   string
	}{
		{"the first by default", user, "", "pbx1"},
		{"the user's", other, "", "pbx2"},
		{"the one that is named", user, "pbx2", "pbx2"},
		{"the one that is named, not the user's", other, "pbx1", "pbx1"},
		{"case is no difference", user, "PbX2", "pbx2"},
	} {
		lines := []string{"ActionID: 1"}
		if test.server != "" {
			lines = append(lines, "Server: "+test.server)
		}
		if m := test.client.Ask("CoreSettings", lines...); m.Response() != "Success" || m.Get("Server") != test.want {
			t.Errorf("%s: the answer is\n%s", test.about, m)
		}
		if m := test.client.Ask("ListCommands", lines...); m.Response() != "Success" || m.Get("Server") != test.want {
			t.Errorf("%s: ListCommands is answered with\n%.200s", test.about, m)
		}
	}
	for _, name := range []string{"pbx3", "pbx", "pbx1 ", "pbx1,pbx2"} {
		for _, action := range []string{"CoreSettings", "ListCommands", "NoSuchAction", "Originate"} {
			wantText(t, action, user.Ask(action, "ActionID: 1", "Server: "+name), "Response: Error", "ActionID: 1", "Message: There is no server called "+name)
		}
	}
	for _, asterisk := range []*sim.Server{first, second} {
		for _, m := range asterisk.Received() {
			if m.Has("Server") {
				t.Errorf("Asterisk is sent\n%s", m)
			}
		}
	}
}

func TestTheProxysOwnAnswersNameNoServer(t *testing.T) {
	_, p := start(t)
	c := p.Login(t, "user", "Events: off")
	wantText(t, "Events", c.Ask("Events", "EventMask: off"), "Response: Success", "Events: Off")
	wantText(t, "Originate", c.Ask("Logoff"), "Response: Goodbye", "Message: Thanks for all the fish.")
}

// Its clients come whether or not there is anything behind.
//
//astproxy:attack
func TestAServerThatIsNotThereIsAnErrorAndComesByItself(t *testing.T) {
	l := listenSilently(t)
	p := proxytest.Start(t, proxytest.Options{Servers: []upstream.Config{server("pbx1", l.Addr().String())}})
	c := p.Login(t, "user")
	for _, action := range []string{"Ping", "CoreStatus", "NoSuchAction", "Originate"} {
		wantText(t, action, c.Ask(action, "ActionID: 1"), "Response: Error", "ActionID: 1", "Message: Server pbx1 is not connected: not connected yet")
	}
	wantText(t, "an action without ActionID", c.Ask("Ping"), "Response: Error", "Message: Server pbx1 is not connected: not connected yet")
	if m := c.Ask("ListCommands"); m.Response() != "Success" {
		t.Errorf("ListCommands is answered with %s", m)
	}
	if kept := c.Kept(); len(kept) > 0 {
		t.Errorf("without a server comes %q", kept)
	}

	simtest.Serve(t, sim.Config{}, l)
	c.Event("ProxyServerStatus", "Server: pbx1", "Status: Connected")
	c.Event("FullyBooted", "Server: pbx1")
	if m := c.Ask("Ping"); m.Get("Ping") != "Pong" {
		t.Errorf("the Ping is answered with\n%s", m)
	}
}

func TestALostServerIsToldAndNoOtherIsTakenInstead(t *testing.T) {
	first, second, p := startTwo(t)
	watcher := p.Login(t, "second", "Events: system")
	watcher.Event("FullyBooted")
	caller := p.Login(t, "user", "Events: call")
	second.RefuseLogins(true)
	second.Disconnect()
	gone := watcher.Read()
	reason := gone.Get("Reason")
	wantText(t, "the loss", gone, "Event: ProxyServerStatus", "Privilege: system,all", "Server: pbx2", "Status: Disconnected", "Reason: "+reason)
	if reason == "" {
		t.Error("nobody says why")
	}

	// Logins go on, of the users of that server, too; FullyBooted waits for it.
	late := p.Login(t, "second")
	if names := eventNames(late.Kept()); len(names) > 0 {
		t.Errorf("hears %q", names)
	}
	before := len(first.Received())
	for _, c := range []*proxytest.Client{late, p.Login(t, "user", "Events: off")} {
		m := c.Ask("CoreStatus", "ActionID: 1", "Server: pbx2")
		if m.Response() != "Error" || !strings.HasPrefix(m.Get("Message"), "Server pbx2 is not connected: ") {
			t.Errorf("the answer is\n%s", m)
		}
	}
	for _, m := range first.Received()[before:] {
		if m.Action() == "CoreStatus" {
			t.Error("the other server was asked instead")
		}
	}
	if m := caller.Ask("CoreStatus"); m.Response() != "Success" || m.Get("Server") != "pbx1" {
		t.Errorf("the other server's answer is\n%s", m)
	}
	if kept := caller.Kept(); len(kept) > 0 {
		t.Errorf("who does not see class system hears %q", kept)
	}

	second.RefuseLogins(false)
	for _, c := range []*proxytest.Client{watcher, late} {
		c.Event("ProxyServerStatus", "Server: pbx2", "Status: Connected")
		c.Event("FullyBooted", "Server: pbx2")
	}
	if m := late.Ask("Ping"); m.Get("Ping") != "Pong" || m.Get("Server") != "pbx2" {
		t.Errorf("the Ping is answered with\n%s", m)
	}
}

// OriginateResponse and UserEvent show to everybody the ActionID of who caused them.
func TestEventsShowTheClientsActionIDOrNone(t *testing.T) {
	_, p := start(t)
	listener, c := p.Login(t, "user", "Events: call,user"), p.Login(t, "user", "Events: call,user")
	for _, test := range []struct{ lines, want string }{
		{"UserEvent: none", ""}, {"UserEvent: mine|ActionID: 7 of mine", "7 of mine"}, {"UserEvent: long|ActionID: " + strings.Repeat("x", 900), strings.Repeat("x", 900)},
	} {
		lines := strings.Split(test.lines, "|")
		c.Send("UserEvent", lines...)
		if m := c.Response(); m.ActionID() != test.want || m.Has("ActionID") != (test.want != "") {
			t.Errorf("%s is answered with\n%s", lines[0], m)
		}
		for _, who := range []*proxytest.Client{c, listener} {
			if m := who.Event("UserEvent", lines[0]); m.ActionID() != test.want || m.Has("ActionID") != (test.want != "") {
				t.Errorf("%s is seen as\n%s", lines[0], m)
			}
		}
	}
	originate := []string{"Channel: Local/5999@default", "Application: Wait", "Data: 1", "Async: true"}
	for _, id := range []string{"", "mine"} {
		lines := originate
		if id != "" {
			lines = append(lines, "ActionID: "+id)
		}
		c.Ask("Originate", lines...)
		for _, who := range []*proxytest.Client{c, listener} {
			if m := who.Event("OriginateResponse"); m.ActionID() != id || m.Has("ActionID") != (id != "") {
				t.Errorf("with the ActionID %q comes\n%s", id, m)
			}
		}
	}
}
