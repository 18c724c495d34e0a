package sim_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// originate sends an asynchronous Originate of Local/exten or a whole channel; more are further headers.
func (c *client) originate(channel string, more ...string) {
	c.t.Helper()
	if !strings.Contains(channel, "/") {
		channel = "Local/" + channel + "@default"
	}
	m := c.ask(append([]string{"Originate", "ActionID", "o", "Async", "true", "Channel", channel}, more...)...)
	wantMessage(c.t, m, "Originate successfully queued")
}

// drain drops the events that came so far.
func (c *client) drain() {
	c.t.Helper()
	synctest.Wait()
	c.ask("Ping")
	c.events = nil
}

// sequence is the events that were sent up to one called last, but for those of topics of their own.
func (c *client) sequence(last string) string {
	c.t.Helper()
	names := slices.DeleteFunc(c.until(last), func(name string) bool {
		return slices.Contains([]string{"CEL", "TestEvent", "Cdr", "VarSet", "DeviceStateChange"}, name)
	})
	return strings.Join(names, " ")
}

var toWait = []string{"Application", "Wait", "Data", "3600"}

func TestHowAnOriginateEnds(t *testing.T) {
	for channel, test := range map[string]struct {
		reason string
		after  time.Duration
	}{
		"1001":                 {"4", 0},
		"2001":                 {"3", 5 * time.Second},
		"ring":                 {"3", 5 * time.Second},
		"3001":                 {"5", 0},
		"5999":                 {"0", 0},
		"Local/1001@elsewhere": {"0", 0},
		"Bogus/1":              {"0", 0},
		"PJSIP/101":            {"4", 2 * time.Second},
		"PJSIP/109":            {"0", 0}, // not registered
		"PJSIP/201":            {"3", 5 * time.Second},
		"PJSIP/301":            {"0", 0}, // Asterisk does not say busy there
		"PJSIP/nobody":         {"0", 0},
		"101":                  {"4", 2 * time.Second},
	} {
		t.Run(channel, func(t *testing.T) {
			config := sim.Config{RingTime: 2 * time.Second, Phones: []sim.Phone{{Endpoint: "101", Name: "Ann"}, {Endpoint: "109", Offline: true}}}
			bubble(t, config, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
				c := join(t, l)
				began := time.Now()
				c.originate(channel, append(toWait, "Timeout", "5000")...)
				m := c.event("OriginateResponse")
				if m.Get("Reason") != test.reason || m.ActionID() != "o" || time.Since(began) != test.after {
					t.Errorf("after %v:\n%v", time.Since(began), m)
				}
				if success := m.Response() == "" && m.Get("Response") == "Success"; success != (test.reason == "4") {
					t.Error(m)
				}
			})
			bubble(t, config, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
				c := join(t, l, "Events", "off")
				if !strings.Contains(channel, "/") {
					channel = "Local/" + channel + "@default"
				}
				want := "Originate failed"
				if test.reason == "4" {
					want = "Originate successfully queued"
				}
				wantMessage(t, c.ask(append([]string{"Originate", "Channel", channel, "Timeout", "5000"}, toWait...)...), want)
			})
		})
	}
}

func TestWhatAnOriginateIsRefusedFor(t *testing.T) {
	place := []string{"Context", "default", "Exten", "1001"}
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "off")
		for _, test := range []struct {
			want    string
			headers []string
		}{
			{"Channel not specified", nil},
			{"Uniqueid length exceeds maximum of 149", []string{"ChannelId", strings.Repeat("a", 150)}},
			{"Invalid channel", []string{"Channel", "nonsense"}},
			{"Invalid priority", append(place, "Channel", "Local/1@default", "Priority", "label")},
			{"Invalid timeout", append(place, "Channel", "nonsense", "Priority", "1", "Timeout", "soon")},
			{"Extension does not exist.", []string{"Channel", "Local/1001@default", "Context", "default", "Exten", "5999", "Priority", "1"}},
			{"Extension does not exist.", append(place, "Channel", "Local/1001@default", "Priority", "9")},
			{"Originate with 'Exten' requires 'Context' and 'Priority'", append(place, "Channel", "Local/1001@default")},
		} {
			wantMessage(t, c.ask(append([]string{"Originate"}, test.headers...)...), test.want)
		}
		// The asynchronous form places the call of the last one.
		c.originate("1001", place...)
	})
}

