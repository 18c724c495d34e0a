package foreign_test

import (
	"testing"

	"github.com/astproxy/astproxy/test/asterisk"
)

func TestALibraryThatReconnectsIsBackAfterARestartOfTheProxy(t *testing.T) {
	for _, l := range libraries {
		if !l.reconnects {
			continue
		}
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			direct := simulated(t, "11.0.0")
			first := startProxy(t, direct, asterisk.FreeAddress(t))
			c := start(t, l, endpointOf(first))
			c.happened("login")
			c.event("FullyBooted", nil)

			first.Stop()
			c.happened("closed")
			c.event("Shutdown", nil)

			second := startProxy(t, direct, first.Address)
			c.happened("login")
			c.event("FullyBooted", nil)
			c.act(action{"Action": "Ping"})
			c.wantAnswer(action{"Ping": "Pong"})
			second.Login(t, "user").Ask("UserEvent", "UserEvent: Lunch")
			c.event("UserEvent", action{"UserEvent": "Lunch"})
		})
	}
}
