package feed_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// hinted is a selection that is looked for by its hints alone.
func hinted(hints ...feed.Hint) *feed.Selection {
	return &feed.Selection{Key: fmt.Sprint(hints), Hints: hints, Match: func(*feed.Event) bool { return true }, Format: text{}}
}

func TestAHintedSelectionGetsAnEventOnceAndNoOther(t *testing.T) {
	f := run(t, feed.Config{})
	tests := []struct {
		about string
		hints []feed.Hint
		want  string // the numbers of the events
	}{
		{"an event's name", []feed.Hint{{Event: "A"}}, "1 2 "},
		{"with case", []feed.Hint{{Event: "a"}}, ""},
		{"a value", []feed.Hint{{Header: "Channel", Value: "PJSIP/1-1"}}, "2 3 "},
		{"how a value begins", []feed.Hint{{Header: "Channel", Value: "PJSIP/1", Prefix: true}}, "2 3 4 5 "},
		{"and longer", []feed.Hint{{Header: "Channel", Value: "PJSIP/1-", Prefix: true}}, "2 3 4 "},
		{"a header with case", []feed.Hint{{Header: "channel", Value: "PJSIP/1-1"}}, ""},
		{"any of two", []feed.Hint{{Event: "A"}, {Header: "Channel", Value: "PJSIP/12-1"}}, "1 2 5 "},
		{"the same twice", []feed.Hint{{Header: "Channel", Value: "PJSIP/1-1"}, {Header: "Channel", Value: "PJSIP/1-1"}}, "2 3 "},
		{"both of two", []feed.Hint{{Event: "A"}, {Header: "Channel", Value: "PJSIP/1", Prefix: true}}, "1 2 3 4 5 "},
	}
	all := f.NewReader(everything())
	defer all.Close()
	var readers []*feed.Reader
	for _, test := range tests {
		readers = append(readers, f.NewReader(hinted(test.hints...)))
	}
	sent := 0
	send := func(name string, headers ...string) {
		sent++
		b := ami.NewEvent(name).Add("Number", strconv.Itoa(sent))
		for _, value := range headers {
			b.Add("Channel", value)
		}
		f.Append("", ami.ClassCall, b.Message())
	}
	send("A")
	send("A", "PJSIP/1-1")
	send("B", "PJSIP/1-1", "PJSIP/1-1")
	send("B", "PJSIP/2-1", "PJSIP/1-2")
	send("B", "PJSIP/12-1")
	send("Last")
	for got := ""; !strings.Contains(got, "Event: Last"); got += string(all.Read(nil, 1<<20)) {
		all.Wait(t.Context())
	}
	for i, test := range tests {
		if got := numbersOf(readers[i].Read(nil, 1<<20)); got != test.want {
			t.Errorf("%s: events %q, want %q", test.about, got, test.want)
		}
		readers[i].Close()
	}
	// Those who have gone leave nothing behind that others could be found by.
	again := f.NewReader(hinted(tests[0].hints...))
	defer again.Close()
	send("A", "PJSIP/1-1")
	again.Wait(t.Context())
	if got := numbersOf(again.Read(nil, 1<<20)); got != "7 " {
		t.Errorf("who came again: events %q", got)
	}
}

// numbersOf are the numbers of the events in a text, each with a blank behind it.
func numbersOf(events []byte) (numbers string) {
	for _, found := range regexp.MustCompile(`Number: (\d+)`).FindAllSubmatch(events, -1) {
		numbers += string(found[1]) + " "
	}
	return numbers
}