func TestUniqueidsCanBeGivenOnce(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		ids := append([]string{"ChannelId", "mine-a", "OtherChannelId", "mine-b"}, toWait...)
		c.originate("1001", ids...)
		if m := c.event("OriginateResponse"); m.Get("Uniqueid") != "mine-a" {
			t.Error(m)
		}
		c.originate("1001", ids...)
		if m := c.event("OriginateResponse"); m.Get("Reason") != "0" || m.Get("Uniqueid") != "mine-a" {
			t.Error(m)
		}
		wantMessage(t, c.ask("Hangup", "Channel", "mine-b", "Cause", "21"), "Channel Hungup")
		if m := c.event("Hangup", "Uniqueid", "mine-b"); m.Get("Cause") != "21" || m.Get("Cause-txt") != "Call Rejected" {
			t.Error(m)
		}
		c.event("Hangup", "Uniqueid", "mine-a")
		wantMessage(t, c.ask("Hangup", "Channel", "mine-a"), "No such channel")
	})
}

func TestAnOriginateBringsCallerIDAndVariables(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.originate("1001", append(toWait, "CallerID", `"Ann B" <555>`, "Account", "acc", "Variable", "A=1,B=2", "Variable", "__C=x y", "ChannelId", "it")...)
		c.event("VarSet", "Variable", "__C", "Value", "x y")
		c.event("NewAccountCode", "AccountCode", "acc")
		if m := c.event("NewCallerid"); m.Get("CallerIDNum") != "555" || m.Get("CallerIDName") != "Ann B" {
			t.Error(m)
		}
		c.event("OriginateResponse", "CallerIDNum", "555", "CallerIDName", "Ann B")
		for name, value := range map[string]string{"A": "1", "B": "2", "C": "x y", "CHANNEL(nothing)": ""} {
			if m := c.ask("Getvar", "Channel", "it", "Variable", name); m.Get("Value") != value {
				t.Error(m)
			}
		}
	})
}

func TestAnOriginateCanBeLate(t *testing.T) {
	bubble(t, sim.Config{OriginateDelay: 5 * time.Millisecond}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.originate("1001", append(toWait, "ChannelId", "late")...)
		wantMessage(t, c.ask("Hangup", "Channel", "late"), "No such channel")
		c.event("Newchannel")
		wantMessage(t, c.ask("Hangup", "Channel", "late"), "Channel Hungup")
	})
}

func TestHangingUpWhatRings(t *testing.T) {
	for half, want := range map[string]string{
		"a": "DialEnd HangupRequest SoftHangupRequest Hangup",
		"b": "SoftHangupRequest HangupRequest Hangup",
	} {
		bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
			c := join(t, l)
			c.originate("2001", append(toWait, "ChannelId", "a", "OtherChannelId", "b")...)
			c.drain()
			c.ask("Hangup", "Channel", half)
			got := strings.ReplaceAll(c.sequence("Hangup"), "OriginateResponse ", "")
			if got != want {
				t.Errorf("%s: %s", half, got)
			}
		})
	}
}

func TestAPhoneCallsAnother(t *testing.T) {
	bubble(t, sim.Config{RingTime: time.Second}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		// 101's phone is called first, then the extension 102 from there.
		c.originate("PJSIP/101", "Context", "default", "Exten", "102", "Priority", "1")
		c.event("OriginateResponse", "Reason", "4")
		if m := c.event("DialBegin", "DialString", "102"); !strings.HasPrefix(m.Get("Channel"), "PJSIP/101-") || m.Get("DestCallerIDName") != "Bob" {
			t.Error(m)
		}
		c.event("DialState", "DialStatus", "RINGING")
		c.event("DialEnd", "DialStatus", "ANSWER")
		if got := c.sequence("BridgeEnter") + " " + c.sequence("BridgeEnter"); got != "NewConnectedLine BridgeCreate BridgeEnter BridgeEnter" {
			t.Error(got)
		}
		list := c.list("CoreShowChannels")
		if len(list) != 4 || list[1].Get("BridgeId") == "" || list[1].Get("BridgeId") != list[2].Get("BridgeId") {
			t.Error(list)
		}
		if bridges := c.list("BridgeList"); len(bridges) != 3 {
			t.Error(bridges)
		}
		c.drain()
		c.ask("Hangup", "Channel", list[2].Get("Channel"))
		got := c.sequence("BridgeDestroy") + " " + c.sequence("Hangup") + " " + c.sequence("Hangup")
		if got != "HangupRequest BridgeLeave BridgeLeave BridgeDestroy Hangup SoftHangupRequest Hangup" {
			t.Error(got)
		}
		if bridges := c.list("BridgeList"); len(bridges) != 2 {
			t.Error(bridges)
		}
	})
}

