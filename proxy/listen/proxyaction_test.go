package listen_test

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func proxyAction(c *proxytest.Client, lines ...string) {
	for i, line := range lines {
		if i == 0 {
			line = "ProxyAction: " + line
		}
		c.SendRaw(line + "\r\n")
	}
	c.SendRaw("\r\n")
}

//astproxy:attack
func TestProxyActionsOfAdministratorsAreRefusedToOthers(t *testing.T) {
	_, p := start(t, user("all", []string{"all"}, []string{"all"}))
	admin, c := p.Login(t, "user", "Events: off"), p.Login(t, "all", "Events: off")
	for _, action := range []string{"AddServer", "DropServer", "Kick", "Reload", "SetLogLevel"} {
		proxyAction(c, action, "ActionID: 1")
		wantText(t, action, c.Response(), "ProxyResponse: Error", "ActionID: 1", "Message: Permission denied")
	}
	for _, action := range []string{"ListSessions", "ListServers", "listservers"} {
		proxyAction(c, action, "ActionID: 1")
		wantText(t, action, c.Response(), "ProxyResponse: Error", "ActionID: 1", "Message: Permission denied")
		proxyAction(admin, action, "ActionID: 1")
		if m := admin.Response(); m.Get("ProxyResponse") != "Success" || m.ActionID() != "1" {
			t.Errorf("%s is answered with\n%s", action, m)
		}
	}
	for _, client := range []*proxytest.Client{admin, c} {
		proxyAction(client, "NoSuchAction", "ActionID: 1")
		wantText(t, "an unknown one", client.Response(), "ProxyResponse: Error", "ActionID: 1", "Message: Invalid Proxy Action")
		proxyAction(client, "NoSuchAction")
		wantText(t, "an unknown one", client.Response(), "ProxyResponse: Error", "Message: Invalid Proxy Action")
		proxyAction(client, "LOGOFF", "ActionID: 2")
		wantText(t, "Logoff", client.Response(), "Response: Goodbye", "ActionID: 2", "Message: Thanks for all the fish.")
		client.End()
	}
}

func TestListServersTellsHowTheyAre(t *testing.T) {
	first, second, p := startTwo(t)
	c := p.Login(t, "user")
	second.RefuseLogins(true)
	second.Disconnect()
	c.Event("ProxyServerStatus", "Server: pbx2", "Status: Disconnected")
	proxyAction(c, "ListServers")
	m := c.Response()
	line := func(name, address, state string) string {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		return "ProxyListServer I: " + name + " H: " + host + " U: astproxy P: " + port + " E: on S: " + state
	}
	wantText(t, "ListServers", m, "ProxyResponse: Success", line("pbx1", first.Addr(), "up"), line("pbx2", second.Addr(), "down"),
		"ProxyServerReason: "+m.Get("ProxyServerReason"))
}

func TestListSessionsTellsWhoIsThereAndHowFarBehind(t *testing.T) {
	asterisk, p := start(t)
	busy, stranger, c := p.Login(t, "user", "Events: off"), p.Dial(t), p.Login(t, "user", "Events: off")
	release := asterisk.HoldReplies("CoreStatus")
	defer release()
	busy.Send("CoreStatus", "ActionID: held")
	awaitCoreStatus(t, asterisk)
	want := map[string]string{ // by address
		busy.LocalAddr().String():     "held, user, 1 outstanding, 0 behind, 0 unread",
		stranger.LocalAddr().String(): ", , 0 outstanding, 0 behind, 0 unread",
		c.LocalAddr().String():        "me, user, 0 outstanding, 0 behind, 0 unread",
	}
	// What was read here may not be counted as written there yet, nor who has gone as gone.
	for deadline := time.Now().Add(proxytest.Patience); ; {
		proxyAction(c, "ListSessions", "ActionID: me")
		m := c.Response()
		if got := sessionsOf(t, m); maps.Equal(got, want) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("got\n%q, want\n%q", got, want)
		}
	}
}

// sessionsOf reads the answer to ListSessions of a proxy in front of pbx1.
func sessionsOf(t *testing.T, m ami.Message) map[string]string {
	t.Helper()
	values := func(header string) []string { return slices.Collect(m.Values(header)) }
	sessions := map[string]string{}
	for i, address := range values("ProxyClientSession") {
		sessions[address] = fmt.Sprintf("%s, %s, %s outstanding, %s behind, %s unread", values("ProxyClientActionID")[i], values("ProxyClientUser")[i],
			values("ProxyClientOutstanding")[i], values("ProxyClientLag")[i], values("ProxyClientUnread")[i])
		connected, err := strconv.ParseInt(values("ProxyClientConnected")[i], 10, 64)
		if since := time.Since(time.Unix(connected, 0)); err != nil || since < 0 || since > proxytest.Patience {
			t.Errorf("%s has been there for %v", address, since)
		}
		if _, err := strconv.Atoi(values("ProxyClientDelivered")[i]); err != nil {
			t.Errorf("of %s: %v", address, err)
		}
		for _, header := range []string{"ProxyClientInputHandler", "ProxyClientOutputHandler"} {
			if got := values(header)[i]; got != "standard" {
				t.Errorf("of %s %s is %s", address, header, got)
			}
		}
	}
	if got := values("ProxyServerSession"); !slices.Equal(got, []string{"pbx1"}) {
		t.Errorf("the servers are %q", got)
	}
	return sessions
}
