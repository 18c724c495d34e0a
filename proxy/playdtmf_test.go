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
func TestALongToneHoldsNobodyUnlessTheUserMayBlock(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{proxytest.User(),
			proxytest.User(proxytest.Named("patient"), func(u *access.UserConfig) { u.AllowBlocking = true })},
	})
	p.Up(t, "pbx1")
	for _, test := range []struct {
		user, duration string
		refused        bool
	}{
		{"user", "250", false},
		{"user", "1000", false},
		{"user", "1001", true},
		{"user", " 3600000 ms", true},
		{"user", "-1", true},
		{"user", "long", false},
		{"patient", "3600000", false},
	} {
		c := p.Login(t, test.user, "Events: off")
		answer := c.Ask("PlayDTMF", "Channel: SIP/none-1", "Digit: 1", "Duration: "+test.duration)
		// The simulated Asterisk looks at the channel first.
		if sent := answer.Get("Message") == "Channel not found"; sent == test.refused {
			t.Errorf("%s, %q: %s", test.user, test.duration, answer)
		}
	}
}
