package transcript_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// masks are what clients give as Events and EventMask: words, lists, and numbers up to where C's int ends.
var masks = []string{
	"", "on", "ON", "off", "false", "no", "yes", "true", "t", "y", "f", "n", "all", "none", "call", "CALL", " call", "call,user", "call, user", "system",
	"bogus", "bogus,system", "system,bogus", "all,none", "on,off",
	"0", "1", "2", "3", "00", "-1", "+1", "1x", "0x1",
	"2147483647", "2147483648", "4294967294", "4294967295", "4294967296", "4294967297", "99999999999", "99999999999999999999",
}

// beforeLogin is what clients may say without having logged in.
var beforeLogin = []string{
	"Action: Login", "Action: Login|ActionID: 1", "Action: Login|Username: astproxy", "Action: Login|Secret: SECRET",
	"Action: LOGIN|USERNAME: ASTPROXY|SECRET: SECRET", "action: login|username: astproxy|secret: SECRET|actionid: x y",
	"Action: Login|Username:astproxy|Secret:SECRET", "Action: Login|Username : astproxy|Secret: SECRET",
	"Action: Login|Username: astproxy|Secret: SECRET ", "Action: Login|Username: astproxy |Secret: SECRET", "Action: Login|Username: astproxy|Secret: secret",
	"Action: Login|Username: astproxy|Secret: SECRET|AuthType: MD5", "Action: Login|Username: astproxy|Secret: SECRET|AuthType: MD5|Key: 1",
	"Action: Login|Username: astproxy|Secret: SECRET|AuthType: plain", "Action: Login|Username: astproxy|Secret: SECRET|AuthType:",
	"Action: Login|Username: astproxy|Secret: SECRET|Key: 1", "Action: Login|Username: astproxy|Secret: SECRET|Secret: wrong",
	"Action: Login|Username: nobody|Secret: secret-of-nobody",
	"Action: Challenge", "Action: Challenge|AuthType: md5", "Action: challenge|authtype: MD5|actionid: 1", "Action: Challenge|AuthType: SHA1",
	"Action: Logoff|ActionID: 1", "Action: logoff", "Action:", "Action: ", "ActionID: 1", "Foo", ":", "Action: Foo|ActionID: 1",
	"Action: ListCommands", "Action: Events|EventMask: off", "Action: WaitEvent", "Action: Filter", "Action: Ping", "Action: Originate",
	"ActionID: 1" + strings.Repeat("|X: 1", 200), "Action: Ping|ActionID: 1|X: " + strings.Repeat("x", 2000),
}

// afterLogin is what they may say then, but for what the other tests have them say.
var afterLogin = []string{
	"Action: Login|Username: astproxy|Secret: SECRET", "Action: Login|Username: nobody|Secret: wrong|ActionID: 7", "Action: Login",
	"Action: Challenge", "Action: Challenge|AuthType: MD5X",
	"Action: WaitEvent|Timeout: 1|ActionID: 5", "Action: WaitEvent|Timeout: 0", "Action: waitevent|timeout: 1", "Action: WaitEvent|Timeout: -1",
	"Action: WaitEvent|Timeout: ", "Action: WaitEvent|Timeout: 1x", "Action: WaitEvent|Timeout: x", "Action: WaitEvent|Timeout: 1.5",
	"Action: Events", "Action: ListCommands|ActionID: 1",
	"Action: Nope", "Action: Nope|ActionID: 1", "Action: no pe", "Action: " + strings.Repeat("x", 485), "Action: " + strings.Repeat("x", 487), "Action: " + strings.Repeat("x", 1014),
	"Action: Ping|ActionID: " + strings.Repeat("x", 60), "Action: Ping|Foo", "Action: Ping|: bar", "Foo|Action: Ping", " Action: Ping", "Action : Ping", "Action: Ping ", "Action:Ping", "Action:  Ping",
	"Action: |Action: Ping", "Action: Ping|Action: CoreStatus", "ActionID:|ActionID: 2|Action: Ping",
	"Action: Logoff|ActionID: 1",
	// Bounds: 128 headers, 1,022 bytes. At 1,023 Asterisk takes the rest of the line for an action.
	"Action: Ping|ActionID: 1" + strings.Repeat("|X: 1", 126), "Action: Ping|ActionID: 1" + strings.Repeat("|X: 1", 127), "Action: Ping|ActionID: 1" + strings.Repeat("|X: 1", 500),
	"Action: Ping|ActionID: 1|" + line(ami.MaxLine), "Action: Ping|ActionID: 1|" + line(ami.MaxLine+2), "Action: Ping|" + line(ami.MaxLine+3) + "|ActionID: 1", line(5000) + "|Action: Ping|ActionID: 1",
}

// line is a header of so many bytes, without its line end.
func line(bytes int) string { return "X: " + strings.Repeat("x", bytes-len("X: ")) }

func TestWhatIsSaidAtTheDoorIsAnsweredAsByAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		same := func(t *testing.T, about string, script func(e endpoint) string) {
			t.Helper()
			var transcripts []string
			for _, e := range []endpoint{direct, through} {
				messages, end := paste(t, e, strings.ReplaceAll(script(e), "SECRET", e.asterisk.Secret), true)
				transcripts = append(transcripts, strings.Join(newNormaliser(e).messages(answersOf(messages)), "")+"(connection "+end+")")
			}
			wantSame(t, "the answer to "+about, transcripts[0], transcripts[1])
		}
		login := func(events string) string {
			return crlf("Action: Login", "Username: astproxy", "Secret: SECRET", "Events: "+events)
		}
		ping := crlf("Action: Ping")
		t.Run("masks", func(t *testing.T) {
			for _, mask := range masks {
				same(t, "a login with the mask "+mask, func(endpoint) string { return login(mask) + ping })
				same(t, "the mask "+mask, func(endpoint) string { return login("off") + crlf("Action: Events", "EventMask: "+mask, "ActionID: 1") })
				for _, user := range []string{"system", "caller"} {
					same(t, "the mask "+mask+" of "+user, func(endpoint) string {
						return crlf("Action: Login", "Username: "+user, "Secret: secret-of-"+user, "Events: "+mask) + crlf("Action: Events", "EventMask: "+mask)
					})
				}
			}
		})
		t.Run("before login", func(t *testing.T) {
			for _, said := range beforeLogin {
				t.Run("", func(t *testing.T) {
					t.Parallel() // a wrong login takes a second
					same(t, said, func(endpoint) string { return crlf(strings.Split(said, "|")...) })
				})
			}
		})
		t.Run("after login", func(t *testing.T) {
			for _, said := range afterLogin {
				same(t, said, func(endpoint) string { return login("off") + crlf(strings.Split(said, "|")...) + ping })
			}
		})
	})
}