func TestTwoInABridgeAreRedirectedIntoAConference(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.originate("PJSIP/101", "Context", "default", "Exten", "102", "Priority", "1")
		c.drain()
		list := c.list("CoreShowChannels")
		first, second := list[1].Get("Channel"), list[2].Get("Channel")
		for _, channel := range []string{first, second} {
			wantMessage(t, c.ask("Setvar", "Channel", channel, "Variable", "CONFNUM", "Value", "77"), "Variable Set")
		}
		m := c.ask("Redirect", "Channel", first, "ExtraChannel", second, "Context", "default", "Exten", "conference", "Priority", "1")
		wantMessage(t, m, "Dual Redirect successful")
		c.event("ConfbridgeJoin", "Conference", "77")
		c.event("ConfbridgeJoin", "Conference", "77")
		if rooms := c.list("ConfbridgeListRooms"); rooms[1].Get("Parties") != "2" {
			t.Error(rooms)
		}
		c.ask("Hangup", "Channel", first)
		c.event("ConfbridgeLeave", "Channel", first)
		c.ask("Hangup", "Channel", second)
		c.event("ConfbridgeEnd")
		wantMessage(t, c.ask("ConfbridgeListRooms"), "No active conferences.")
	})
}

func TestRedirectingWhoIsInNoDialplan(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.originate("1001", "Application", "ConfBridge", "Data", "5", "ChannelId", "lost")
		c.event("ConfbridgeJoin")
		wantMessage(t, c.ask("Redirect", "Channel", "lost", "Context", "default", "Exten", "1002", "Priority", "1"), "Redirect successful")
		c.event("ConfbridgeLeave")
		c.event("Hangup", "Uniqueid", "lost")
	})
}

func TestConferenceActions(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		join := func(exten, id string, more ...string) {
			c.originate(exten, append([]string{"Application", "ConfBridge", "Data", "5", "ChannelId", id}, more...)...)
			c.event("ConfbridgeJoin", "Uniqueid", id)
		}
		join("1001", "boss", "Variable", "CONFBRIDGE(user,admin)=yes")
		join("1002", "guest", "Variable", "CONFBRIDGE(user,startmuted)=yes")
		list := c.list("ConfbridgeList", "Conference", "5")
		if list[1].Get("Admin") != "Yes" || list[2].Get("Muted") != "Yes" {
			t.Error(list)
		}
		for _, test := range [][3]string{
			{"ConfbridgeMute", "guest", "No Channel by that name found in Conference."}, // a Uniqueid is no name
			{"ConfbridgeMute", "Local/1002", "User muted"},                              // a prefix is
			{"ConfbridgeKick", "Local/1002", "No Channel by that name found in Conference."},
			{"ConfbridgeUnmute", "participants", "User unmuted"},
			{"ConfbridgeStartRecord", "", "Conference Recording Started."},
			{"ConfbridgeStartRecord", "", "Conference is already being recorded."},
			{"ConfbridgeStopRecord", "", "Conference Recording Stopped."},
			{"ConfbridgeStopRecord", "", "Internal error while stopping recording."},
			{"ConfbridgeMute", "", "No channel name provided."},
			{"ConfbridgeLock", "", "Conference locked"},
		} {
			wantMessage(t, c.ask(test[0], "Conference", "5", "Channel", test[1]), test[2])
		}
		wantMessage(t, c.ask("ConfbridgeLock", "Conference", "6"), "No Conference by that name found.")
		c.originate("1003", "Application", "ConfBridge", "Data", "5", "ChannelId", "late")
		c.event("Hangup", "Uniqueid", "late")
		wantMessage(t, c.ask("ConfbridgeKick", "Conference", "5", "Channel", list[2].Get("Channel")), "User kicked")
		c.event("Hangup", "Uniqueid", "guest")
		wantMessage(t, c.ask("ConfbridgeKick", "Conference", "5", "Channel", "participants"), "User kicked")
		wantMessage(t, c.ask("ConfbridgeKick", "Conference", "5", "Channel", "all"), "All participants kicked")
		c.event("ConfbridgeEnd")
	})
}

func TestPhonesComeAndGo(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		s.Unregister("101")
		c.event("ContactStatus", "ContactStatus", "Removed", "EndpointName", "101")
		c.event("DeviceStateChange", "Device", "PJSIP/101", "State", "UNAVAILABLE")
		if m := c.ask("ExtensionState", "Exten", "101"); m.Get("StatusText") != "Unavailable" || m.Get("Hint") != "PJSIP/101" {
			t.Error(m)
		}
		c.originate("PJSIP/101", toWait...)
		c.event("OriginateResponse", "Reason", "0")
		s.Unregister("101")
		s.Register("nobody")
		s.Register("101")
		c.event("ContactStatus", "ContactStatus", "NonQualified")
		if list := c.list("PJSIPShowContacts"); len(list) != 12 {
			t.Error(list)
		}
		if list := c.list("PJSIPShowEndpoint", "Endpoint", "101"); len(list) != 5 || list[1].Get("Callerid") != `"Ann" <101>` {
			t.Error(list)
		}
		wantMessage(t, c.ask("PJSIPShowEndpoint", "Endpoint", "999"), "Unable to retrieve endpoint 999")
	})
}
