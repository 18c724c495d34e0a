package sim_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestSynchronousOriginateHoldsItsSession(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	other := login(t, s)
	c.send("Originate", "ActionID", "slow", "Channel", "Local/2001@default", "Exten", "1001", "Context", "default", "Priority", "1", "Timeout", "100")
	c.send("Ping", "ActionID", "ping")
	other.event("Newchannel", "Exten", "2001")
	if r := other.ask("Ping"); r.Get("Ping") != "Pong" {
		t.Errorf("another session's Ping got %v", r)
	}
	if r := c.response(); r.ActionID() != "slow" || r.Get("Message") != "Originate failed" {
		t.Errorf("first reply is %v", r)
	}
	if r := c.response(); r.ActionID() != "ping" {
		t.Errorf("second reply is %v", r)
	}
	c.event("Newchannel", "Exten", "2001")
}

func TestAsynchronousOriginate(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	r := c.ask("Originate", "ActionID", "a", "Async", "true", "Channel", "Local/1001@default", "Exten", "1002", "Context", "default", "Priority", "1")
	if r.Get("Message") != "Originate successfully queued" {
		t.Fatal(r)
	}
	e := c.event("OriginateResponse")
	if e.ActionID() != "a" || e.Get("Reason") != "4" {
		t.Error(e)
	}
	if l := c.list("CoreShowChannels"); len(l) != 4 || l[3].Get("ListItems") != "2" {
		t.Error(l)
	}
	c.list("Hangup", "Channel", "/.*/")
	c.event("Hangup")
	c.event("Hangup")
	if l := c.list("CoreShowChannels"); len(l) != 2 {
		t.Error(l)
	}
}

func TestAwait(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	c.send("Ping", "ActionID", "here")
	m, err := s.Await(context.Background(), func(m ami.Message) bool { return m.Action() == "Ping" })
	if err != nil || m.ActionID() != "here" {
		t.Error(m, err)
	}
}

func TestWaitEventEndsWithAnEventOrAnyInput(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "user")
		c.send("WaitEvent", "ActionID", "1", "Timeout", "-1")
		synctest.Wait()
		s.Broadcast(ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("UserEvent", "Hello").Message())
		wantMessage(t, c.response(), "Waiting for Event completed.")
		if m := c.read(); m.Event() != "UserEvent" || m.Get("UserEvent") != "Hello" {
			t.Errorf("got %v", m)
		}
		if m := c.read(); m.Event() != "WaitEventComplete" || m.ActionID() != "1" {
			t.Errorf("got %v", m)
		}

		c.send("WaitEvent", "ActionID", "2", "Timeout", "-1")
		c.send("Ping", "ActionID", "3")
		wantMessage(t, c.response(), "Waiting for Event completed.")
		if m := c.read(); m.Event() != "WaitEventComplete" {
			t.Errorf("got %v", m)
		}
		if m := c.response(); m.ActionID() != "3" {
			t.Errorf("got %v", m)
		}

		began := time.Now()
		c.ask("WaitEvent", "Timeout", "7")
		if waited := time.Since(began); waited != 7*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestEventsAreThoseOfTheMask(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "call,reporting")
		send := func(name, privilege string) {
			s.Broadcast(ami.NewEvent(name).Add("Privilege", privilege).Message())
		}
		send("No", "user,all")
		send("NotEither", "call,user,all") // all classes must be in the mask
		send("Yes", "call,all")
		send("Also", "call,reporting,all")
		if got := fmt.Sprint(c.read().Event(), c.read().Event()); got != "YesAlso" {
			t.Errorf("got %s", got)
		}
		if m := c.ask("Events", "EventMask", "off"); m.Get("Events") != "Off" || m.Has("Message") {
			t.Error(m)
		}
		send("Off", "call,all")
		if m := c.ask("Ping"); m.Get("Ping") != "Pong" || len(c.events) > 0 {
			t.Error(m, c.events)
		}
		if m := c.ask("Events", "EventMask", "on"); m.Get("Events") != "On" {
			t.Error(m)
		}
		wantMessage(t, c.ask("Events", "EventMask", ""), "Invalid event mask")
		send("Last", "call,all")
		if m := c.read(); m.Event() != "Last" {
			t.Error(m)
		}
	})
}

func TestAUserMayWhatHisClassesSay(t *testing.T) {
	limited := sim.User{Name: "limited", Secret: "s", Read: ami.ClassCall | ami.ClassUser, Write: ami.ClassCall | ami.ClassOriginate}
	bubble(t, sim.Config{Users: []sim.User{limited}}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		guard := join(t, l, "Events", "security")
		c := connect(t, l)
		c.login("LIMITED", "s")
		wantMessage(t, c.ask("Command", "Command", "core show version"), "Permission denied")
		if m := guard.event("RequestNotAllowed"); m.Get("RequestType") != "Action: Command" || m.Get("AccountID") != "limited" {
			t.Error(m)
		}
		wantMessage(t, c.ask("Originate", "Channel", "Local/1001@default", "Application", "System", "Data", "x"),
			"Originate Access Forbidden: app or data blacklisted")
		m := c.ask("ListCommands")
		if m.Has("Command") || !m.Has("Originate") || !m.Has("Ping") || !m.Has("QueueStatus") {
			t.Error(m)
		}
	})
}

