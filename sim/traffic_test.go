package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

var eventsOfTraffic = []string{
	"Newchannel", "Newstate", "Newexten", "DialBegin", "DialState", "DialEnd", "BridgeCreate", "BridgeEnter", "BridgeLeave", "BridgeDestroy",
	"QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon", "AgentCalled", "AgentConnect", "AgentComplete",
	"QueueMemberStatus", "QueueMemberPause", "DeviceStateChange", "MusicOnHoldStart", "Hangup", "Cdr", "CEL", "VarSet",
}

// Traffic is by chance: in twenty minutes most has happened, and in a day everything.
func TestTrafficIsAlive(t *testing.T) {
	bubble(t, sim.Config{Traffic: 2 * time.Second}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		seen := make(map[string]int)
		channels := make(map[string]bool)
		lacks := func() bool {
			return slices.ContainsFunc(eventsOfTraffic, func(name string) bool { return seen[name] == 0 })
		}
		for began := time.Now(); time.Since(began) < 20*time.Minute || lacks() && time.Since(began) < 24*time.Hour; {
			m := c.read()
			seen[m.Event()]++
			switch m.Event() {
			case "Newchannel":
				channels[m.Get("Uniqueid")] = true
			case "Hangup":
				if !channels[m.Get("Uniqueid")] {
					t.Fatalf("ended without having begun:\n%v", m)
				}
				delete(channels, m.Get("Uniqueid"))
			}
		}
		for _, name := range eventsOfTraffic {
			if seen[name] == 0 {
				t.Errorf("no %s", name)
			}
		}
		if len(channels) > 40 {
			t.Errorf("%d channels are still there", len(channels))
		}
		if n := seen["BridgeCreate"]; n < 130 || n-seen["BridgeDestroy"] > 20 {
			t.Errorf("%d conversations, %d ended", n, seen["BridgeDestroy"])
		}
	})
}
