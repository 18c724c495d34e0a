package sim_test

import (
	"testing"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestACustomDeviceIsALampThatQueuesSee(t *testing.T) {
	c := login(t, simtest.Start(t, sim.Config{}))
	for device, want := range map[string]string{"PJSIP/101": "NOT_INUSE", "PJSIP/999": "INVALID", "Custom:HOTDESK741": "UNKNOWN"} {
		if m := c.ask("Getvar", "Variable", "DEVICE_STATE("+device+")"); m.Get("Value") != want {
			t.Errorf("%s is %q, not %s", device, m.Get("Value"), want)
		}
	}
	wantMessage(t, c.ask("Setvar", "Variable", "DEVICE_STATE(Custom:HOTDESK741)", "Value", "INUSE"), "Variable Set")
	if m := c.ask("Getvar", "Variable", "DEVICE_STATE(Custom:HOTDESK741)"); m.Get("Value") != "INUSE" {
		t.Errorf("the lamp is %q", m.Get("Value"))
	}
}
