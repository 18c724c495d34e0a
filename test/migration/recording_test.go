package migration_test

import (
	"os"
	"strings"
	"testing"
)

// recording is a session with astmanproxy 1.29 in front of Asterisk 22.
type recording struct {
	title  string
	banner string
	steps  []step
}

// step is what a client sent, and all that came of it.
type step struct {
	sent   string
	answer string
	closed bool // and then the connection ended
}

const end = "<EOF>"

// readRecordings reads the file: a line that begins with ##### begins a session, >>> what was sent, <<< what came.
func readRecordings(t *testing.T) (all []recording) {
	t.Helper()
	text, err := os.ReadFile("testdata/astmanproxy-1.29.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+string(text), "\n##### ")[1:] {
		title, rest, _ := strings.Cut(part, "\n")
		r := recording{title: title}
		turns := strings.Split("\n"+rest, "\n>>> ")
		r.banner = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(turns[0]), "<<<"))
		for _, turn := range turns[1:] {
			sent, answer, _ := strings.Cut(turn, "\n<<< ")
			s := step{sent: sent}
			answer, s.closed = strings.CutSuffix(strings.TrimSpace(answer), end)
			s.answer = strings.TrimSpace(answer)
			r.steps = append(r.steps, s)
		}
		all = append(all, r)
	}
	return all
}

func TestTheRecordingIsReadToItsEnd(t *testing.T) {
	steps := 0
	for _, r := range readRecordings(t) {
		steps += len(r.steps)
	}
	if sessions := len(readRecordings(t)); sessions != 14 || steps != 3*22+3+10 {
		t.Errorf("%d sessions with %d steps", sessions, steps)
	}
}
