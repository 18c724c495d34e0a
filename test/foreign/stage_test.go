package foreign_test

import (
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

// serverName is what the proxy calls the Asterisk: a word that nothing else says.
const serverName = "foreign-pbx"

// endpoint is something to log in to: an Asterisk, or the proxy in front of it.
type endpoint struct{ address, username, secret string }

// forEachAsterisk runs a test with a simulated and a real Asterisk of each version.
func forEachAsterisk(t *testing.T, test func(t *testing.T, direct endpoint)) {
	for version, banner := range map[string]string{"22": "11.0.0", "16": "5.0.4"} {
		t.Run("simulated "+version, func(t *testing.T) {
			t.Parallel()
			test(t, simulated(t, banner))
		})
	}
	for _, version := range asterisk.Versions() {
		t.Run("real "+version, func(t *testing.T) {
			t.Parallel()
			s := asterisk.Start(t, version)
			test(t, endpoint{s.AMIAddress, s.Username, s.Secret})
		})
	}
}

// simulated starts a simulated Asterisk with that banner.
func simulated(t *testing.T, banner string) endpoint {
	t.Helper()
	s := simtest.Start(t, sim.Config{Username: "astproxy", Secret: "secret", Version: banner})
	return endpoint{s.Addr(), "astproxy", "secret"}
}

// through starts a proxy in front of an Asterisk, and returns when it is connected.
func through(t *testing.T, direct endpoint) endpoint {
	t.Helper()
	return endpointOf(startProxy(t, direct, ""))
}

// startProxy starts a proxy at an address, or at one of its own if it is empty.
func startProxy(t *testing.T, direct endpoint, address string) *proxytest.Proxy {
	t.Helper()
	server := proxytest.Server(serverName, direct.address, direct.username, direct.secret)
	p := proxytest.Start(t, proxytest.Options{Servers: []upstream.Config{server}, Address: address})
	p.Up(t, serverName)
	return p
}

func endpointOf(p *proxytest.Proxy) endpoint {
	return endpoint{p.Address, proxytest.User().Name, proxytest.Secret}
}
