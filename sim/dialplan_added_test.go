package sim_test

import (
	"testing"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// As real Asterisks do (16.28.0 and 22.10.1).
func TestAnAddedExtensionIsRunUntilTheDialplanIsReloaded(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s)
	for priority, step := range [][2]string{
		{"Set", "WHO=abc"}, {"ExecIf", `$["${WHO:1:1}" = "x"]?UserEvent(Never)`}, {"ExecIf", `$["${WHO:1:1}" = "b"]?UserEvent(Hello,Who: ${WHO})`}, {"Wait", "60"},
	} {
		r := c.ask("DialplanExtensionAdd", "Context", "added", "Extension", "x", "Priority", string(rune('1'+priority)), "Application", step[0], "ApplicationData", step[1])
		if r.Get("Message") != "Added requested extension" {
			t.Fatal(r)
		}
	}
	if r := c.ask("DialplanExtensionAdd", "Context", "added", "Extension", "x", "Priority", "1", "Application", "Wait"); r.Get("Message") != "That extension and priority already exist at that context" {
		t.Error(r)
	}
	c.ask("Originate", "Channel", "PJSIP/101", "Context", "added", "Exten", "x", "Priority", "1", "ChannelId", "mine", "Async", "true")
	m := c.event("UserEvent")
	if m.Get("UserEvent") != "Hello" || m.Get("Who") != "abc" || m.Get("Uniqueid") != "mine" {
		t.Errorf("the extension tells %v", m)
	}
	c.ask("Originate", "Channel", "Local/x@added", "Application", "Wait", "Data", "60", "ChannelId", "near", "OtherChannelId", "far", "Async", "true")
	if m := c.event("UserEvent"); m.Get("Uniqueid") != "far" {
		t.Errorf("called by a Local channel, the extension tells %v", m)
	}
	s.ReloadDialplan()
	for action, want := range map[string]string{
		"ShowDialPlan": "Did not find context added",
		"Originate":    "Extension does not exist.",
	} {
		if r := c.ask(action, "Channel", "PJSIP/102", "Context", "added", "Exten", "x", "Priority", "1"); r.Get("Message") != want {
			t.Errorf("after a reload %s is answered %v", action, r)
		}
	}
}

// CONFBRIDGE() is the dialplan's to write, and not Setvar's (16.28.0 and 22.10.1).
func TestSetvarDoesNotWriteConfbridge(t *testing.T) {
	c := login(t, simtest.Start(t, sim.Config{}))
	c.ask("Originate", "Channel", "PJSIP/101", "Context", "default", "Exten", "1001", "Priority", "1", "ChannelId", "mine", "Async", "true")
	c.event("OriginateResponse")
	if r := c.ask("Setvar", "Channel", "mine", "Variable", "CONFBRIDGE(user,admin)", "Value", "yes"); r.Get("Message") != "Variable not set" {
		t.Error(r)
	}
}
