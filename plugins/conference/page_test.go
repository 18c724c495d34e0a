package conference_test

import (
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestTheCommandsOfThePageWorkForWhoHasTheClassesItNames(t *testing.T) {
	supervisor := proxytest.User(proxytest.Named("supervisor"), func(u *access.UserConfig) {
		u.Admin, u.Read, u.Write = false, []string{"call"}, []string{"call", "originate", "reporting"}
	})
	s := start(t, plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{proxytest.User(), supervisor}}})
	s.mustSucceed(t, "Originate", "Channel: Local/1002@default", "Application: ConfBridge", "Data: 8600", "Async: yes")
	s.Event("ConfbridgeJoin", "Conference: 8600")
	if n := proxytest.RunExamples(t, "../../docs/conference.md", "http://127.0.0.1:8090", s.URL); n != 4 {
		t.Errorf("the page has %d commands", n)
	}
}
