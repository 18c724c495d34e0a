package migration_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestARecordedRequestToAstmanproxyIsAnsweredTheSame plays the sessions by HTTP, each of which is one request.
func TestARecordedRequestToAstmanproxyIsAnsweredTheSame(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		rows := httpDifferences()
		played := 0
		output := ""
		for _, r := range readRecordings(t) {
			if !strings.HasPrefix(r.title, "http") {
				continue
			}
			played++
			if _, named, is := strings.Cut(strings.ReplaceAll(r.title, "POST", "in"), "in, "); is && !strings.HasPrefix(named, "bad") {
				output, _, _ = strings.Cut(named, " out")
			}
			t.Run(r.title, func(t *testing.T) {
				lines := "inputformat = http\noutputformat = " + output
				request(t, serve(t, predecessor(address, username, secret, lines), administrator), r, rows)
			})
		}
		if played != 10 {
			t.Errorf("%d requests, not all", played)
		}
		wantAllUsed(t, rows)
	})
}

var requestLine = regexp.MustCompile(`^(\w+ \S+ HTTP/1.1\n)`)

// request sends one request, with a login, which astmanproxy did not want, and the end of the connection, which
// astmanproxy did not need to be told.
func request(t *testing.T, address string, r recording, rows []*difference) {
	sent := r.steps[0].sent
	want := expected(r.title, r.steps[0], rows)
	s := dial(t, address)
	s.send(requestLine.ReplaceAllString(sent, "${1}Authorization: Basic YmVuY2g6YmVuY2g=\nConnection: close\n"))
	got := normalised(s.rest())
	if got != want.answer {
		t.Errorf("%s\n--- got\n%s\n--- want\n%s\n", sent, got, want.answer)
	}
}

// With authrequired = no astmanproxy let everybody in.
func TestWithoutALoginNobodyGetsInByHTTP(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		at := serve(t, predecessor(address, username, secret, "inputformat = http\nauthrequired = no"), asImported)
		s := dial(t, at)
		s.send("GET /?Action=Ping HTTP/1.1\nHost: x\nConnection: close")
		if answer := s.rest(); !strings.HasPrefix(answer, "HTTP/1.1 401 ") {
			t.Errorf("got %s", answer)
		}
	})
}
