package app

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func TestExplainTellsOfChannelFilters(t *testing.T) {
	config := load(t, explained+`
[[user]]
name = "desk"
secret = "x"
read = ["call"]
write = ["call", "originate"]
channels = ["SIP/101"]
out_context = "local"
filterlocal = "enforce"
`)
	for message, want := range map[string]string{
		"Action: Hangup\nChannel: SIP/101-1": "desk may send the action Hangup\nby write: write has one of its classes\n",
		"Action: Hangup\nChannel: SIP/102-1": "desk may not send the action Hangup\nby channels: its \"Channel\" is \"SIP/102-1\", which is none of the user's\n" +
			"answered with: Action Filtered\n",
		"Action: Redirect\nChannel: SIP/101-1\nContext: x":                             "desk may not send the action Redirect\nby out_context: its \"Context\" is \"x\"\nanswered with: Action Filtered\n",
		"Action: Originate\nChannel: Local/1@x\nContext: local\nExten: 1\nPriority: 1": "desk may send the action Originate\nby write: write has one of its classes\n",
		"Event: Newstate\nPrivilege: call,all\nChannel: SIP/101-1":                     "desk may see the event Newstate\nby channels: it names one of the user's channels\n",
		"Event: Newstate\nPrivilege: call,all\nChannel: SIP/102-1": "desk may not see the event Newstate\nby channels: it names none of the user's channels: " +
			"he sees it only if one that it names has been in a call with one of his\n",
		"Event: PeerStatus\nPrivilege: call,all\nPeer: x": "desk may not see the event PeerStatus\nby more_events: it names no channel, and more_events is not set\n",
	} {
		var text strings.Builder
		if _, err := config.Explain(&text, "desk", ami.Parse(message), ""); err != nil || text.String() != want {
			t.Errorf("%q: %v\ngot\n%swant\n%s", message, err, text.String(), want)
		}
	}
}
