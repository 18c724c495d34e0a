package host_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
)

// doorbell has the actions Ring, for everybody, and Secret, not for the dialplan. It tells of each that is run.
func doorbell(rang chan plugins.Caller) plugins.Kind {
	run := func(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
		rang <- by
		if m.Get("Door") == "none" {
			return plugins.Answer{}, plugins.Refuse("unknown_door", "There is no such door")
		}
		return plugins.Answer{Response: new(ami.Builder).Add("Doors", strings.Join(slices.Collect(m.Values("Door")), "+"))}, nil
	}
	return kind("doorbell", func(plugins.Host) *acting {
		return &acting{actions: []plugins.Action{
			{Name: "Ring", Class: ami.ClassSystem, FromDialplan: true, Headers: []plugins.Header{{Name: "Door", Required: true, Repeated: true}}, Run: run},
			{Name: "Knock", Class: ami.ClassSystem, FromDialplan: true, Headers: anything, Run: run},
			{Name: "Secret", Class: ami.ClassSystem, Run: run},
		}}
	})
}

// anything are the headers that an attacker's event may have: no attack shall fail at these.
var anything = []plugins.Header{{Name: "Channel"}, {Name: "Uniqueid"}, {Name: "Linkedid"}, {Name: "Context"}, {Name: "Privilege"}}

// said is the event that Asterisk 22 sends when a channel's dialplan runs UserEvent(Astproxy,...).
func said(uniqueid string, body ...string) ami.Message {
	b := ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("Channel", "PJSIP/101-00000001").Add("ChannelState", "6").
		Add("ChannelStateDesc", "Up").Add("CallerIDNum", "101").Add("CallerIDName", "Anna").Add("ConnectedLineNum", "<unknown>").
		Add("ConnectedLineName", "<unknown>").Add("Language", "en").Add("AccountCode", "").Add("Context", "default").Add("Exten", "*1").
		Add("Priority", "2").Add("Uniqueid", uniqueid).Add("Linkedid", uniqueid).Add("UserEvent", "Astproxy")
	for _, line := range body {
		name, value, _ := strings.Cut(line, ": ")
		b.Add(name, value)
	}
	return b.Message()
}

// set waits until a channel's variable is set, and returns its value.
func set(t *testing.T, pbx *sim.Server, uniqueid, variable string) string {
	t.Helper()
	m, err := pbx.Await(t.Context(), func(m ami.Message) bool {
		return m.Action() == "Setvar" && m.Get("Channel") == uniqueid && m.Get("Variable") == variable
	})
	if err != nil {
		t.Fatal(err)
	}
	return m.Get("Value")
}

func TestTheDialplanAsksForTheActionsThatItMay(t *testing.T) {
	rang := make(chan plugins.Caller, 10)
	s := plugintest.Start(t, doorbell(rang), nil, plugintest.Options{Triggers: []string{"ring"}})
	s.Asterisk.Broadcast(said("1.1", "Do: Ring", "Door/1: front", "Door/2: back"))
	by := await(t, rang, "the action")
	if by.User != nil || by.Server != plugintest.Server || by.Remote != "PJSIP/101-00000001" || by.Channel.Get("Exten") != "*1" || by.Channel.Get("CallerIDName") != "Anna" || by.Channel.Has("UserEvent") {
		t.Errorf("it is asked by %+v", by)
	}
	if result := set(t, s.Asterisk, "1.1", "ASTPROXY_RESULT"); result != "Success" {
		t.Errorf("the channel is told %s", result)
	}
	s.Asterisk.Broadcast(said("1.2", "Do: Ring", "Door: none"))
	await(t, rang, "the action")
	if result, code := set(t, s.Asterisk, "1.2", "ASTPROXY_RESULT"), set(t, s.Asterisk, "1.2", "ASTPROXY_CODE"); result != "Error" || code != "unknown_door" {
		t.Errorf("the channel is told %s %s", result, code)
	}
	for i, what := range []string{"Knock", "Secret", "Originate", "Command"} { // not switched on, not the dialplan's, and not a plugin's
		id := "2." + string(rune('0'+i))
		s.Asterisk.Broadcast(said(id, "Do: "+what))
		if code := set(t, s.Asterisk, id, "ASTPROXY_CODE"); code != "not_a_trigger" {
			t.Errorf("%s: the channel is told %s", what, code)
		}
	}
	if len(rang) > 0 {
		t.Errorf("%+v was run", <-rang)
	}
}

func TestAPluginHasHeardWhatWasBeforeTheDialplanAsks(t *testing.T) {
	release := make(chan struct{})
	var heard atomic.Bool
	s := plugintest.Start(t, kind("listener", func(plugins.Host) *acting {
		return &acting{
			hear: func(ctx context.Context, e plugins.Event) {
				if e.Message.Get("UserEvent") == "before" {
					select {
					case <-release:
						heard.Store(true)
					case <-ctx.Done():
					}
				}
			},
			actions: []plugins.Action{{Name: "Ring", Class: ami.ClassSystem, FromDialplan: true, Run: func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
				if !heard.Load() {
					return plugins.Answer{}, plugins.Refuse("too_early", "Nothing was heard")
				}
				return plugins.Answer{}, nil
			}}},
		}
	}), nil, plugintest.Options{Triggers: []string{"Ring"}})
	s.Asterisk.Broadcast(ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("UserEvent", "before").Message())
	s.Asterisk.Broadcast(said("1.1", "Do: Ring"))
	s.Asterisk.Broadcast(said("1.2", "Do: Unknown"))
	set(t, s.Asterisk, "1.2", "ASTPROXY_RESULT") // and so the one before it was asked for
	close(release)
	if result := set(t, s.Asterisk, "1.1", "ASTPROXY_RESULT"); result != "Success" {
		t.Errorf("the channel is told %s", result)
	}
}

