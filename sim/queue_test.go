package sim_test

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestACallerIsServedByAQueue(t *testing.T) {
	bubble(t, sim.Config{RingTime: 2 * time.Second}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		for _, who := range [][2]string{{"PJSIP/101", "Ann"}, {"PJSIP/102", "Bob"}} {
			wantMessage(t, c.ask("QueueAdd", "Queue", "support", "Interface", who[0], "MemberName", who[1]), "Added interface to queue")
		}
		c.originate("1001", "Context", "default", "Exten", "4001", "Priority", "1", "ChannelId", "caller")
		c.event("QueueCallerJoin", "Queue", "support", "Position", "1", "Count", "1")
		c.event("AgentCalled", "MemberName", "Ann")
		c.event("AgentCalled", "MemberName", "Bob")
		c.event("QueueMemberStatus", "Status", "6")
		c.event("DialEnd", "DialStatus", "ANSWER")
		c.event("DialEnd", "DialStatus", "CANCEL")
		c.event("QueueCallerLeave", "Count", "0")
		connect := c.event("AgentConnect", "HoldTime", "2")
		if connect.Get("MemberName") != "Ann" || connect.Get("Uniqueid") != "caller" {
			t.Error(connect)
		}
		c.event("BridgeEnter")
		time.Sleep(8 * time.Second) // the clock of the bubble
		c.ask("Hangup", "Channel", connect.Get("DestChannel"))
		c.event("AgentComplete", "TalkTime", "8", "HoldTime", "2", "Reason", "agent")
		c.event("Hangup", "Uniqueid", "caller")
		status := c.list("QueueStatus", "Queue", "support")
		if q := status[1]; q.Get("Completed") != "1" || q.Get("Holdtime") != "2" || q.Get("TalkTime") != "8" || q.Get("Calls") != "0" {
			t.Error(q)
		}
		if ann := status[2]; ann.Get("CallsTaken") != "1" || ann.Get("Status") != "1" || ann.Get("InCall") != "0" {
			t.Error(ann)
		}
	})
}

func TestACallerGivesUp(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.ask("QueueAdd", "Queue", "support", "Interface", "PJSIP/201") // rings for ever
		c.ask("QueueAdd", "Queue", "support", "Interface", "PJSIP/101", "Paused", "true")
		c.originate("1001", "Context", "default", "Exten", "4001", "Priority", "1", "ChannelId", "caller")
		c.event("AgentCalled", "Interface", "PJSIP/201")
		c.event("AgentRingNoAnswer", "Interface", "PJSIP/201", "RingTime", "15000")
		c.event("AgentCalled", "Interface", "PJSIP/201") // again
		if list := c.list("QueueStatus", "Queue", "support"); list[4].Event() != "QueueEntry" || list[4].Get("Wait") != "20" {
			t.Error(list)
		}
		c.ask("Hangup", "Channel", "caller")
		c.event("QueueCallerAbandon", "HoldTime", "20")
		c.event("QueueCallerLeave", "Count", "0")
		c.event("Hangup", "Uniqueid", "caller")
		if list := c.list("QueueStatus", "Queue", "support"); list[1].Get("Abandoned") != "1" {
			t.Error(list)
		}
		if list := c.list("CoreShowChannels"); len(list) != 2 {
			t.Error(list)
		}
	})
}

func TestWhoComesBackIsRung(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.ask("QueueAdd", "Queue", "support", "Interface", "Local/1002@default/n", "MemberName", "Bob", "StateInterface", "PJSIP/102", "Paused", "true", "Reason", "lunch")
		c.originate("1001", "Context", "default", "Exten", "4001", "Priority", "1", "ChannelId", "caller")
		c.event("QueueCallerJoin")
		c.drain()
		wantMessage(t, c.ask("QueuePause", "Interface", "Local/1002@default/n", "Paused", "false"), "Interface unpaused successfully")
		c.event("AgentConnect", "MemberName", "Bob")
		c.event("BridgeEnter", "Uniqueid", "caller")
		c.ask("Hangup", "Channel", "caller")
		c.event("AgentComplete", "Reason", "caller")
	})
}

func TestQueueActionsRefuse(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "off")
		c.ask("QueueAdd", "Queue", "support", "Interface", "PJSIP/101")
		for _, test := range []struct {
			want    string
			headers []string
		}{
			{"'Queue' not specified.", []string{"QueueAdd", "Interface", "x"}},
			{"'Interface' not specified.", []string{"QueueAdd", "Queue", "support"}},
			{"Unable to add interface to queue: No such queue", []string{"QueueAdd", "Queue", "none", "Interface", "x"}},
			{"Unable to add interface: Already there", []string{"QueueAdd", "Queue", "support", "Interface", "PJSIP/101"}},
			{"Unable to remove interface: Not there", []string{"QueueRemove", "Queue", "support", "Interface", "x"}},
			{"Unable to remove interface from queue: No such queue", []string{"QueueRemove", "Queue", "none", "Interface", "x"}},
			{"Interface not found", []string{"QueuePause", "Interface", "x", "Paused", "true"}},
			{"Need 'Interface' and 'Paused' parameters.", []string{"QueuePause", "Interface", "x"}},
			{"Interface penalty set successfully", []string{"QueuePenalty", "Interface", "PJSIP/101", "Penalty", "3"}},
			{"Invalid interface, queuename or penalty", []string{"QueuePenalty", "Interface", "x", "Penalty", "3"}},
			{"Interface ringinuse set successfully", []string{"QueueMemberRingInUse", "Interface", "PJSIP/101", "RingInUse", "no"}},
			{"Queue stats reset successfully", []string{"QueueReset"}},
			{"Removed interface from queue", []string{"QueueRemove", "Queue", "support", "Interface", "PJSIP/101"}},
		} {
			wantMessage(t, c.ask(test.headers...), test.want)
		}
	})
}
