package proxy_test

import (
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

func TestOnlyWhoSeesClassSystemHearsThatTheProxyStops(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{proxytest.User(),
			proxytest.User(proxytest.Named("calls"), proxytest.May([]string{"call"}, []string{"call"}))},
	})
	p.Up(t, "pbx1")
	clients := map[string]*proxytest.Client{
		"everything":  p.Login(t, "user"),
		"no events":   p.Login(t, "user", "Events: off"),
		"class call":  p.Login(t, "calls"),
		"masked call": p.Login(t, "user", "Events: call"),
		"filtered":    p.Login(t, "user"),
		"waiting":     p.Login(t, "user"),
	}
	clients["filtered"].Ask("Filter", "Operation: Add", "Filter: !Event: Shutdown")
	clients["waiting"].Event("FullyBooted")
	clients["waiting"].Send("WaitEvent", "ActionID: w", "Timeout: -1")
	for _, c := range clients {
		if c != clients["waiting"] {
			c.Settle()
		}
	}
	p.Stop()
	for name, c := range clients {
		heard := false
		var all []string
		for _, m := range c.End() {
			heard = heard || m.Event() == "Shutdown"
			all = append(all, m.Raw())
		}
		if want := name == "everything" || name == "waiting"; heard != want {
			t.Errorf("%s: hears of it: %v; %q", name, heard, all)
		}
	}
}
