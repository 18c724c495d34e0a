package legs

import (
	"embed"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// What Asterisk 16 and 22 have sent about one leg, with OURS for its Uniqueid and TOKEN for the ActionID of its Originate.
//
//go:embed testdata
var recordings embed.FS

func recorded(t *testing.T, name string) []ami.Message {
	t.Helper()
	text, err := recordings.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []ami.Message
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		all = append(all, ami.Parse(block))
	}
	return all
}

// passed are the states that a leg was told to be in, in a row, as "busy" or "failed: reason".
func passed(effects []Effect) []string {
	var states []string
	for _, e := range effects {
		if e.Deed == Tell {
			state := e.Leg.State.String()
			if e.Leg.Reason != "" {
				state += ": " + e.Leg.Reason
			}
			states = append(states, state)
		}
	}
	return states
}

func TestALegPassesTheStatesThatItsRecordedEventsTell(t *testing.T) {
	for _, c := range []struct{ recording, conference, want string }{
		{"joined", "5234", "queued, dialing, answered, joined, left"},
		{"joined", "", "queued, dialing, answered, left"},
		{"busy", "5234", "queued, dialing, busy"},
		{"noanswer", "5234", "queued, dialing, ringing, noanswer"},
		{"failed", "5234", "queued, dialing, failed: it could not be called"},
		{"joined-phone", "600", "queued, dialing, ringing, answered, joined, left"},
		{"noanswer-phone", "600", "queued, dialing, ringing, noanswer"},
		{"busy-phone", "600", "queued, dialing, busy"},
		{"declined", "600", "queued, dialing, failed: the call was declined"},
		{"nophone", "600", "queued, dialing, failed: it could not be called"},
		{"swapped", "", "queued, dialing, ringing, answered, left"},
	} {
		for _, version := range []string{"16", "22"} {
			t.Run(c.recording+c.conference+" "+version, func(t *testing.T) {
				effects := play(t, c.conference, recorded(t, c.recording+"-"+version))
				if got := strings.Join(passed(effects), ", "); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				if last := effects[len(effects)-1]; last.Deed != Over {
					t.Errorf("the last thing to be done is %v", last)
				}
			})
		}
	}
}

func TestALegWhoseLocalChannelWasTakenAwayEndsWithThePhoneBehindIt(t *testing.T) {
	for _, version := range []string{"16", "22"} {
		effects := play(t, "", recorded(t, "swapped-"+version))
		for i, e := range effects {
			if e.Deed == Tell && e.Leg.State == Left && (e.Leg.Uniqueid == "OURS" || i != len(effects)-2) {
				t.Errorf("%s: it ends with %s", version, e.Leg.Uniqueid)
			}
		}
	}
}

// play has one leg hear events.
func play(t *testing.T, conference string, events []ami.Message) []Effect {
	t.Helper()
	now := time.Unix(0, 0)
	c := NewCall(Plan{
		Destinations: []Destination{{Number: "1"}}, Conference: conference, Timeout: time.Second, Grace: time.Second,
		Tokens: func() (string, string) { return "OURS", "TOKEN" },
	})
	effects := c.Begin(now)
	effects = append(effects, c.Dial(now)...)
	for _, m := range events {
		effects = append(effects, c.Hear(now, m)...)
	}
	return effects
}
