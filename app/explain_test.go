package app

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

const explained = `
[[server]]
name = "pbx"
address = "127.0.0.1:1"
username = "a"
secret = "x"
[[listen]]
url = "ami://127.0.0.1:0"
[[user]]
name = "anna"
secret = "x"
read = ["call"]
write = ["call", "originate", "command"]
deny_actions = ["Hangup"]
[[user.rule]]
action = "Command"
Command = ["core show *"]
`

func TestExplainSaysWhatDecides(t *testing.T) {
	config := load(t, explained)
	for _, test := range []struct {
		message, classes string
		may              bool
		want             string
	}{
		{"Action: Ping", "", true, "anna may send the action Ping\nby open: everybody who is logged in may: it has no class and changes nothing\n"},
		{"Action: Setvar\nVariable: A\nValue: 1", "", true, "anna may send the action Setvar\nby write: write has one of its classes\n"},
		{"ACTION: hangup\r\nChannel: x\r\n\r\n", "", false,
			"anna may not send the action hangup\nby deny_actions: deny_actions has \"Hangup\"\nanswered with: Permission denied\n"},
		{"Action: Command\nCommand: core show version", "", true, "anna may send the action Command\nby rule[0]: it matches this rule\n"},
		{"Action: Command\nCommand: core stop now", "", false,
			"anna may not send the action Command\nby rule[0]: no rule for it matches: rule[0]: Command is \"core stop now\"\nanswered with: Permission denied\n"},
		{"Action: Originate\nChannel: Local/1@x\nApplication: System\nData: id", "", false,
			"anna may not send the action Originate\nby guard: the application \"System\" may run a program, or another application, for which write has to have system\n" +
				"answered with: Originate Access Forbidden: app or data blacklisted\n"},
		{"Action: QueueReset", "", false,
			"anna may not send the action QueueReset\nby write: it has no class but changes something, so it needs class system in write, or its name in allow_actions\nanswered with: Permission denied\n"},
		{"Action: NoSuch", "call,all", true, "anna may send the action NoSuch\nby write: write has one of its classes\n"},
		{"Action: Setvar\nVariable: A", "system,all", false,
			"anna may not send the action Setvar\nby write: it needs one of the classes system in write, or its name in allow_actions\nanswered with: Permission denied\n"},
		{"Event: Newchannel\nPrivilege: call,all\nChannel: x", "", true, "anna may see the event Newchannel\nby read: read has all of its classes\n"},
		{"Event: Reload\nPrivilege: system,all", "", false,
			"anna may not see the event Reload\nby read: read has not system\n"},
	} {
		var text strings.Builder
		may, err := config.Explain(&text, "ANNA", ami.Parse(test.message), test.classes)
		if err != nil || may != test.may || text.String() != test.want {
			t.Errorf("%q: %v, %v\ngot\n%swant\n%s", test.message, may, err, text.String(), test.want)
		}
	}
}

func TestExplainSaysWhatItCannotDecide(t *testing.T) {
	config := load(t, explained)
	for message, want := range map[string]string{
		"":                      "there is no message: an action, or an event with its Privilege, is wanted",
		"Foo: bar":              "the message has neither Action nor Event",
		"Event: Hangup":         "the event has no Privilege: give the line that Asterisk sends with it, such as \"Privilege: call,all\"",
		"Action: NoSuch":        "neither Asterisk 22 nor 16 has an action NoSuch: give its classes with --classes, as ListCommands on your server prints them, such as \"call,all\" or \"<none>\"",
		"Action: Ping\nA: \x00": "no action that could be sent: line 2 holds the byte 0x00, which AMI cannot carry: forbidden byte",
	} {
		if _, err := config.Explain(&strings.Builder{}, "anna", ami.Parse(message), ""); err == nil || err.Error() != want {
			t.Errorf("%q: got %v", message, err)
		}
	}
	if _, err := config.Explain(&strings.Builder{}, "no\nbody", ami.Parse("Action: Ping"), ""); err == nil || err.Error() != `there is no user named no\nbody` {
		t.Errorf("got %v", err)
	}
}