// Whatever a client puts into an action UserEvent, it is not the dialplan; and no application that it has run says the
// dialplan's words.
//
//astproxy:attack
func TestAClientCannotPassForTheDialplan(t *testing.T) {
	rang := make(chan plugins.Caller, 10)
	s := plugintest.Start(t, doorbell(rang), nil, plugintest.Options{Triggers: []string{"Ring", "Knock"}, Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(), proxytest.User(proxytest.Named("mallory"), proxytest.May([]string{"user"}, []string{"user", "call", "originate", "command", "agi"})),
	}}})
	c := s.Login(t, "mallory")
	channel := []string{"Channel: PJSIP/101-00000001", "Uniqueid: 1.1", "Linkedid: 1.1", "Context: default"}
	for _, headers := range [][]string{
		append([]string{"UserEvent: Astproxy", "Do: Knock"}, channel...),
		append(append([]string{}, channel...), "UserEvent: Astproxy", "Do: Knock"),
		append(append([]string{"UserEvent: x"}, channel...), "UserEvent: Astproxy", "Do: Knock"),
		append(append([]string{"UserEvent:"}, channel...), "UserEvent: Astproxy", "Do: Knock"),
		append(append([]string{"Privilege: user,all"}, channel...), "UserEvent: Astproxy", "Do: Knock"),
	} {
		if m := c.Ask("UserEvent", headers...); m.Response() != "Success" {
			t.Errorf("%v is answered with %s", headers, m)
		}
	}
	for _, headers := range [][]string{
		{"Application: UserEvent", "Data: Astproxy,Do: Knock"},
		{"Application: userevent", "Data:  astproxy ,Do: Knock"},
		{"Application: UserEvent", `Data: "Ast"proxy,Do: Knock`},
		{"Application: UserEvent", `Data: Ast\proxy,Do: Knock`},
		{"Application: UserEvent", "Data: ${X},Do: Knock", "Variable: X=Astproxy"},
	} {
		if m := c.Ask("Originate", append([]string{"Channel: Local/1001@default", "Async: true"}, headers...)...); m.Response() != "Error" || !strings.Contains(m.Get("Message"), "Forbidden") {
			t.Errorf("%v is answered with %s", headers, m)
		}
	}
	for _, command := range []string{"channel originate Local/1001@default application UserEvent Astproxy,Do: Knock"} {
		if m := c.Ask("Command", "Command: "+command); m.Get("Message") != "Permission denied" {
			t.Errorf("%s is answered with %s", command, m)
		}
	}
	if m := c.Ask("AGI", "Channel: PJSIP/101-00000001", `Command: EXEC UserEvent "Astproxy,Do: Knock"`); m.Get("Message") != "Permission denied" {
		t.Errorf("AGI is answered with %s", m)
	}
	if m := c.Ask("Originate", "Channel: Local/1001@default", "Async: true", "Application: UserEvent", "Data: Mine,Do: Knock"); m.Response() != "Success" {
		t.Errorf("another event is answered with %s", m)
	}
	// What the guard lets through because it is another event is not taken for that one.
	other := said("3.0", "Do: Knock")
	other = other.ReplacingValue(other.Index("UserEvent"), "A\u017ftproxy") // a long s, which is an s without case
	if m := c.Ask("Originate", "Channel: Local/1001@default", "Async: true", "Application: UserEvent", "Data: A\u017ftproxy,Do: Knock"); m.Response() != "Success" {
		t.Errorf("another event is answered with %s", m)
	}
	if host.IsTrigger(plugins.Event{Server: plugintest.Server, Message: other}) || !host.IsTrigger(plugins.Event{Message: said("3.0", "Do: Knock")}) {
		t.Error("the name of another event passes for that by which the dialplan asks, or that does not")
	}
	// Events that are not as Asterisk makes them are nobody's words either.
	for _, m := range []ami.Message{
		said("3.1", "Do: Knock", "UserEvent: Astproxy"),
		said("3.2", "Do: Knock", "Do: Ring"),
		said("3.3"),
		said("", "Do: Knock"),
	} {
		s.Asterisk.Broadcast(m)
	}
	s.Asterisk.Broadcast(said("9.9", "Do: Ring", "Door: front")) // the last, of all that was said
	if by := await(t, rang, "the action"); by.Channel.Get("Uniqueid") != "9.9" {
		t.Errorf("run for %+v", by)
	}
}

//astproxy:attack
func TestAJobThatTheDialplanHasBegunIsTheAdministrators(t *testing.T) {
	w := newWork()
	s := plugintest.Start(t, worker(w), nil, plugintest.Options{Triggers: []string{"Work"}, Proxy: proxytest.Options{Users: users()}})
	s.Asterisk.Broadcast(said("1.1", "Do: Work"))
	id := set(t, s.Asterisk, "1.1", "ASTPROXY_JOBID")
	set(t, s.Asterisk, "1.1", "ASTPROXY_RESULT")
	for user, want := range map[string]int{"user": 200, "anna": 404} {
		if status, _, _ := request(t, s, user, "GET", "/api/v1/jobs/"+id, asJSON, ""); status != want {
			t.Errorf("%s is answered %d", user, status)
		}
	}
	close(w.progress)
	s.Asterisk.Broadcast(said("1.2", "Do: Work", "Wait: yes"))
	if result := set(t, s.Asterisk, "1.2", "ASTPROXY_RESULT"); result != "Success" {
		t.Errorf("the channel that waits is told %s", result)
	}
}
