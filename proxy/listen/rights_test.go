package listen_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
)

// classedEvents are events of various classes, the last one of none: everybody sees it.
var classedEvents = []struct{ name, privilege string }{
	{"System", "system,all"},
	{"Call", "call,all"},
	{"CallAgent", "call,agent,all"},
	{"User", "user,all"},
	{"Newer", "holograms,all"}, // a class that a newer Asterisk has
	{"All", "all"},
	{"None", "<none>"},
}

func broadcastClassed(asterisk *sim.Server) {
	for _, e := range classedEvents {
		asterisk.Broadcast(ami.NewEvent(e.name).Add("Privilege", e.privilege).Message())
	}
}

//astproxy:attack
func TestAnEventNeedsAllItsClasses(t *testing.T) {
	asterisk, p := start(t, user("caller", []string{"call"}, nil), user("agent", []string{"agent", "call"}, nil), user("nobody", nil, nil))
	for _, test := range []struct{ user, mask, want string }{
		{"user", "", "System Call CallAgent User Newer All None"},
		{"user", "on", "System Call CallAgent User Newer All None"},
		{"user", "all", "System Call CallAgent User Newer All None"},
		{"user", "call", "Call All None"},
		{"user", "call,agent", "Call CallAgent All None"},
		{"user", "agent", "All None"},
		{"user", "3", "System Call All None"},
		{"user", "off", ""},
		{"user", "0", ""},
		{"user", "bogus", ""},
		{"user", "user,bogus", "User All None"},
		{"caller", "", "Call All None"},
		{"caller", "on", "Call All None"},
		{"caller", "system,call", "Call All None"},
		{"caller", "system", ""},
		{"agent", "", "Call CallAgent All None"},
		{"agent", "call", "Call All None"},
		{"nobody", "", ""},
	} {
		atLogin := p.Login(t, test.user, "Events: "+test.mask)
		later := p.Login(t, test.user)
		if test.mask != "" {
			later.Ask("Events", "EventMask: "+test.mask)
		}
		settled(atLogin) // past FullyBooted
		settled(later)
		broadcastClassed(asterisk)
		for how, got := range map[string][]ami.Message{"at login": settled(atLogin), "later": settled(later)} {
			if names := strings.Join(eventNames(got), " "); names != test.want {
				t.Errorf("%s with the mask %q %s sees %s, want %s", test.user, test.mask, how, names, test.want)
			}
		}
	}
}

func TestTheAnswersToEvents(t *testing.T) {
	_, p := start(t, user("nobody", nil, nil))
	for _, name := range []string{"user", "nobody"} {
		c := p.Login(t, name, "Events: off")
		for mask, want := range map[string]string{"on": "On", "call": "On", "1": "On", "off": "Off", "0": "Off", "bogus": "Off", "false": "Off"} {
			wantText(t, name+", "+mask, c.Ask("Events", "EventMask: "+mask, "ActionID: 1"), "Response: Success", "ActionID: 1", "Events: "+want)
		}
		for _, lines := range [][]string{nil, {"EventMask:"}, {"EventMask: 4294967295"}} {
			wantText(t, name, c.Ask("Events", lines...), "Response: Error", "Message: Invalid event mask")
		}
	}
}

// Of this table the first part is Asterisk's classes: any one of an action's suffices.
func TestAnActionNeedsOneOfItsClasses(t *testing.T) {
	asterisk, p := start(t, user("caller", nil, []string{"call"}), user("nobody", nil, nil), user("system", nil, []string{"system"}), user("reporter", nil, []string{"reporting"}))
	const denied = "Permission denied"
	for _, test := range []struct {
		action string
		users  string // who may
	}{
		{"Ping", "user caller nobody system reporter"},
		{"QueueStatus", "user caller nobody system reporter"}, // has no class
		{"Hangup", "user caller system"},                      // system,call
		{"CoreStatus", "user system reporter"},                // system,reporting
		{"CoreShowChannels", "user system reporter"},
		{"Getvar", "user caller reporter"}, // call,reporting
		{"Command", "user"},
		{"Originate", "user"},
		{"UserEvent", "user"},
		// The proxy's own.
		{"Filter", "user system"},
		{"Events", "user caller nobody system reporter"},
		{"ListCommands", "user caller nobody system reporter"},
	} {
		for _, name := range []string{"user", "caller", "nobody", "system", "reporter"} {
			c := p.Login(t, name, "Events: off")
			may := slices.Contains(strings.Fields(test.users), name)
			before := len(asterisk.Received())
			m := c.Ask(strings.ToLower(test.action), "ActionID: 1")
			if got := m.Get("Message") != denied; got != may {
				t.Errorf("%s may %s: %v: %s", name, test.action, got, m)
			}
			if sent := len(asterisk.Received()) > before; sent && !may {
				t.Errorf("%s of %s is sent to Asterisk", test.action, name)
			}
			c.Close()
		}
	}
}

