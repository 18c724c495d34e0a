package proxy_test

import (
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

//astproxy:attack
func TestTheOriginatesOfAllConnectionsOfAUserCountTogether(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users:   []access.UserConfig{proxytest.User(func(u *access.UserConfig) { u.MaxOriginates = 2 })},
	})
	p.Up(t, "pbx1")
	ringing := []string{"ActionID: 1", "Channel: Local/2001@default", "Context: default", "Exten: 1002", "Priority: 1", "Timeout: 60000"}
	first, second := p.Login(t, "user"), p.Login(t, "user", "Events: off")
	for range 2 {
		first.Send("Originate", ringing...)
	}
	first.Settle()
	if answer := second.Ask("Originate", ringing...); answer.Get("Message") != "Too many Originates at once: 2 are allowed" {
		t.Errorf("the third is answered with %s", answer)
	}

	first.Reset()
	for { // until those of the client that has gone count no more: then it rings, unanswered
		second.Send("Originate", ringing...)
		if before := second.Settle(); len(before) == 0 {
			return
		}
	}
}
