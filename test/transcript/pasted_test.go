package transcript_test

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// paste writes a whole script at once, as a pipe into nc does, and returns all that comes.
func paste(t *testing.T, e endpoint, script string, halfClose bool) (messages []string, end string) {
	t.Helper()
	conn, err := net.Dial("tcp", e.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := newSession(e, conn.(*net.TCPConn))
	s.write(t, script)
	if halfClose {
		if err := s.conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	banner, err := s.line()
	if err != nil {
		t.Fatal(err)
	}
	messages, end = s.rest(t)
	return append([]string{banner}, messages...), end
}

// answersOf leaves out the events for everybody: when they come is a matter of chance. FullyBooted
// is not: it follows the login.
func answersOf(messages []string) []string {
	return slices.DeleteFunc(slices.Clone(messages), func(m string) bool {
		_, privilege, found := strings.Cut(m, "\r\nPrivilege: ")
		broadcast := strings.HasPrefix(m, "Event: ") && found && !strings.HasPrefix(privilege, "Call\r\n") // Status'
		return broadcast && !strings.HasPrefix(m, "Event: FullyBooted\r\n")
	})
}

// scriptLogin is how a script begins.
func scriptLogin(e endpoint, more ...string) []string {
	return append([]string{"Action: Login", "Username: " + e.asterisk.Username, "Secret: " + e.asterisk.Secret}, more...)
}

// calls are the actions of a script between login and logoff: with synchronous Originates that
// answer, are busy, ring out, and are refused.
var calls = [][]string{
	{"Action: Ping"},
	{"Action: Originate", "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: 1"},
	{"Action: CoreSettings"},
	{"Action: Originate", "Channel: Local/3001@default", "Context: default", "Exten: 1002", "Priority: 1"},
	{"Action: Originate", "Channel: Local/2001@default", "Context: default", "Exten: 1002", "Priority: 1", "Timeout: 1500"},
	{"Action: QueueSummary"},
	{"Action: Originate", "Channel: Local/5999@default", "Context: default", "Exten: 1002", "Priority: 1"},
	{"Action: Originate", "Context: default", "Exten: 1002", "Priority: 1"},
	{"Action: Originate", "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: x"},
	{"Action: Originate", "Channel: Local/1001@default", "Context: default", "Exten: 1002"},
	{"Action: Originate", "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: 0"},
	{"Action: Command", "Command: core show hints"},
	{"Action: NoSuchAction"},
	{"Foo: bar"},
	{"Action: DBPut", "Family: pasted", "Key: k", "Val: v"},
	{"Action: DBGet", "Family: pasted", "Key: k"},
	{"Action: Hangup", "Channel: nobody"},
}

// write joins actions by a line end and what is between them.
func writeScript(lineEnd, between string, actions ...[]string) string {
	var script strings.Builder
	for _, action := range actions {
		for _, line := range action {
			script.WriteString(line + lineEnd)
		}
		script.WriteString(between)
	}
	return script.String()
}

// withIDs gives every action an ActionID.
func withIDs(actions [][]string) [][]string {
	var all [][]string
	for i, action := range actions {
		all = append(all, append(slices.Clone(action), "ActionID: id-"+string(rune('a'+i))))
	}
	return all
}

func TestAPastedScriptIsAnsweredAsByAsterisk(t *testing.T) {
	logoff := [][]string{{"Action: Logoff"}}
	script := func(first []string, middle [][]string, last [][]string) [][]string {
		return append(append([][]string{first}, middle...), last...)
	}
	scripts := []struct {
		name             string
		text             func(e endpoint) string
		halfClose, mixed bool // mixed: actions have ActionIDs, whose answers may overtake each other
	}{
		{"CRLF", func(e endpoint) string {
			return writeScript("\r\n", "\r\n", script(scriptLogin(e, "Events: off"), calls, logoff)...)
		}, false, false},
		{"LF, and a half-close", func(e endpoint) string {
			return writeScript("\n", "\n", script(scriptLogin(e, "Events: off"), calls, logoff)...)
		}, true, false},
		{"with events", func(e endpoint) string {
			return writeScript("\r\n", "\r\n", script(scriptLogin(e), calls, logoff)...)
		}, true, false},
		{"no logoff, a half-close", func(e endpoint) string {
			return writeScript("\n", "\n", script(scriptLogin(e, "Events: off"), calls, nil)...)
		}, true, false},
		{"ActionIDs", func(e endpoint) string {
			return writeScript("\r\n", "\r\n", script(scriptLogin(e, "Events: off", "ActionID: login"), withIDs(calls), logoff)...)
		}, false, true},
		{"ActionIDs, no logoff, a half-close", func(e endpoint) string {
			return writeScript("\n", "\n", script(scriptLogin(e, "Events: off"), withIDs(calls), nil)...)
		}, true, true},
	}
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		for _, s := range scripts {
			t.Run(s.name, func(t *testing.T) {
				wanted, wantedEnd := paste(t, direct, s.text(direct), s.halfClose)
				got, gotEnd := paste(t, through, s.text(through), s.halfClose)
				wanted = newNormaliser(direct).messages(answersOf(wanted))
				got = newNormaliser(through).messages(answersOf(got))
				if s.mixed {
					slices.Sort(wanted)
					slices.Sort(got)
				}
				wantSame(t, "the answer", strings.Join(wanted, "")+"(connection "+wantedEnd+")", strings.Join(got, "")+"(connection "+gotEnd+")")
			})
		}
	})
}

