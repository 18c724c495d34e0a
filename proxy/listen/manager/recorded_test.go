package manager_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unlike is by what the proxy's answers may differ from those recorded: what names the server, what is the
// session's or the moment's, and how long that makes the body.
var unlike = []struct{ pattern, replacement string }{
	{`(?m)^Server: pbx1\n|<tr><td>Server</td><td>pbx1</td></tr>\n| server='pbx1'`, ""},
	{`(?m)^(?:X-Content-Type-Options|Referrer-Policy|Content-Security-Policy): .*\n`, ""}, // for browsers
	{`mansession_id="[0-9a-f]+"`, `mansession_id="ID"`},
	{`(?m)^Server: Asterisk/.*$`, "Server: Asterisk/VERSION"},
	{`(?m)^Date: ..., .. ... .... ..:..:.. GMT$`, "Date: DATE"},
	{`(?m)^Content-Length: \d+$`, "Content-Length: LENGTH"},
	{`(Timestamp: |<td>Timestamp</td><td>|timestamp=')\d+\.\d+`, "${1}TIME"},
	{`(System uptime:|Last reload:)[^'<\n]*`, "${1} TIME"},
	{`(?m)\r`, ""},
}

func comparable(text string) string {
	for _, u := range slices.Backward(unlike) {
		text = regexp.MustCompile(u.pattern).ReplaceAllString(text, u.replacement)
	}
	// net/http sends the headers ordered by name.
	return regexp.MustCompile(`(?m)^(HTTP/1.1 .*\n)((?:[A-Z].*\n)+)`).ReplaceAllStringFunc(text, func(head string) string {
		lines := strings.SplitAfter(strings.TrimSuffix(head, "\n"), "\n")
		lines[len(lines)-1] += "\n"
		slices.Sort(lines[1:])
		return strings.Join(lines, "")
	})
}

// whole is an answer as curl -i shows it.
func (a answer) whole() string {
	return a.status + "\r\n" + strings.Join(a.headers, "\r\n") + "\r\n\r\n" + a.body
}

func TestWhatWasRecordedFromAsteriskIsAnsweredTheSame(t *testing.T) {
	recorded, err := os.ReadFile("testdata/asterisk22-http.txt")
	if err != nil {
		t.Fatal(err)
	}
	p := start(t)
	var b strings.Builder
	for _, way := range []string{"rawman", "manager", "mxml"} {
		c, path := newProgram(t, p), "/"+way
		b.WriteString("== " + way + " login\n")
		b.WriteString(c.get(path, "action", "login", "username", "user", "secret", "hunter2", "actionid", "1").whole() + "\n")
		b.WriteString("== " + way + " ping\n")
		b.WriteString(c.get(path, "action", "ping", "actionid", "2").whole() + "\n")
		b.WriteString("== " + way + " list\n")
		b.WriteString(c.get(path, "action", "queuesummary", "actionid", "3").body + "\n")
		b.WriteString(c.get(path, "action", "command", "command", "core show uptime").body)
		b.WriteString(newProgram(t, p).get(path, "action", "ping").whole())
	}
	got, want := comparable(b.String()), comparable(string(recorded))
	if got != want {
		t.Errorf("got\n%s\n\nwant\n%s", got, want)
	}
}