func TestAnActionNobodyKnowsIsSaidToBeUnknown(t *testing.T) {
	_, p := start(t, user("nobody", nil, nil))
	for _, name := range []string{"user", "nobody"} {
		wantText(t, name, p.Login(t, name, "Events: off").Ask("No such", "ActionID: 1"), "Response: Error", "ActionID: 1",
			"Message: Invalid/unknown command: No such. Use Action: ListCommands to show available commands.")
	}
	c := p.Login(t, "user", "Events: off")
	for _, block := range []string{"\r\n", "\n", "Foo: bar\r\n\r\n", "Action:\r\n\r\n", "Action : Ping\r\n\r\n", "ActionID:\r\n\r\n"} {
		c.SendRaw(block)
		wantText(t, block, c.Read(), "Response: Error", "Message: Missing action in request")
	}
}

// changing are the actions without class that change something: they need class system.
var changing = []string{
	"BridgeDestroy", "BridgeKick", "BridgeTechnologySuspend", "BridgeTechnologyUnsuspend", "QueueChangePriorityCaller", "QueueReload",
	"QueueReset", "QueueWithdrawCaller",
}

func TestListCommandsShowsWhatTheUserMayDo(t *testing.T) {
	_, p := start(t, user("caller", nil, []string{"call"}), user("nobody", nil, nil))
	list := func(name string) (all map[string]string) {
		m := p.Login(t, name, "Events: off").Ask("ListCommands", "ActionID: 1")
		all = map[string]string{}
		for action, description := range m.All() {
			if strings.Contains(description, "(Priv: ") {
				all[action] = description
			}
		}
		if m.Response() != "Success" || m.ActionID() != "1" || m.Get("Server") != "pbx1" {
			t.Errorf("%s is answered with %s", name, m)
		}
		return all
	}
	everything := list("user")
	if len(everything) < 100 || everything["Hangup"] != "Hangup channel.  (Priv: system,call,all)" {
		t.Errorf("all are %d: %v", len(everything), everything)
	}
	for name, class := range map[string]ami.Class{"caller": ami.ClassCall, "nobody": 0} {
		got := list(name)
		for action, description := range everything {
			_, privilege, _ := strings.Cut(description, "(Priv: ")
			needs := ami.ParsePrivilege(strings.TrimSuffix(privilege, ")"))
			if slices.Contains(changing, action) {
				needs = ami.ClassSystem
			}
			if want := needs == 0 || needs&class != 0; want != (got[action] == description) {
				t.Errorf("%s is shown %q for %s", name, got[action], action)
			}
		}
	}
}

// What a user may by name holds for what the proxy answers itself, too.
func TestRightsByName(t *testing.T) {
	_, p := start(t, access.UserConfig{
		Name: "named", Secret: "hunter2", Read: []string{"all"}, Write: []string{"call", "command"},
		AllowActions: []string{"DBPut", "filter"}, DenyActions: []string{"Events", "ListCommands", "Hangup"},
		Rules: []access.RuleConfig{{Action: "Command", Headers: map[string][]string{"Command": {"core show *"}}}},
	})
	c := p.Login(t, "named", "Events: off")
	for _, test := range []struct {
		action  string
		headers []string
		refused bool
	}{
		{"Ping", nil, false},
		{"DBPut", []string{"Family: a", "Key: b", "Val: c"}, false},
		{"DBDel", []string{"Family: a", "Key: b"}, true},
		{"Filter", []string{"Operation: Add", "Filter: x"}, false},
		{"Events", []string{"EventMask: on"}, true},
		{"LISTCOMMANDS", nil, true},
		{"Hangup", []string{"Channel: x"}, true},
		{"QueueReset", nil, true},
		{"Command", []string{"Command: core show version"}, false},
		{"Command", []string{"Command: core stop now"}, true},
		{"Command", []string{"Command: core show version", "Command: core stop now"}, true},
		{"Setvar", []string{"Variable: A", "Value: 1"}, false},
		{"Setvar", []string{"Variable: FILE(/tmp/x)", "Value: 1"}, true},
	} {
		answer := c.Ask(test.action, test.headers...)
		if denied := answer.Get("Message") == "Permission denied"; denied != test.refused {
			t.Errorf("%s %q is answered with %s", test.action, test.headers, answer)
		}
	}
}

// A right that a user's table does not give, he has not.
func TestAUserWithoutRightsIsAUser(t *testing.T) {
	_, p := start(t, access.UserConfig{Name: "nobody", Secret: "hunter2"})
	c := p.Login(t, "nobody")
	if m := c.Ask("Ping", "ActionID: 1"); m.Get("Ping") != "Pong" {
		t.Errorf("the Ping is answered with %s", m)
	}
}
