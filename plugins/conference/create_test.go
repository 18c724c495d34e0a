package conference_test

import (
	"testing"

	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestBothPartiesOfACallAreTakenIntoTheInitiatorsConference(t *testing.T) {
	s := start(t, plugintest.Options{})
	caller, called := s.call(t, "101", "102")
	m := s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes")
	if !proxytest.HasLines(m, "Conference: 101", "Result: complete", "Joined: 2", "Parties: 2") {
		t.Errorf("the answer is %v", m)
	}
	show := s.List("show", "ConferenceShow", "Conference: 101")
	if len(show) != 4 || !proxytest.HasLines(show[1], "Event: ConferenceParticipant", "State: joined") {
		t.Errorf("in the conference of %s and %s are %v", caller, called, show)
	}
}