func TestUnknownActionsAreReported(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		guard := join(t, l, "Events", "security")
		c := join(t, l)
		wantMessage(t, c.ask("Nonsense"), "Invalid/unknown command: Nonsense. Use Action: ListCommands to show available commands.")
		if m := guard.event("RequestBadFormat"); m.Get("RequestType") != "Action: Nonsense" {
			t.Error(m)
		}
	})
}

// What Asterisk 22 answered to these bytes.
func TestLinesAreReadAsAsteriskReadsThem(t *testing.T) {
	const ping = "Action: Ping\r\nActionID: 1\r\n"
	long := func(n int) string { return ping + "X: " + strings.Repeat("a", n-3) + "\r\nY: b\r\n\r\n" }
	for name, test := range map[string]struct{ input, want string }{
		"1022 bytes":   {long(1022), "1"},
		"1023 bytes":   {long(1023), "Failed to parse message: line too long|Missing action in request"},
		"3000 bytes":   {long(3000), "Failed to parse message: line too long"},
		"128 headers":  {ping + strings.Repeat("X: y\r\n", 126) + "\r\n", "1"},
		"129 headers":  {ping + strings.Repeat("X: y\r\n", 127) + "\r\n", "Too many lines in message or allocation failure"},
		"nothing":      {"\r\n", "Missing action in request"},
		"only LF":      {"Action: Ping\nActionID: 1\n\n", "1"},
		"NUL in front": {ping + "\x00foo\r\nAction: Ping\r\nActionID: 2\r\n\r\n", "1|2"},
		"NUL inside":   {"Action: Ping\r\nActionID: 1\x00foo\r\n\r\n", "1"},
		"two actions":  {"Action:\r\nAction: Ping\r\nActionID: 1\r\nActionID: 2\r\n\r\n", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := simtest.Start(t, sim.Config{})
			c := login(t, s, "Events", "off")
			_, _ = c.conn.Write([]byte(test.input))
			c.send("Ping", "ActionID", "end")
			var got []string
			for m := c.response(); m.ActionID() != "end"; m = c.response() {
				if m.Has("Message") {
					got = append(got, m.Get("Message"))
				} else {
					got = append(got, m.ActionID())
				}
			}
			if strings.Join(got, "|") != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestFiltersOfASession(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		for _, refused := range [][2]string{{"", ""}, {"", "("}, {"foo(x)", "x"}, {"name(X),method(none)", "x"}, {"name(X),method(exact)", ""}, {"method(exact)", ""}} {
			if m := c.ask("Filter", "Operation", "Add", "MatchCriteria", refused[0], "Filter", refused[1]); m.Response() != "Error" {
				t.Errorf("%q: %v", refused, m)
			}
		}
		wantMessage(t, c.ask("Filter", "Operation", "Remove"), "Unknown operation")
		wantMessage(t, c.ask("Filter", "Operation", "Add", "MatchCriteria", "name(One)", "Filter", ""), "Success")
		wantMessage(t, c.ask("Filter", "Operation", "Add", "MatchCriteria", "header(Channel),method(starts_with)", "Filter", "PJSIP/"), "Success")
		wantMessage(t, c.ask("Filter", "Operation", "Add", "Filter", "!Secret: .*x"), "Success")
		for _, e := range []string{
			"Event: Two\nPrivilege: call,all\nChannel: Local/1", "Event: One\nPrivilege: call,all\nSecret: x",
			"Event: Two\nPrivilege: call,all\nChannel: PJSIP/1", "Event: One\nPrivilege: call,all",
		} {
			s.Broadcast(ami.Parse(e))
		}
		if got := c.read().Event() + c.read().Event(); got != "TwoOne" {
			t.Error(got)
		}
	})
}

func TestAPingIsAnsweredInThreeWrites(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "off")
		c.send("Ping", "ActionID", "p")
		buffer := make([]byte, 1000)
		var writes [][]byte
		for range 3 {
			n, err := c.conn.Read(buffer)
			if err != nil {
				t.Fatal(err)
			}
			writes = append(writes, bytes.Clone(buffer[:n]))
		}
		if string(writes[0]) != "Response: Success\r\n" || string(writes[1]) != "ActionID: p\r\n" {
			t.Errorf("%q", writes)
		}
	})
}

func TestPipelinedActionsAreAnsweredBeforeTheEnd(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s, "Events", "off")
	for _, id := range []string{"1", "2", "3"} {
		c.send("Ping", "ActionID", id)
	}
	c.send("Logoff", "ActionID", "4")
	for _, id := range []string{"1", "2", "3", "4"} {
		if m := c.response(); m.ActionID() != id {
			t.Errorf("got %v, want %s", m, id)
		}
	}
	if _, err := c.reader.Read(); err == nil {
		t.Error("the session goes on after Logoff")
	}
}

func TestEventsFromBeforeAnActionComeBeforeItsAnswer(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	for range 100 {
		s.Stall()
		c.send("Ping") // and it waits to be run, or to be read
		s.Broadcast(ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("UserEvent", "before").Message())
		s.Resume()
		c.response()
		if !slices.ContainsFunc(c.events, func(m ami.Message) bool { return m.Get("UserEvent") == "before" }) {
			t.Fatal("the event comes after the answer")
		}
		c.events = nil
	}
}
