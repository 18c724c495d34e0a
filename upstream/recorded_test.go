package upstream

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// exchange is an action and its answer, as a real Asterisk gave it.
type exchange struct {
	action string
	blocks []string
}

// exchanges reads a recording: ">>> Action: ...", the action's other lines, the answer's blocks.
func exchanges(t *testing.T, file string) []exchange {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all []exchange
	for part := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n", "\n"), ">>> ") {
		action, answer, found := strings.Cut(part, "\nResponse: ")
		if !found {
			continue
		}
		e := exchange{action: action + "\n"}
		for block := range strings.SplitSeq("Response: "+answer, "\n\n") {
			if block = strings.Trim(block, "\n"); block != "" {
				e.blocks = append(e.blocks, block+"\n")
			}
		}
		all = append(all, e)
	}
	return all
}

func TestEveryRecordedAnswerReachesWhoAskedUnchanged(t *testing.T) {
	for _, file := range []string{"asterisk22-actions.txt", "asterisk16-actions.txt"} {
		b := start(t)
		p := b.up()
		c := b.client()
		recorded := exchanges(t, file)
		if len(recorded) < 50 {
			t.Fatalf("%s: %d exchanges", file, len(recorded))
		}
		for _, e := range recorded {
			action := ami.Parse(e.action)
			in := c.request(e.action)
			token := p.expect(action.Action()).ActionID()
			answer := strings.Join(e.blocks, "\n")
			p.send(strings.ReplaceAll(answer, "ActionID: "+action.ActionID()+"\n", "ActionID: "+token+"\n"))
			for i, block := range e.blocks {
				r := in.next()
				got := strings.ReplaceAll(r.Message.Raw(), "\r\n", "\n")
				got = strings.Replace(got, "ActionID: "+token+"\n", "ActionID: "+action.ActionID()+"\n", 1)
				if got != block || r.Last != (i == len(e.blocks)-1) {
					t.Errorf("%s: %q: block %d is %q, last %v; want %q", file, e.action, i, got, r.Last, block)
				}
			}
		}
		p.quiet()
	}
}

func TestEveryRecordedEventReachesEverybodyUnchanged(t *testing.T) {
	for _, file := range []string{"asterisk22-events.txt", "asterisk16-events.txt"} {
		text, err := os.ReadFile("../ami/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		want := ami.NewReplyReader(bytes.NewReader(text), ami.ReplyLimits)
		if _, err := want.ReadLine(); err != nil {
			t.Fatal(err)
		}
		b := start(t)
		p := b.up()
		go func() { _, _ = p.conn.Write(text[bytes.IndexByte(text, '\n')+1:]) }()
		p.expect("ListCommands") // there is a FullyBooted among them
		for n := 0; ; n++ {
			m, err := want.Read()
			if err != nil {
				if n < 200 {
					t.Errorf("%s: %d events, %v", file, n, err)
				}
				break
			}
			if !m.IsEvent() {
				continue // the answer to the login that was recorded
			}
			if got := b.broadcast(); got.Raw() != m.Raw() {
				t.Fatalf("%s: event %d is %q, want %q", file, n, got, m)
			}
		}
	}
}
