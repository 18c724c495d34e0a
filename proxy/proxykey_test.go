package proxy_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// logged is a log that a test reads.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const key = "open-sesame"

func startWithKey(t *testing.T) (*proxytest.Proxy, *sim.Server, *logged) {
	t.Helper()
	asterisk, log := simtest.Start(t, sim.Config{}), new(logged)
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("keeper"), func(u *access.UserConfig) {
			u.Secret, u.ProxyKey, u.Write = key, true, []string{"user"}
		})},
		Log: log,
	})
	p.Up(t, "pbx1")
	return p, asterisk, log
}

func TestAProxyKeyInTheFirstActionIsALogin(t *testing.T) {
	p, asterisk, log := startWithKey(t)
	c := p.Dial(t)
	c.Send("UserEvent", "ActionID: 1", "UserEvent: Hello", "ProxyKey: "+key)
	if first := c.Read(); first.Response() != "Success" || first.ActionID() != "1" {
		t.Errorf("the first it hears is %s", first)
	}
	if event := c.Event("UserEvent"); event.Has("ProxyKey") {
		t.Errorf("others see the key: %s", event)
	}
	if r := c.Ask("Command", "Command: core show uptime"); r.Get("Message") != "Permission denied" {
		t.Errorf("it has other rights than its user's: %s", r)
	}
	if r := c.Ask("Ping", "proxykey: "+key); r.Get("Ping") != "Pong" {
		t.Errorf("the key given again: %s", r)
	}
	if r := c.Ask("Originate", "ProxyKey: "+key, "Async: true", "Channel: Local/1@default"); r.Get("Message") != "Permission denied" {
		t.Errorf("it has other rights than its user's: %s", r)
	}
	for _, m := range asterisk.Received() {
		if m.Has("ProxyKey") || strings.Contains(m.Raw(), key) {
			t.Errorf("Asterisk got %s", m)
		}
	}
	if text := log.String(); strings.Contains(text, key) || !strings.Contains(text, "user=keeper") {
		t.Errorf("the log is\n%s", text)
	}
}

func TestAWrongProxyKeyIsAWrongLogin(t *testing.T) {
	p, asterisk, log := startWithKey(t)
	for _, wrong := range []string{"guess", "", proxytest.Secret} { // the last is a user's who has no proxy_key
		c := p.Dial(t)
		c.Send("UserEvent", "ActionID: 1", "UserEvent: Hello", "ProxyKey: "+wrong)
		if all := c.End(); len(all) != 1 || all[0].Get("Message") != "Authentication failed" || all[0].ActionID() != "1" {
			t.Errorf("%q: %v", wrong, all)
		}
	}
	for _, m := range asterisk.Received() {
		if m.Action() == "UserEvent" {
			t.Errorf("Asterisk got %s", m)
		}
	}
	if text := log.String(); strings.Contains(text, "guess") || !strings.Contains(text, "login failed") {
		t.Errorf("the log is\n%s", text)
	}
}

func TestAProxyKeyGoesNowhereWhenItsUserHasLoggedIn(t *testing.T) {
	p, asterisk, _ := startWithKey(t)
	c := p.Login(t, "user")
	if r := c.Ask("UserEvent", "UserEvent: Hello", "ProxyKey: "+key); r.Response() != "Success" {
		t.Errorf("got %s", r)
	}
	c.Ask("Originate", "ProxyKey: "+key, "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: 1")
	for _, m := range asterisk.Received() {
		if m.Has("ProxyKey") {
			t.Errorf("Asterisk got %s", m)
		}
	}
}
