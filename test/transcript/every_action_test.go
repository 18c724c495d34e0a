package transcript_test

import (
	"slices"
	"strings"
	"testing"
)

// notBare are actions that are not sent by TestEveryActionWithoutParameters.
var notBare = []string{
	"Login", "Logoff", // sessions end by them
	"WaitEvent", // would end by the Ping behind it, or not: Asterisk does not see input that it has read already
	"Ping",      // is what the others' answers are told apart by
	"Reload",    // of everything: it takes long, and the manager answers nobody meanwhile
}

// actionsOf is what ListCommands knows, by the words of the Asterisk itself.
func actionsOf(t *testing.T, e endpoint) []string {
	t.Helper()
	var names []string
	for line := range strings.SplitSeq(admin(t, directTo(e.asterisk)).ask(t, crlf("Action: ListCommands")), "\r\n") {
		name, rest, _ := strings.Cut(line, ": ")
		if strings.Contains(rest, " (Priv: ") && !slices.Contains(notBare, name) {
			names = append(names, name)
		}
	}
	if len(names) < 100 {
		t.Fatalf("only %d actions: %v", len(names), names)
	}
	return names
}

// Most answer with an error, some with a list, IAXnetstats with an empty line.
func TestEveryActionWithoutParametersIsAnsweredAsByAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		wanted, got := admin(t, direct), admin(t, through)
		normalDirect, normalThrough := newNormaliser(direct), newNormaliser(through)
		for _, name := range actionsOf(t, direct) {
			for _, action := range []string{
				crlf("Action: " + name),
				crlf("Action: "+name, "ActionID: the client's own"),
				crlf("ACTION: "+strings.ToLower(name), "actionid: "),
			} {
				wantSameMessages(t, "the answer to "+action,
					sortItems(normalDirect.messages(wanted.askMessages(t, action))),
					sortItems(normalThrough.messages(got.askMessages(t, action))))
			}
		}
	})
}
