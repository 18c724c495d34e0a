package conference_test

import (
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// A client who may originate and set variables, but run nothing, sends a channel to the plugin's extension with a PIN that
// ends the application that sets it, and has another behind it.
//
//astproxy:attack
func TestAVariableThatAClientSetsIsNoApplicationOfThePluginsExtension(t *testing.T) {
	clerk := proxytest.User(proxytest.Named("clerk"), proxytest.May([]string{"call"}, []string{"call", "originate"}))
	forEachVersionWith(t, []access.UserConfig{proxytest.User(), clerk}, func(t *testing.T, s stage) {
		first := s.call(t, "4711")
		s.mustSucceed(t, "ConferenceJoin", "Channel: "+first, "Conference: 5236") // makes the extension
		s.joined("5236", "4711")
		c := s.Stage.Login(t, "clerk")
		m := c.Ask("Originate", "Channel: Local/quiet@people/n", "Context: astproxy-conference", "Exten: join", "Priority: 1", "Async: true", "CallerID: 4712",
			"Variable: ASTPROXY_CONFERENCE=5236", "Variable: ASTPROXY_CONFERENCE_OPTIONS=-----", "Variable: ASTPROXY_CONFERENCE_PIN=1):UserEvent(Pwned")
		if m.Response() != "Success" {
			t.Fatalf("the Originate is answered %v", m)
		}
		s.Next(func(m ami.Message) bool {
			if m.Event() == "UserEvent" {
				t.Errorf("the extension has run %v", m)
			}
			return m.Event() == "ConfbridgeJoin" && m.Get("CallerIDNum") == "4712"
		})
	})
}
