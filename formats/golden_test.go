package formats_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

var update = flag.Bool("update", false, "write the goldens in testdata anew")

// oneOfEachKind are the first recorded event of every name and the first answer of every shape, and
// what only old Asterisks or users' own events have.
func oneOfEachKind(tb testing.TB) []formats.Item {
	tb.Helper()
	var all []ami.Message
	for _, name := range []string{"../ami/testdata/asterisk22-events.txt", "../sim/testdata/asterisk22-actions.txt"} {
		all = append(all, recordedMessages(tb, name)...)
	}
	var items []formats.Item
	seen := map[string]bool{}
	for _, m := range all {
		if kind := kindOf(m); !seen[kind] {
			seen[kind] = true
			items = append(items, fromServer(m))
		}
	}
	for _, m := range messages(tb, readFile(tb, "testdata/unrecorded.txt")) {
		items = append(items, fromServer(m))
	}
	return items
}

func fromServer(m ami.Message) formats.Item {
	return formats.Item{Message: m, Options: formats.Options{Server: "pbx1"}}
}

// recordedList is an answer of several messages.
func recordedList(t *testing.T) []formats.Item {
	t.Helper()
	var items []formats.Item
	for _, item := range splitAnswers(messages(t, section(t, "rawman list")))[0] {
		items = append(items, fromServer(item.Message))
	}
	return items
}

// kindOf is an event's name, and the names of the headers of anything else.
func kindOf(m ami.Message) string {
	if m.IsEvent() {
		return m.Event()
	}
	var names []string
	for name := range m.All() {
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestEveryKindOfMessageAndAListLookAsTheyDidInEveryFormat(t *testing.T) {
	items := oneOfEachKind(t)
	for _, name := range formats.Names() {
		format, _ := formats.Lookup(name)
		var written []byte
		for _, item := range items {
			written = format.Append(written, item.Message, item.Options)
		}
		got := string(format.AppendList(written, recordedList(t)))
		file := "testdata/" + name + ".golden"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want := readFile(t, file); got != want {
			t.Errorf("%s: %s (-update writes it anew)", file, firstDifference(got, want))
		}
	}
}

func firstDifference(got, want string) string {
	lines := strings.Split(want, "\n")
	for i, l := range strings.Split(got, "\n") {
		if i >= len(lines) {
			return "there is more: " + l
		}
		if l != lines[i] {
			return "\n got " + l + "\nwant " + lines[i]
		}
	}
	return "there is less"
}
