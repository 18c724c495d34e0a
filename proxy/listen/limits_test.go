package listen_test

import (
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func limited(change func(*access.UserConfig)) access.UserConfig {
	return proxytest.User(proxytest.Named("limited"), change)
}

//astproxy:attack
func TestAUserWithAsManyActionsASecondAsHeMayIsToldSo(t *testing.T) {
	_, p := start(t, limited(func(u *access.UserConfig) { u.ActionsPerSecond = 2 }))
	one, two := p.Login(t, "limited", "Events: off"), p.Login(t, "limited", "Events: off")
	refused := 0
	for range 50 { // much faster than two a second, unless each takes half of one
		for _, c := range []*proxytest.Client{one, two} {
			if m := c.Ask("Ping", "ActionID: 1"); m.Get("Message") == "Too many actions: 2 a second are allowed" && m.ActionID() == "1" {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("a hundred at once are let through")
	}
	for _, path := range []string{"/?Action=Ping&Username=limited&Secret=" + proxytest.Secret, "/rawman?action=login&username=limited&secret=" + proxytest.Secret} {
		status := 0
		jar := ""
		for range 50 {
			var headers http.Header
			if status, headers = get(t, p, path, "Cookie", jar); status == http.StatusTooManyRequests {
				if headers.Get("Retry-After") == "" {
					t.Errorf("%s: without Retry-After", path)
				}
				break
			}
			if cookie, _, _ := strings.Cut(headers.Get("Set-Cookie"), ";"); cookie != "" {
				jar, path = cookie, "/rawman?action=ping"
			}
		}
		if status != http.StatusTooManyRequests {
			t.Errorf("%s: the status is %d", path, status)
		}
	}
	if m := p.Login(t, "user", "Events: off").Ask("Ping"); m.Response() != "Success" {
		t.Errorf("another user is answered with %s", m)
	}
}

//astproxy:attack
func TestAUserWithAsManyActionsUnansweredAsHeMayIsToldSo(t *testing.T) {
	asterisk, p := start(t, limited(func(u *access.UserConfig) { u.MaxPending = 1 }))
	one, two := p.Login(t, "limited", "Events: off"), p.Login(t, "limited", "Events: off")
	release := asterisk.HoldReplies("CoreStatus")
	defer release()
	one.Send("CoreStatus", "ActionID: held")
	awaitCoreStatus(t, asterisk)
	if m := two.Ask("Ping", "ActionID: 2"); m.Get("Message") != "Too many actions at once: 1 are allowed" || m.ActionID() != "2" {
		t.Errorf("one more is answered with %s", m)
	}
	one.Reset() // what nobody waits for any more does not count
	address := one.LocalAddr().String()
	for slices.ContainsFunc(p.Clients(), func(c proxy.ClientState) bool { return c.Remote == address }) {
		runtime.Gosched()
	}
	release()
	for m := two.Ask("Ping"); m.Response() != "Success"; m = two.Ask("Ping") {
		if m.Get("Message") != "Too many actions at once: 1 are allowed" {
			t.Fatalf("it is answered with %s", m)
		}
	}
}

//astproxy:attack
func TestAUserWithAsManyConnectionsAsHeMayIsToldSo(t *testing.T) {
	_, p := start(t, limited(func(u *access.UserConfig) { u.MaxConnections = 1 }))
	one := p.Login(t, "limited", "Events: off")
	two := p.Dial(t)
	if m := two.Ask("Login", "Username: limited", "Secret: "+proxytest.Secret); m.Response() != "Error" || m.Get("Message") != "Too many connections: 1 are allowed" {
		t.Errorf("one more is answered with %s", m)
	}
	two.End()
	one.Ask("Logoff")
	one.End()
	for {
		c := p.Dial(t)
		m := c.Ask("Login", "Username: limited", "Secret: "+proxytest.Secret)
		if m.Response() == "Success" {
			return
		}
		if m.Get("Message") != "Too many connections: 1 are allowed" {
			t.Fatalf("the next one is answered with %s", m)
		}
		c.End()
	}
}
