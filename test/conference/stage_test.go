package conference_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

// triggers are those of the documentation, with a few more.
var triggers = []string{"ConferenceCreate", "ConferenceJoin", "ConferenceAdd", "ConferenceCallGroup"}

// ownDialplan is what the tests need besides the documentation's: phones that press keys.
const ownDialplan = `
[calls]
include => astproxy-keys
; A call to 1000 to 1999 that has *1.
exten => _1XXX,1,Set(__DYNAMIC_FEATURES=conference)
 same => n,Dial(Local/${EXTEN}@default/n,30)

; Enters the bridge that a channel is in.
exten => third,1,Answer()
 same => n,BridgeAdd(${OTHER})

[people]
; Answers and presses what stands behind press-, with - for a pause of a second.
exten => quiet,1,Answer()
 same => n,Wait(3600)
exten => _press-.,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(${EXTEN:6},250)
 same => n,Wait(3600)
; Joins by itself, as a human would who dials into a room.
exten => _dials-.,1,Answer()
 same => n,ConfBridge(${EXTEN:6})
`

// stage is a proxy with the plugin in front of an Asterisk, and a client who may and hears everything.
type stage struct {
	*plugintest.Stage
	*proxytest.Client
	asterisk *asterisk.Server
}

// forEachVersion runs a test with an Asterisk of each version, which is its own.
func forEachVersion(t *testing.T, test func(t *testing.T, s stage)) { forEachVersionWith(t, nil, test) }

// forEachVersionWith is that with these users; nil: the one who may everything.
func forEachVersionWith(t *testing.T, users []access.UserConfig, test func(t *testing.T, s stage)) {
	t.Parallel()
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			test(t, startFor(t, asterisk.Start(t, version), users, func(*conference.Config) {}))
		})
	}
}

// start runs the proxy, with other plugins if there are any.
func start(t *testing.T, a *asterisk.Server, others ...host.Setup) stage {
	t.Helper()
	return startWith(t, a, func(*conference.Config) {}, others...)
}

// startWith is start with a changed configuration.
func startWith(t *testing.T, a *asterisk.Server, change func(*conference.Config), others ...host.Setup) stage {
	t.Helper()
	return startFor(t, a, nil, change, others...)
}

// startFor is startWith for these users; nil: the one who may everything.
func startFor(t *testing.T, a *asterisk.Server, users []access.UserConfig, change func(*conference.Config), others ...host.Setup) stage {
	t.Helper()
	load(t, a)
	config := conference.DefaultConfig()
	config.Menu, config.RingTime = "astproxy", 3*time.Second
	change(config)
	s := plugintest.Start(t, conference.Kind, config, plugintest.Options{
		Triggers: triggers,
		Others:   others,
		Proxy:    proxytest.Options{Servers: []upstream.Config{proxytest.Server("pbx", a.AMIAddress, a.Username, a.Secret)}, Users: users},
	})
	s.Up(t, "pbx")
	return stage{s, s.Login(t, "user"), a}
}

// load has an Asterisk read the documentation's configuration.
func load(t *testing.T, a *asterisk.Server) {
	t.Helper()
	add(t, a, "extensions.conf", sample(t, "extensions.conf")+ownDialplan)
	add(t, a, "features.conf", sample(t, "features.conf"))
	add(t, a, "confbridge.conf", sample(t, "confbridge.conf"))
	for _, command := range []string{"dialplan reload", "module reload features", "module reload app_confbridge.so"} {
		a.CLI(command)
	}
	if shown := a.CLI("features show"); !strings.Contains(shown, "*1") {
		t.Fatalf("*1 is no feature: %s", shown)
	}
}

// sample is what the documentation has for a file.
func sample(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/conference.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```"+regexp.QuoteMeta(file)+"\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) != 1 {
		t.Fatalf("docs/conference.md has %d blocks for %s", len(blocks), file)
	}
	return "\n" + string(blocks[0][1])
}

// add appends to a file of an Asterisk's configuration.
func add(t *testing.T, a *asterisk.Server, file, text string) {
	t.Helper()
	f, err := os.OpenFile(a.Outside(path.Join(a.Folder(), "etc", file)), os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// dial has somebody of that number, who behaves as an extension of people does, call an extension of calls. It returns his
// channel, the one that a phone's would be.
func (s stage) dial(t *testing.T, number, who, exten string) (uniqueid string) {
	t.Helper()
	uniqueid = "phone-" + number
	s.mustSucceed(t, "Originate", "Channel: Local/"+who+"@people/n", "Context: calls", "Exten: "+exten, "Priority: 1",
		"CallerID: "+number, "ChannelId: "+uniqueid, "Async: true", "ActionID: dial-"+number)
	return uniqueid
}

// call is dial of somebody who answers, when both are in a bridge.
func (s stage) call(t *testing.T, number string) (uniqueid string) {
	t.Helper()
	uniqueid = s.dial(t, number, "quiet", "1002")
	s.Event("BridgeEnter", "Uniqueid: "+uniqueid, "BridgeNumChannels: 2")
	return uniqueid
}

func (s stage) mustSucceed(t *testing.T, action string, headers ...string) ami.Message {
	t.Helper()
	m := s.Ask(action, headers...)
	if m.Response() != "Success" {
		t.Fatalf("%s %q is answered %v", action, headers, m)
	}
	return m
}

// joined waits until somebody, or anybody if number is "", has joined a conference.
func (s stage) joined(room, number string) {
	s.Next(func(m ami.Message) bool {
		return m.Event() == "ConfbridgeJoin" && m.Get("Conference") == room && (number == "" || m.Get("CallerIDNum") == number)
	})
}

// inside is who is in a conference, or called into it.
func (s stage) inside(room string) (participants []ami.Message) {
	for _, m := range s.List(fmt.Sprint("show-", room), "ConferenceShow", "Conference: "+room) {
		if m.Event() == "ConferenceParticipant" {
			participants = append(participants, m)
		}
	}
	return participants
}
