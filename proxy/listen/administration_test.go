package listen_test

import (
	"net"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestAnAdministratorAddsAndDropsServers(t *testing.T) {
	_, p := start(t)
	second := simtest.Start(t, sim.Config{})
	c := p.Login(t, "user", "Events: system")
	host, port, _ := net.SplitHostPort(second.Addr())
	add := []string{"AddServer", "ActionID: 1", "Server: pbx2", "Host: " + host, "Port: " + port, "Username: astproxy", "Secret: secret", "Events: on"}
	proxyAction(c, add...)
	wantText(t, "AddServer", c.Response(), "ProxyResponse: Success", "ActionID: 1", "Message: Added pbx2")
	c.Event("ProxyServerStatus", "Server: pbx2", "Status: Connected")
	if m := c.Ask("Ping", "Server: pbx2"); m.Get("Server") != "pbx2" || m.Get("Ping") != "Pong" {
		t.Errorf("it is answered with %s", m)
	}
	proxyAction(c, add...)
	wantText(t, "the same again", c.Response(), "ProxyResponse: Failure", "ActionID: 1", "Message: Could not add pbx2: there is one called that")
	for what, lines := range map[string][]string{
		"no name": {"AddServer", "Username: a", "Secret: b"}, "no secret": {"AddServer", "Server: x", "Username: a"},
		"no port": {"AddServer", "Server: x", "Username: a", "Secret: b", "Port: x"}, "no user": {"AddServer", "Server: x", "Secret: b"},
	} {
		proxyAction(c, lines...)
		if m := c.Response(); m.Get("ProxyResponse") != "Failure" {
			t.Errorf("%s: %s", what, m)
		}
	}
	proxyAction(c, "DropServer", "Server: PBX2")
	wantText(t, "DropServer", c.Response(), "ProxyResponse: Success", "Message: Dropped PBX2")
	c.Event("ProxyServerStatus", "Server: pbx2", "Status: Disconnected")
	proxyAction(c, "DropServer", "Server: nowhere")
	wantText(t, "one that is not there", c.Response(), "ProxyResponse: Failure", "Message: Cannot Drop Server nowhere, Does Not Exist")
	proxyAction(c, "DropServer", "Server: pbx1")
	wantText(t, "the last one", c.Response(), "ProxyResponse: Failure", "Message: Cannot Drop Server pbx1: it is the only one")
}

func TestAReloadTakesBackWhatAnAdministratorHasChanged(t *testing.T) {
	_, p := start(t)
	c := p.Login(t, "user", "Events: off")
	proxyAction(c, "AddServer", "Server: pbx2", "Host: 127.0.0.1", "Port: 1", "Username: a", "Secret: b")
	c.Response()
	proxyAction(c, "Reload", "ActionID: 5")
	wantText(t, "Reload", c.Response(), "ProxyResponse: Success", "ActionID: 5", "Message: Reloaded")
	if m := c.Ask("Ping", "Server: pbx2"); m.Get("Message") != "There is no server called pbx2" {
		t.Errorf("it is answered with %s", m)
	}
}

func TestAKickedClientIsToldWhyAndDisconnected(t *testing.T) {
	_, p := start(t, user("all", []string{"all"}, []string{"all"}))
	c, one, two, quiet, other := p.Login(t, "user", "Events: off"), p.Login(t, "all"), p.Login(t, "all"), p.Login(t, "all", "Events: off"), p.Login(t, "user", "Events: off")
	proxyAction(c, "Kick", "ProxyClientSession: "+one.LocalAddr().String())
	wantText(t, "by address", c.Response(), "ProxyResponse: Success", "ProxyClientSession: "+one.LocalAddr().String())
	wantFarewell := func(c *proxytest.Client) {
		t.Helper()
		all := c.End()
		if len(all) == 0 || all[len(all)-1].Raw() != "Event: ProxyDisconnect\r\nReason: disconnected by an administrator\r\n" {
			t.Errorf("he is told %q", all)
		}
	}
	wantFarewell(one)
	proxyAction(c, "Kick", "User: ALL")
	if m := c.Response(); strings.Count(m.Raw(), "ProxyClientSession: ") != 2 {
		t.Errorf("by user: %s", m)
	}
	wantFarewell(two)
	if all := quiet.End(); len(all) > 0 {
		t.Errorf("who wants no events is told %q", all)
	}
	for _, lines := range [][]string{{"Kick"}, {"Kick", "User: all"}, {"Kick", "ProxyClientSession: nowhere"}, {"Kick", "User: user", "ProxyClientSession: x"}} {
		proxyAction(c, lines...)
		if m := c.Response(); m.Get("ProxyResponse") == "Success" {
			t.Errorf("%q: %s", lines, m)
		}
	}
	if m := other.Ask("Ping"); m.Response() != "Success" {
		t.Errorf("who was not meant is answered with %s", m)
	}
}

func TestListIOHandlersBeginsAsThePredecessors(t *testing.T) {
	_, p := start(t, user("all", []string{"all"}, []string{"all"}))
	c := p.Login(t, "all", "Events: off")
	proxyAction(c, "ListIOHandlers")
	if m := c.Response(); !strings.HasPrefix(m.Raw(), "ProxyResponse: Success\r\nInputHandler: xml\r\nOutputHandler: xml\r\nOutputHandler: csv\r\nInputHandler: http\r\nInputHandler: standard\r\nOutputHandler: standard\r\n") {
		t.Errorf("it is\n%s", m)
	}
}
