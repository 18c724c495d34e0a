package proxy_test

import (
	"slices"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// A client that begins its work at FullyBooted finds the server connected.
func TestFullyBootedComesOnceAndWhenTheServerIsBack(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
	})
	p.Up(t, "pbx1")
	c := p.Login(t, "user")
	c.Event("FullyBooted")
	asterisk.Disconnect()
	var heard []string
	hear := func(m ami.Message) {
		if name := m.Event(); name == "FullyBooted" || name == "ProxyServerStatus" {
			heard = append(heard, name+" "+m.Get("Status"))
		}
	}
	for !slices.Contains(heard, "ProxyServerStatus Connected") {
		hear(c.Read())
	}
	for _, m := range c.Settle() {
		hear(m)
	}
	want := []string{"ProxyServerStatus Disconnected", "ProxyServerStatus Connected", "FullyBooted Fully Booted"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
