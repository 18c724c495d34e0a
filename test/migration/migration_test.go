package migration_test

import (
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// settings is what astmanproxy.conf had for the sessions whose title begins so.
var settings = []struct{ title, lines string }{
	{"standard, autofilter=off", "autofilter = off"},
	{"standard, autofilter=on", "autofilter = on"},
	{"standard, autofilter=unique", "autofilter = unique"},
	{"xml in, xml out", "inputformat = xml\noutputformat = xml"},
}

func TestARecordedSessionOfAstmanproxySeesTheSame(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		rows := differences()
		for _, r := range readRecordings(t) {
			for _, s := range settings {
				if r.title == s.title {
					t.Run(r.title, func(t *testing.T) {
						play(t, serve(t, predecessor(address, username, secret, s.lines), administrator), r, rows)
					})
				}
			}
		}
		wantAllUsed(t, rows)
	})
}

// play sends what was sent, and compares what comes.
func play(t *testing.T, address string, r recording, rows []*difference) {
	s := dial(t, address)
	s.wantBanner(r, rows)
	for _, step := range r.steps {
		want := expected(r.title, step, rows)
		got, ended := s.ask(step.sent, want)
		again := strings.HasPrefix(step.sent, "ProxyAction: ListSessions") // who has just gone may be in the list a moment longer
		for begin := time.Now(); again && normalised(got) != want.answer && time.Since(begin) < proxytest.Patience/4; {
			got, ended = s.ask(step.sent, want)
		}
		if normalised(got) != want.answer || ended != want.closed {
			t.Errorf("%s\n--- got, closed %v\n%s\n--- want, closed %v\n%s\n", step.sent, ended, normalised(got), want.closed, want.answer)
		}
		if ended {
			s = dial(t, address)
			s.wantBanner(r, rows)
		}
	}
}

// ask sends text and reads as much as is wanted.
func (s *session) ask(text string, want step) (got string, ended bool) {
	s.t.Helper()
	s.send(text)
	got, ended = s.blocks(strings.Count(want.answer, "\n\n") + 1)
	if want.closed && !ended {
		got += s.rest()
		ended = true
	}
	return got, ended
}

func (s *session) wantBanner(r recording, rows []*difference) {
	s.t.Helper()
	want := expected(r.title, step{sent: "", answer: r.banner}, rows).answer
	if got := s.line(); got != want {
		s.t.Errorf("banner %q, want %q", got, want)
	}
}

// expected is what astmanproxy answered, but for what is to differ.
func expected(title string, s step, rows []*difference) step {
	s.answer = normalised(s.answer)
	for _, d := range rows {
		s.answer = d.apply(title, s.sent, s.answer)
	}
	if answer, closed := strings.CutSuffix(s.answer, end); closed {
		s.answer, s.closed = strings.TrimSpace(answer), true
	}
	return s
}

// Everybody could see who else is there, and add and drop servers, without a login even.
func TestWhatShowsOrChangesOthersIsForAdministratorsAfterAnImport(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		s := dial(t, serve(t, predecessor(address, username, secret), asImported))
		s.line()
		s.send("Action: Login\nUsername: bench\nSecret: bench\nEvents: off")
		s.block()
		for _, action := range []string{"ListSessions", "ListServers", "AddServer", "DropServer"} {
			s.send("ProxyAction: " + action + "\nServer: 127.0.0.1")
			want := "ProxyResponse: Error\nMessage: Permission denied"
			if got, _ := s.block(); normalised(got) != want {
				t.Errorf("%s: got %q, want %q", action, normalised(got), want)
			}
		}
	})
}
