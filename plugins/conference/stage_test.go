package conference_test

import (
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// stage is a proxy with the plugin in front of a simulated Asterisk, and a client who may everything and hears everything.
type stage struct {
	*plugintest.Stage
	*proxytest.Client
}

func start(t *testing.T, o plugintest.Options, change ...func(*conference.Config)) stage {
	t.Helper()
	config := conference.DefaultConfig()
	for _, f := range change {
		f(config)
	}
	s := plugintest.Start(t, conference.Kind, config, o)
	return stage{s, s.Login(t, "user")}
}

// call makes a call of two, and returns the names of the channels that are in its bridge.
func (s stage) call(t *testing.T, number, exten string) (caller, called string) {
	t.Helper()
	s.mustSucceed(t, "Originate", "Channel: PJSIP/"+number, "Context: default", "Exten: "+exten, "Priority: 1", "CallerID: "+number,
		"ChannelId: call-"+number, "Async: yes", "ActionID: call-"+number)
	second := s.Event("BridgeEnter", "BridgeNumChannels: 2", "Linkedid: call-"+number)
	bridge := "BridgeUniqueid: " + second.Get("BridgeUniqueid")
	for _, m := range s.List("bridge", "BridgeInfo", bridge) {
		if m.Event() != "BridgeInfoChannel" {
			continue
		}
		if caller == "" || m.Get("Channel") < caller {
			caller, called = m.Get("Channel"), caller
		} else {
			called = m.Get("Channel")
		}
	}
	return caller, called
}

func (s stage) mustSucceed(t *testing.T, action string, headers ...string) ami.Message {
	t.Helper()
	m := s.Ask(action, headers...)
	if m.Response() != "Success" {
		t.Fatalf("%s %q is answered %v", action, headers, m)
	}
	return m
}

// human is somebody at the Asterisk itself, past the proxy.
func (s stage) human(t *testing.T) *proxytest.Client {
	t.Helper()
	c := proxytest.Dial(t, s.Asterisk.Addr())
	c.Login("astproxy", "secret")
	return c
}

// mustRefuse wants an error with a Code.
func (s stage) mustRefuse(t *testing.T, code, action string, headers ...string) {
	t.Helper()
	if m := s.Ask(action, headers...); m.Response() != "Error" || m.Get("Code") != code {
		t.Errorf("%s %q is answered %v, want %s", action, headers, m, code)
	}
}

// inside is who is in a conference, or called into it.
func (s stage) inside(room string) (participants []ami.Message) {
	for _, m := range s.List("show-"+room, "ConferenceShow", "Conference: "+room) {
		if m.Event() == "ConferenceParticipant" {
			participants = append(participants, m)
		}
	}
	return participants
}

// channels are the names of all channels there are.
func (s stage) channels() (names []string) {
	for _, m := range s.List("channels", "CoreShowChannels") {
		if m.Event() == "CoreShowChannel" {
			names = append(names, m.Get("Channel"))
		}
	}
	return names
}
