package transcript_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// recording is the actions of a file of testdata, as they were sent.
func recording(t *testing.T, version string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/asterisk" + version + "-actions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for part := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n", "\n"), ">>> ") {
		if action, _, found := strings.Cut(part, "\nResponse: "); found {
			actions = append(actions, crlf(strings.Split(action, "\n")...))
		}
	}
	if len(actions) < 50 {
		t.Fatalf("the recording of %s has %d actions", version, len(actions))
	}
	return actions
}

// settled is what to wait for behind a recorded action, by its ActionID: a CLI command and what
// its output has in it when what the action began is done.
var settled = map[string]struct{ command, output string }{
	"a1": {"core show channels count", "0 active channels"},
	"a2": {"confbridge list", `(?m)^5234 +1 `},
	"a3": {"confbridge list", `(?m)^5234 +2 `},
	"a9": {"core show channels count", "0 active channels"},
	"b1": {"core show channels concise", `(?s)!Wait!.*!Wait!`},
	// Two halves of one Local channel are no conference: Asterisk lets them go.
	"b5": {"core show channels count", "0 active channels"},
	"o1": {"core show channels count", "0 active channels"},
	"o2": {"core show channels count", "0 active channels"},
}

// awaitCLI repeats a command until its output matches.
func awaitCLI(t *testing.T, e endpoint, command, pattern string) {
	t.Helper()
	want := regexp.MustCompile(pattern)
	deadline := time.Now().Add(patience)
	for {
		output := e.asterisk.CLI(command)
		if want.MatchString(output) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %s says %q, want %s", e.name, command, output, pattern)
		}
	}
}

var recordedChannel = regexp.MustCompile(`(?m)^((?:Extra)?Channel): (Local/\d+@default-)[0-9a-f]{8}(;[12])\r$`)

// withLiveChannels puts the names of the channels there are for those that were there when it was
// recorded.
func withLiveChannels(t *testing.T, e endpoint, action string) string {
	t.Helper()
	return recordedChannel.ReplaceAllStringFunc(action, func(line string) string {
		part := recordedChannel.FindStringSubmatch(line)
		live := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(part[2]) + `[0-9a-f]{8}` + part[3]).
			FindString(e.asterisk.CLI("core show channels concise"))
		if live == "" {
			t.Fatalf("%s: there is no channel for %q", e.name, line)
		}
		return part[1] + ": " + live + "\r"
	})
}

func actionIDOf(action string) string {
	_, id, _ := strings.Cut(action, "\r\nActionID: ")
	id, _, _ = strings.Cut(id, "\r\n")
	return id
}

// play sends the recorded actions one by one to an Asterisk that nobody has touched, and returns
// the answer to each.
func play(t *testing.T, e endpoint, actions []string) [][]string {
	t.Helper()
	s := admin(t, e)
	normal := newNormaliser(e)
	var answers [][]string
	for _, action := range actions {
		id := actionIDOf(action)
		s.write(t, withLiveChannels(t, e, action))
		var answer []string
		if strings.HasPrefix(action, "Action: Logoff\r\n") {
			var end string
			answer, end = s.rest(t)
			answer = append(answer, fmt.Sprintf("(connection %s)\r\n", end))
		} else {
			answer = s.upToFence(t)
		}
		answers = append(answers, sortItems(normal.messages(answer)))
		if fact, waits := settled[id]; waits {
			awaitCLI(t, e, fact.command, fact.output)
		}
	}
	return answers
}

func TestEveryRecordedActionIsAnsweredAsByAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		actions := recording(t, version)
		wanted := play(t, direct, actions)
		got := play(t, through, actions)
		for i, action := range actions {
			wantSameMessages(t, fmt.Sprintf("the answer to %q", action), wanted[i], got[i])
		}
	})
}
