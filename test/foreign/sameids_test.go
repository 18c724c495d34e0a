package foreign_test

import (
	"fmt"
	"testing"
)

func TestTwoWithTheSameActionIDsGetEachTheirOwn(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, direct endpoint) {
		proxied := through(t, direct)
		forEachLibrary(t, func(t *testing.T, l library) {
			one, other := start(t, l, proxied), start(t, l, proxied)
			one.happened("login")
			other.happened("login")
			for i := range 50 {
				id := fmt.Sprintf("same-%d", i)
				one.act(action{"Action": "ExtensionState", "Context": "default", "Exten": "101", "ActionID": id})
				other.act(action{"Action": "ExtensionState", "Context": "default", "Exten": "102", "ActionID": id})
				one.wantAnswer(action{"Exten": "101", "ActionID": id})
				other.wantAnswer(action{"Exten": "102", "ActionID": id})
			}
		})
	})
}

func TestACallThatRingsKeepsItsActionIDToItself(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, direct endpoint) {
		proxied := through(t, direct)
		forEachLibrary(t, func(t *testing.T, l library) {
			caller, other := start(t, l, proxied), start(t, l, proxied)
			caller.happened("login")
			other.happened("login")

			rings := call("2001", "false")
			rings["ActionID"] = "same"
			caller.act(rings)
			channel := other.event("Newexten", action{"Application": "Wait"}).get("Channel")

			other.act(action{"Action": "Ping", "ActionID": "same"})
			other.wantAnswer(action{"Response": "Success", "Ping": "Pong", "ActionID": "same"})
			other.act(action{"Action": "Hangup", "Channel": channel, "ActionID": "same"})
			other.wantAnswer(action{"Response": "Success", "Message": "Channel Hungup", "ActionID": "same"})
			caller.wantAnswer(action{"Response": "Error", "Message": "Originate failed", "ActionID": "same"})
		})
	})
}

// wantAnswer awaits the next answer, which must have those headers. The ActionIDs of a library
// that counts its own are not known here, but two such clients at the same point have the same.
func (c *client) wantAnswer(headers action) {
	c.t.Helper()
	if c.library.ownIDs {
		delete(headers, "ActionID")
	}
	if m := c.answer().Messages[0]; !m.has(headers) {
		c.t.Errorf("%s: the answer is %v, want %v in it", c.library.name, m, headers)
	}
}
