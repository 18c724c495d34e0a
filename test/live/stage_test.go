package live_test

import (
	"testing"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

// forEachAsterisk runs a test with a proxy in front of a simulated Asterisk, and of a real one of each
// version. Pages of the origins may use it.
func forEachAsterisk(t *testing.T, origins []string, test func(*testing.T, *proxytest.Proxy)) {
	t.Run("simulated", func(t *testing.T) {
		s := simtest.Start(t, sim.Config{})
		test(t, startProxy(t, s.Addr(), "astproxy", "secret", origins...))
	})
	for _, version := range asterisk.Versions() {
		t.Run("real "+version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			test(t, startProxy(t, s.AMIAddress, s.Username, s.Secret, origins...))
		})
	}
}

func startProxy(t *testing.T, address, username, secret string, origins ...string) *proxytest.Proxy {
	t.Helper()
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", address, username, secret)},
		Feed:    feed.Config{Recent: 64 << 20},
		HTTP:    listen.HTTPConfig{Origins: origins},
	})
	p.Up(t, "pbx1")
	return p
}
