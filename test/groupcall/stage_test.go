package groupcall_test

import (
	"testing"

	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

// stage is the plugin in front of a real Asterisk.
type stage struct {
	*plugintest.Stage
	asterisk *asterisk.Server
	client   *proxytest.Client
}

// forEachVersion runs a test with the plugin in front of an Asterisk of each version.
func forEachVersion(t *testing.T, change func(*groupcall.Config), test func(*testing.T, *stage)) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			server := asterisk.Start(t, version)
			test(t, start(t, server, change))
		})
	}
}

func start(t *testing.T, server *asterisk.Server, change func(*groupcall.Config)) *stage {
	t.Helper()
	c := groupcall.DefaultConfig()
	c.LegsPerSecond = 1000
	if change != nil {
		change(c)
	}
	s := plugintest.Start(t, groupcall.Kind, c, plugintest.Options{
		Triggers: []string{"GroupOriginate"},
		Proxy: proxytest.Options{Servers: []upstream.Config{
			proxytest.Server("pbx1", server.AMIAddress, server.Username, server.Secret),
		}},
	})
	s.Up(t, "pbx1")
	return &stage{s, server, s.Login(t, "user")}
}

// begin begins a group call and returns its JobID.
func (s *stage) begin(t *testing.T, headers ...string) string {
	t.Helper()
	m := s.client.Ask("GroupOriginate", headers...)
	if m.Response() != "Success" {
		t.Fatalf("the call is refused: %s", m)
	}
	return m.Get("JobID")
}

// leg awaits that a leg is told to be in a state.
func (s *stage) leg(destination, state string) {
	s.client.Event("GroupLeg", "Destination: "+destination, "State: "+state)
}

func destinations(numbers ...string) (headers []string) {
	for _, n := range numbers {
		headers = append(headers, "Destination: "+n)
	}
	return headers
}

// expectNoChannels wants Asterisk to have none.
func (s *stage) expectNoChannels(t *testing.T) {
	t.Helper()
	for range 100 {
		list := s.client.List("channels", "CoreShowChannels")
		if len(list) == 2 {
			return
		}
		// One that is hung up is in the list until its Hangup event.
		s.client.Event("Hangup")
	}
	t.Error("there are channels left")
}
