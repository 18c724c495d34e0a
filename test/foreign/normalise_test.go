package foreign_test

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reported are the events that are compared. Others come whenever they come, such as those about
// security, which tell of every login at Asterisk, or say something else each time, such as HangupRequest:
// when a call is over, its halves hang each other up at the same time.
var reported = []string{
	"FullyBooted", "UserEvent", "Newchannel", "Newstate", "Newexten", "DialBegin", "DialState", "DialEnd",
	"LocalBridge", "OriginateResponse", "Hangup", "Shutdown",
}

// unlike are the headers, in lower case, whose values differ from one session to the next.
var unlike = []string{"actionid", "timestamp", "uptime", "lastreload", "duration", "seconds", "challenge"}

// ids are the parts of values that do.
var ids = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"{uniqueid}", regexp.MustCompile(`\b1\d{9}\.\d+\b`)},
	{"-{serial}", regexp.MustCompile(`-[0-9a-f]{8}\b`)},
}

// normalise makes what was told comparable: a line for every message. What tells of one channel stays in
// its order; which of two channels is first, or whether the answer is, is not the same with Asterisk every time.
func normalise(l library, told []fact) []string {
	type report struct{ subject, line string }
	var reports []report
	for _, f := range told {
		if len(f.Messages) == 0 {
			reports = append(reports, report{f.Fact, f.Fact})
		}
		for _, m := range f.Messages {
			if f.Fact == "event" && !isReported(m) {
				continue
			}
			reports = append(reports, report{subject(f, m), f.Fact + " " + line(comparable(l, m))})
		}
	}
	slices.SortStableFunc(reports, func(a, b report) int { return strings.Compare(a.subject, b.subject) })
	var lines []string
	for _, r := range reports {
		lines = append(lines, r.line)
	}
	return lines
}

// subject is what a message tells of.
func subject(f fact, m message) string {
	if m.get("Event") == "OriginateResponse" {
		return f.Fact // it comes beside the channel's own events
	}
	return f.Fact + withoutIDs(cmp.Or(m.get("Channel"), m.get("DestChannel"), m.get("LocalOneChannel")))
}

// line is a message on a line.
func line(m message) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(m) // it came as JSON
	return withoutIDs(strings.TrimSuffix(b.String(), "\n"))
}

func isReported(event message) bool {
	return event.get("ActionID") != "" || slices.Contains(reported, event.get("Event"))
}

// comparable is a message without what may differ: by design the header Server, and values that are
// never twice the same.
func comparable(l library, m message) message {
	c := message{}
	for name, value := range m {
		if lines, isList := value.([]any); isList && l.losesLastEmpty && lines[len(lines)-1] == "" {
			value = lines[:len(lines)-1]
		}
		switch {
		case strings.EqualFold(name, "Server") && value == serverName:
		case l.losesLastEmpty && value == "":
		case slices.Contains(unlike, strings.ToLower(name)):
			c[name] = "{" + strings.ToLower(name) + "}"
		default:
			c[name] = value
		}
	}
	return c
}

func withoutIDs(text string) string {
	for _, id := range ids {
		text = id.pattern.ReplaceAllString(text, id.kind)
	}
	return text
}

// wantSame fails the test if what a library reported through the proxy is not what it reported of
// Asterisk, and shows both from the first to the last line that differs.
func wantSame(t *testing.T, about string, direct, through []string) {
	t.Helper()
	for len(direct) > 0 && len(through) > 0 && direct[0] == through[0] {
		direct, through = direct[1:], through[1:]
	}
	for len(direct) > 0 && len(through) > 0 && direct[len(direct)-1] == through[len(through)-1] {
		direct, through = direct[:len(direct)-1], through[:len(through)-1]
	}
	var b strings.Builder
	for _, line := range direct {
		b.WriteString("\n- " + line)
	}
	for _, line := range through {
		b.WriteString("\n+ " + line)
	}
	if b.Len() > 0 {
		t.Errorf("%s: the reports differ; - is direct, + is through the proxy:%s", about, &b)
	}
}
