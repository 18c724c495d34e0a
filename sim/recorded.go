package sim

import (
	_ "embed"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// recordedReplies are what an Asterisk 22 answered to actions without any parameters. Those that are
// not simulated answer so, whatever their parameters.
//
//go:embed recorded-22.txt
var recordedReplies string

// recordedID is the ActionID in the recording.
const recordedID = "ActionID: x\n"

// replies are the recorded texts, empty lines at their end included, by lower-case action.
var replies = parseReplies(recordedReplies)

func parseReplies(recording string) map[string]string {
	replies := make(map[string]string)
	for reply := range strings.SplitSeq(recording, ">>> Action: ") {
		if name, text, ok := strings.Cut(reply, "\n"); ok {
			replies[strings.ToLower(name)] = text
		}
	}
	return replies
}

// replay answers an action as it was recorded.
func (c *session) replay(name string, m ami.Message) bool {
	text, found := replies[strings.ToLower(name)]
	if !found {
		return c.fail(m, "Not simulated")
	}
	id := ""
	if m.ActionID() != "" {
		id = strings.ReplaceAll(string(ami.AppendHeader(nil, "ActionID", m.ActionID())), "\r", "")
	}
	text = strings.ReplaceAll(text, recordedID, id)
	return c.write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
}
