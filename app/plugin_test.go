package app

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestAReloadSwitchesPluginsOnAndOff(t *testing.T) {
	useKinds(t, doorbellKind)
	asterisk := simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + listener("ami", "127.0.0.1:0") + aUser
	r := run(t, rest)
	r.up("pbx")
	c := r.login()
	rings := func(want string) {
		t.Helper()
		if m := c.Ask("Ring"); !strings.HasPrefix(m.Get("Message"), want) {
			t.Errorf("it is answered with %s, want %s", m, want)
		}
	}
	rings("ding") // it is on although nobody has said so
	r.reload(rest, "[plugin.doorbell]\nsound = 'dong'\n")
	rings("dong")
	r.reload(rest, "[plugin.doorbell]\nenabled = false\n")
	rings("Invalid/unknown command: Ring")
	r.reload(rest)
	rings("ding")
	r.write(rest, "[plugin.doorbell]\nsound = 'broken'\n")
	if err := r.Reload(); err == nil || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("a plugin that cannot be made: %v", err)
	}
	rings("ding")
}
