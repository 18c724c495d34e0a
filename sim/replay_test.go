package sim_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// exchange is an action of a recording and the blocks it was answered with.
type exchange struct {
	action string
	reply  []ami.Message
}

// readActions reads a recording of actions and their answers.
func readActions(t *testing.T, file string) []exchange {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []exchange
	for part := range strings.SplitSeq(string(text), ">>> ") {
		if part == "" {
			continue
		}
		action, reply, found := strings.Cut(part, "Response:")
		if !found {
			t.Fatalf("no response in %q", part)
		}
		e := exchange{action: strings.ReplaceAll(action, "\n", "\r\n")}
		for block := range strings.SplitSeq("Response:"+reply, "\n\n") {
			if strings.Trim(block, "\n") != "" {
				e.reply = append(e.reply, ami.Parse(block))
			}
		}
		all = append(all, e)
	}
	return all
}

// replayed is what a simulated Asterisk did when a recording's actions were sent to it.
type replayed struct {
	names   *strings.Replacer // the recording's channel names by those of the simulation
	replies []exchange
	events  []ami.Message
}

// replay sends the actions of a recording to a simulated Asterisk, with a second between them as there was in
// the recording.
func replay(t *testing.T, recording []exchange, c sim.Config) (result replayed) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := simtest.NewListener()
		simtest.Serve(t, c, l)
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		ear, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		listener := newClient(t, ear)
		listener.login("astproxy", "secret")
		_ = ear.SetDeadline(time.Time{})
		events := make(chan []ami.Message)
		go func() { events <- readAll(listener) }()

		client := newClient(t, conn)
		client.login("astproxy", "secret", "Events", "off")
		names := newNames()
		for _, e := range recording {
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			if _, err := fmt.Fprintf(conn, "%s\r\n", names.toSimulation(e.action)); err != nil {
				t.Fatal(err)
			}
			got := exchange{action: e.action}
			for range e.reply {
				got.reply = append(got.reply, client.read())
			}
			names.learn(e.reply, got.reply)
			result.replies = append(result.replies, got)
			time.Sleep(time.Second) // the clock of the bubble
		}
		_ = ear.Close()
		result.events = <-events
		result.names = names.toRecording()
	})
	return result
}

func readAll(c *client) (all []ami.Message) {
	for {
		m, err := c.reader.Read()
		if err != nil {
			return append(c.events, all...)
		}
		all = append(all, m)
	}
}

// names are the channels' names in a recording and in its replay.
type names map[string]string

func newNames() names { return make(names) }

// learn takes the names in the same places to be those of the same channels.
func (n names) learn(recorded, simulated []ami.Message) {
	for i := range min(len(recorded), len(simulated)) {
		if a, b := recorded[i].Get("Channel"), simulated[i].Get("Channel"); a != "" && b != "" {
			n[a] = b
		}
	}
}

func (n names) toSimulation(text string) string {
	for recorded, simulated := range n {
		text = strings.ReplaceAll(text, recorded, simulated)
	}
	return text
}

func (n names) toRecording() *strings.Replacer {
	var pairs []string
	for recorded, simulated := range n {
		pairs = append(pairs, simulated, recorded)
	}
	return strings.NewReplacer(pairs...)
}

// What differs between any two runs of an Asterisk: times, numbers that are counted up, and random ones.
var (
	varies = regexp.MustCompile(`(?m)^(AnsweredTime|Duration|LastPause|LoginTime|Core(Startup|Reload)(Date|Time)|CoreProcessedCalls|` +
		`EventTime|StartTime|AnswerTime|EndTime|BillableSeconds|CallID|Uptime|LastReload|` +
		`EventTV|SessionTV|SessionID|LocalAddress|RemoteAddress): .*$`)
	uniqueid  = regexp.MustCompile(`\b\d{9,10}\.\d+`)
	numbered  = regexp.MustCompile(`-[0-9a-f]{8}(;[12])`)
	processed = regexp.MustCompile(`\d+ calls? processed`)
	anyUUID   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// shape is a block without what varies.
func shape(m ami.Message) string {
	text := strings.ReplaceAll(m.Raw(), "\r", "")
	text = varies.ReplaceAllString(text, "$1: *")
	text = anyUUID.ReplaceAllString(text, "UUID")
	text = uniqueid.ReplaceAllString(text, "UNIQUEID")
	text = numbered.ReplaceAllString(text, "-NUMBER$1")
	return processed.ReplaceAllString(text, "* calls processed")
}

func shapes(all []ami.Message) []string {
	var s []string
	for _, m := range all {
		s = append(s, shape(m))
	}
	return s
}

// unordered are the actions that list in the order of a hash table.
var unordered = []string{"DeviceStateList"}

// recordedConfig is a simulation of the Asterisk of the recordings.
func recordedConfig(version string) sim.Config {
	return sim.Config{
		Version:      version,
		Phones:       []sim.Phone{{Endpoint: "101", Offline: true}, {Endpoint: "102", Offline: true}},
		Announcement: 2800 * time.Millisecond,
	}
}

func TestEveryRecordedActionIsAnsweredAsRecorded(t *testing.T) {
	for file, version := range map[string]string{
		"testdata/asterisk22-actions.txt": "11.0.0",
		"testdata/asterisk16-actions.txt": "5.0.4",
	} {
		t.Run(version, func(t *testing.T) {
			recording := readActions(t, file)
			result := replay(t, recording, recordedConfig(version))
			for i, e := range recording {
				want, got := shapes(e.reply), shapes(result.replies[i].reply)
				name := strings.TrimSpace(strings.SplitN(e.action, "\n", 2)[0])
				if slices.ContainsFunc(unordered, func(a string) bool { return strings.HasSuffix(name, a) }) {
					slices.Sort(want)
					slices.Sort(got)
				}
				for j := range want {
					if want[j] != got[j] {
						t.Errorf("%s\nrecorded:\n%s\nsimulated:\n%s", e.action, want[j], got[j])
					}
				}
			}
		})
	}
}
