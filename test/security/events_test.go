package security_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

// logins are ways to log in, each with the event that tells of it. They are given where managers connect
// and where HTTP is served.
var logins = map[string]struct {
	event string
	try   func(t *testing.T, address, url string)
}{
	"a right secret":                {"SuccessfulAuth", loginOf("Username: crier", "Secret: secret-of-crier")},
	"a right answer":                {"SuccessfulAuth", answerChallenge},
	"a wrong secret":                {"InvalidPassword", loginOf("Username: crier", "Secret: wrong")},
	"no secret":                     {"InvalidPassword", loginOf("Username: crier")},
	"no such user":                  {"InvalidAccountID", loginOf("Username: mallory", "Secret: wrong")},
	"a wrong answer to a challenge": {"ChallengeResponseFailed", loginOf("Username: crier", "AuthType: MD5", "Key: 0123456789abcdef")},
	"another network":               {"FailedACL", loginOf("Username: elsewhere", "Secret: secret-of-elsewhere")},
	"a wrong secret by HTTP": {"InvalidPassword", func(t *testing.T, _, url string) {
		answer, err := http.Get(url + "/rawman?action=login&username=crier&secret=wrong")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}},
}

func loginOf(headers ...string) func(*testing.T, string, string) {
	return func(t *testing.T, address, _ string) {
		c := proxytest.Dial(t, address)
		c.Ask("Challenge", "AuthType: MD5")
		c.Ask("Login", headers...)
		c.Close()
	}
}

func answerChallenge(t *testing.T, address, _ string) {
	c := proxytest.Dial(t, address)
	challenge := c.Ask("Challenge", "AuthType: MD5").Get("Challenge")
	c.Ask("Login", "Username: crier", "AuthType: MD5", "Key: "+md5Hex(challenge+"secret-of-crier"))
	c.Close()
}

func TestALoginIsToldAsAsteriskTellsIt(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			s.AddUsers(asterisk.User{Name: "elsewhere", Secret: "secret-of-elsewhere", Read: []string{"all"}, EventFilters: []string{"deny = 0.0.0.0/0"}})
			p := proxytest.Start(t, proxytest.Options{
				Servers: []upstream.Config{proxytest.Server("pbx1", s.AMIAddress, s.Username, s.Secret)},
				Users: []access.UserConfig{
					proxytest.User(),
					{Name: s.Username, Secret: access.Secret(s.Secret), Read: []string{"all"}, Write: []string{"all"}},
					{Name: "crier", Secret: "secret-of-crier", Read: []string{"user"}, Write: []string{"user"}},
					{Name: "elsewhere", Secret: "secret-of-elsewhere", ACL: []string{"deny 0.0.0.0/0"}},
				},
			})
			p.Up(t, "pbx1")
			for name, each := range logins {
				t.Run(name, func(t *testing.T) {
					direct := toldOf(t, each.event, s.Username, s.Secret, s.AMIAddress, func() { each.try(t, s.AMIAddress, "http://"+s.HTTPAddress) })
					through := toldOf(t, each.event, s.Username, s.Secret, p.Address, func() { each.try(t, p.Address, p.URL) })
					if direct != through {
						t.Errorf("Asterisk tells\n%s\nthe proxy\n%s", direct, through)
					}
				})
			}
		})
	}
}

// toldOf is the shape of the event that somebody sees who may, when try has been.
func toldOf(t *testing.T, event, user, secret, address string, try func()) string {
	t.Helper()
	watcher := proxytest.Dial(t, address)
	watcher.Login(user, secret, "Events: security")
	defer watcher.Close()
	watcher.Ask("Ping")
	try()
	return shape(watcher.Next(func(m ami.Message) bool {
		return m.Event() == event && m.Get("AccountID") != user && m.Get("AccountID") != "user"
	}))
}

var digits = regexp.MustCompile(`[0-9]+`)

// shape is an event's headers in their order, with a 0 for each number. What differs by intent is as with
// the proxy: ChallengeResponseFailed has the name, which Asterisk leaves empty, and no ExpectedResponse, by
// which who reads it could look for the secret; a SessionTV is one, not the beginning of 1970.
func shape(m ami.Message) string {
	var b strings.Builder
	for name, value := range m.All() {
		switch {
		case name == "SessionID":
			value = regexp.MustCompile(`^0x[0-9a-f]+$`).ReplaceAllString(value, "0x0")
		case name == "AccountID" && m.Event() == "ChallengeResponseFailed":
			value = "crier"
		case name == "ExpectedResponse":
			continue
		case name == "Server":
			continue
		case name == "EventTV" || name == "SessionTV":
			if _, err := time.Parse("2006-01-02T15:04:05.000-0700", value); err != nil {
				value = "no time: " + value
			} else {
				value = "a time"
			}
		case name == "RemoteAddress" || name == "LocalAddress" || name == "Challenge":
			value = digits.ReplaceAllString(value, "0")
		}
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	return b.String()
}
