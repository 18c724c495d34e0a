package sim_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// readEvents reads a recording of events; before and after the first one there may be others things.
func readEvents(t *testing.T, file string) []ami.Message {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []ami.Message
	for block := range strings.SplitSeq(string(text), "\n\n") {
		if m := ami.Parse(block); m.IsEvent() {
			all = append(all, m)
		}
	}
	return all
}

// stream is what an event's order is kept in. Asterisk has a thread for each topic: events about one
// channel, say, are in order, and so are its records, but not these two with regard to each other.
func stream(m ami.Message) string {
	for _, header := range []string{"DestChannel", "LocalOneChannel", "Device", "Channel", "Conference", "BridgeName", "Queue"} {
		if m.Has(header) {
			kind := header
			switch m.Event() {
			case "CEL", "Cdr", "TestEvent", "OriginateResponse":
				kind = m.Event()
			}
			return kind + " " + numbered.ReplaceAllString(m.Get(header), "-NUMBER$1")
		}
	}
	return m.Event()
}

func streams(all []ami.Message) map[string][]string {
	s := make(map[string][]string)
	for _, m := range all {
		s[stream(m)] = append(s[stream(m)], shape(m))
	}
	return s
}

// What Asterisk's threads did in one of several orders, or what is not simulated, by a part of the stream's name.
var notCompared = map[string]string{
	"1004@":                               "was kicked out of the conference 777 while it still heard that it was alone, and joined after that",
	" 777":                                "is that conference",
	"confbridge:777":                      "is that conference",
	"/777":                                "is that conference's announcer",
	"Channel Local/1001@default-NUMBER;2": "was hung up before its Answer had ended",
	"Cdr Local/1001@default-NUMBER;2":     "was hung up before its Answer had ended",
	"Cdr Local/1002@default-NUMBER;1":     "has a record for each time somebody joined it",
	"SuccessfulAuth":                      "has the names of the recording's users",
}

// What two who are thrown out of a conference at the same time see of each other.
var anyOrder = []string{"Local/1002@default-NUMBER;1", "Local/1003@default-NUMBER;1"}

func TestCallsMakeTheEventsThatWereRecorded(t *testing.T) {
	recorded := readEvents(t, "testdata/asterisk22-events.txt")
	result := replay(t, readActions(t, "testdata/asterisk22-actions.txt"), recordedConfig("11.0.0"))
	want, got := streams(recorded), streams(result.events)
	for name := range want {
		if compared(name) {
			compareStream(t, name, want[name], got[name])
		}
	}
	for name := range got {
		if want[name] == nil && compared(name) {
			t.Errorf("%s: %d events that were not recorded, the first:\n%s", name, len(got[name]), got[name][0])
		}
	}
}

func compared(stream string) bool {
	for part := range notCompared {
		if strings.Contains(stream, part) {
			return false
		}
	}
	return true
}

func compareStream(t *testing.T, name string, want, got []string) {
	t.Helper()
	for _, part := range anyOrder {
		if strings.HasSuffix(name, part) {
			want, got = kinds(want), kinds(got)
		}
	}
	// Which of two channels was the last one of its call is a race.
	ofCall := func(event string) bool { return strings.Contains(event, "LINKEDID_END") }
	want, got = slices.DeleteFunc(want, ofCall), slices.DeleteFunc(got, ofCall)
	for i := range max(len(want), len(got)) {
		var a, b string
		if i < len(want) {
			a = want[i]
		}
		if i < len(got) {
			b = got[i]
		}
		if a != b {
			t.Errorf("%s, event %d\nrecorded:\n%s\nsimulated:\n%s", name, i, a, b)
			return
		}
	}
}

// kinds are the names of events, and of records and variables, sorted.
func kinds(events []string) []string {
	var names []string
	for _, text := range events {
		m := ami.Parse(text)
		names = append(names, m.Event()+" "+m.Get("EventName")+m.Get("Variable"))
	}
	slices.Sort(names)
	return names
}

// The events of whole calls, but for those of topics of their own, in the very order they were recorded in.
func TestCallsMakeTheirEventsInTheRecordedOrder(t *testing.T) {
	recorded := readEvents(t, "testdata/asterisk22-events.txt")
	result := replay(t, readActions(t, "testdata/asterisk22-actions.txt"), recordedConfig("11.0.0"))
	for call, until := range map[string]string{
		"/1004@": "Newexten Local/1004@default-NUMBER;2 Wait", // then comes the conference
		"/3001@": "", "/2001@": "", "/5999@": "",
	} {
		want, got := order(recorded, call, until), order(result.events, call, until)
		if !slices.Equal(want, got) {
			t.Errorf("%s\nrecorded:\n%s\nsimulated:\n%s", call, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
}

// order is what happened to the channels of a call, up to and with the event until.
func order(all []ami.Message, call, until string) []string {
	var lines []string
	for _, m := range all {
		switch m.Event() {
		case "CEL", "Cdr", "TestEvent", "DeviceStateChange":
			continue
		}
		name := m.Get("Channel") + m.Get("DestChannel") + m.Get("LocalOneChannel")
		if !strings.Contains(name, call) {
			continue
		}
		line := strings.TrimSpace(m.Event() + " " + numbered.ReplaceAllString(name, "-NUMBER$1") + " " + m.Get("Application"))
		lines = append(lines, line)
		if line == until {
			break
		}
	}
	return lines
}