// What is odd about a script is Asterisk's matter: how blank lines count, what is behind the end.
func TestAnOddScriptIsAnsweredAsByAsterisk(t *testing.T) {
	login := func(e endpoint) string { return crlf(scriptLogin(e, "Events: off")...) }
	scripts := []struct {
		name      string
		text      func(e endpoint) string
		halfClose bool
	}{
		{"several blank lines between", func(e endpoint) string {
			return login(e) + "\r\n\r\n" + crlf("Action: Ping") + "\n\n\n" + crlf("Action: Logoff")
		}, false},
		{"blank lines before the login", func(e endpoint) string {
			return "\r\n\n" + login(e) + crlf("Action: Logoff")
		}, false},
		{"mixed line ends", func(e endpoint) string {
			return login(e) + "Action: Ping\nActionID: 1\r\n\nAction: Logoff\r\n\n"
		}, false},
		{"an action that is not finished", func(e endpoint) string {
			return login(e) + crlf("Action: Ping") + "Action: CoreSettings\r\n"
		}, true},
		{"a line that is not finished", func(e endpoint) string {
			return login(e) + crlf("Action: Ping") + "Action: Core"
		}, true},
		{"nothing", func(endpoint) string { return "" }, true},
		{"nothing but the login", login, true},
		{"more behind the logoff", func(e endpoint) string {
			return login(e) + crlf("Action: Logoff", "ActionID: 1") + crlf("Action: Ping")
		}, true},
		{"a wrong secret", func(endpoint) string {
			return crlf("Action: Login", "Username: astproxy", "Secret: wrong", "ActionID: 1")
		}, false},
		{"actions behind a wrong secret", func(endpoint) string {
			return crlf("Action: Login", "Username: astproxy", "Secret: wrong") + crlf("Action: Ping") + crlf("Action: Logoff")
		}, true},
		{"actions without a login", func(endpoint) string {
			return crlf("Action: Ping", "ActionID: 1") + crlf("Action: NoSuchAction") + crlf("Foo: bar") + crlf("Action: Logoff")
		}, true},
	}
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		for _, s := range scripts {
			t.Run(s.name, func(t *testing.T) {
				wanted, wantedEnd := paste(t, direct, s.text(direct), s.halfClose)
				got, gotEnd := paste(t, through, s.text(through), s.halfClose)
				wantSame(t, "the answer",
					strings.Join(newNormaliser(direct).messages(wanted), "")+"(connection "+wantedEnd+")",
					strings.Join(newNormaliser(through).messages(got), "")+"(connection "+gotEnd+")")
			})
		}
	})
}

// A script may come in pieces that have nothing to do with its lines.
func TestAScriptMayComeByteByByte(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		var transcripts []string
		for _, e := range []endpoint{direct, through} {
			s := open(t, e)
			s.conn.SetNoDelay(true)
			for _, b := range []byte(crlf(scriptLogin(e, "Events: off")...) + crlf("Action: Ping") + crlf("Action: Logoff")) {
				s.conn.SetWriteDeadline(time.Now().Add(patience))
				if _, err := s.conn.Write([]byte{b}); err != nil {
					t.Fatal(err)
				}
			}
			messages, end := s.rest(t)
			transcripts = append(transcripts, newNormaliser(e).text(strings.Join(messages, ""))+end)
		}
		wantSame(t, "the answer", transcripts[0], transcripts[1])
	})
}
