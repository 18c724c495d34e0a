package foreign_test

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"
)

// session is what a client of Asterisk does in its life, step by step.
var session = []struct {
	name string
	do   func(c *client)
}{
	{"logs in", func(c *client) {
		c.happened("login")
		c.event("FullyBooted", nil)
	}},
	{"pings", func(c *client) { c.ask(action{"Action": "Ping"}) }},
	{"lists queues", func(c *client) { c.askUpTo("QueueStatusComplete", nil, action{"Action": "QueueStatus"}) }},
	{"lists endpoints", func(c *client) { c.askUpTo("EndpointListComplete", nil, action{"Action": "PJSIPShowEndpoints"}) }},
	{"lists no channels", func(c *client) { c.listChannels() }},
	{"runs a command", func(c *client) { c.ask(action{"Action": "Command", "Command": "queue show"}) }},
	{"runs a command that is none", func(c *client) { c.ask(action{"Action": "Command", "Command": "no such command"}) }},
	{"is refused", func(c *client) { c.ask(action{"Action": "Hangup", "Channel": "Local/none"}) }},
	{"asks for what does not exist", func(c *client) { c.ask(action{"Action": "NoSuchAction"}) }},
	{"tells everybody", func(c *client) {
		c.ask(action{"Action": "UserEvent", "UserEvent": "Lunch", "Where": "at Ann's: the corner", "When": ""})
		c.event("UserEvent", action{"UserEvent": "Lunch"})
	}},
	{"originates and is told later", func(c *client) {
		c.askUpTo("OriginateResponse", action{"Response": "Success"}, call("1001", "true"))
		channel := c.talking()
		c.listChannels()
		c.hangUp(channel)
	}},
	{"originates and waits", func(c *client) {
		c.ask(call("1001", "false"))
		c.hangUp(c.talking())
	}},
	{"originates to a busy one and is told later", func(c *client) {
		c.askUpTo("OriginateResponse", action{"Response": "Failure"}, call("3001", "true"))
		c.hungUp()
	}},
	{"originates to a busy one and waits", func(c *client) {
		c.ask(call("3001", "false"))
		c.hungUp()
	}},
	{"originates to nobody", func(c *client) { c.ask(action{"Action": "Originate", "Async": "false"}) }},
	{"logs off", func(c *client) {
		c.ask(action{"Action": "Logoff"})
		c.happened("closed")
	}},
}

// call calls an extension and has it talk to 1002. The synchronous form says so, as panoramisk
// breaks over an Originate without Async, whoever answers it.
func call(extension, async string) action {
	return action{
		"Action": "Originate", "Channel": "Local/" + extension + "@default",
		"Context": "default", "Exten": "1002", "Priority": "1", "Async": async,
	}
}

// listChannels asks for them by Status, which looks at the channels themselves. CoreShowChannels looks into a cache
// that can be behind the events (Asterisk 16, ast_channel_cache_by_name).
func (c *client) listChannels() {
	c.t.Helper()
	c.askUpTo("StatusComplete", nil, action{"Action": "Status"})
}

// talking awaits that both halves of a call have reached where they stay, and returns the first half.
func (c *client) talking() (channel string) {
	c.t.Helper()
	for range 2 {
		channel = c.event("Newexten", action{"Application": "Wait"}).get("Channel")
	}
	return channel[:len(channel)-1] + "1"
}

func (c *client) hangUp(channel string) {
	c.t.Helper()
	c.ask(action{"Action": "Hangup", "Channel": channel, "Cause": "16"})
	c.hungUp()
}

// hungUp awaits the end of both halves of a call.
func (c *client) hungUp() {
	c.t.Helper()
	c.event("Hangup", nil)
	c.event("Hangup", nil)
}

func TestALibraryReportsThroughTheProxyWhatItReportsOfAsterisk(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, direct endpoint) {
		proxied := through(t, direct)
		forEachLibrary(t, func(t *testing.T, l library) {
			// One after the other, as each sees what the other does.
			wanted := start(t, l, direct).play()
			got := start(t, l, proxied).play()
			for i, step := range session {
				wantSame(t, step.name, wanted[i], got[i])
			}
		})
	})
}

func TestALibraryIsToldOfAWrongSecretAsByAsterisk(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, direct endpoint) {
		proxied := through(t, direct)
		direct.secret, proxied.secret = "wrong", "wrong"
		forEachLibrary(t, func(t *testing.T, l library) {
			var reports [][]string
			for _, e := range []endpoint{direct, proxied} {
				c := start(t, l, e)
				c.await("a refusal", func(f fact) bool { return f.Fact == "refused" })
				reports = append(reports, normalise(c.library, c.told))
			}
			wantSame(t, "a login with a wrong secret", reports[0], reports[1])
		})
	})
}

func TestALibraryLogsInByChallenge(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, direct endpoint) {
		proxied := through(t, direct)
		var reports [][]string
		for _, e := range []endpoint{direct, proxied} {
			reports = append(reports, loginByChallenge(t, e))
		}
		wantSame(t, "a login by challenge", reports[0], reports[1])
	})
}

// loginByChallenge does it with panoramisk, which lets its user do it; the other libraries know only the
// plain login.
func loginByChallenge(t *testing.T, e endpoint) (report []string) {
	t.Helper()
	c := start(t, panoramisk, endpoint{address: e.address})
	c.happened("connected")
	challenge := c.ask(action{"Action": "Challenge", "AuthType": "MD5"}).get("Challenge")
	key := md5.Sum([]byte(challenge + e.secret))
	c.ask(action{"Action": "Login", "AuthType": "MD5", "Username": e.username, "Key": hex.EncodeToString(key[:])})
	c.event("FullyBooted", nil)
	if !strings.Contains(c.story(), "Authentication accepted") {
		t.Errorf("not logged in: %s", c.story())
	}
	return normalise(c.library, c.told)
}

// play lives through the session and returns the report of every step.
func (c *client) play() (reports [][]string) {
	c.t.Helper()
	from := 0
	for _, step := range session {
		step.do(c)
		reports = append(reports, normalise(c.library, c.told[from:]))
		from = len(c.told)
	}
	return reports
}
