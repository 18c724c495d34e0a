package conference_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// opens is a rule that opens an action to a tenant's user, with these headers.
func opens(action string, headers ...string) access.RuleConfig {
	r := access.RuleConfig{Action: action, Headers: map[string][]string{"Wait": {"", "yes"}}}
	for _, h := range headers {
		r.Headers[h] = []string{"", "*"}
	}
	return r
}

func TestATenantsUserConfersInHisOwnConferencesWithHisOwnCalls(t *testing.T) {
	anna := proxytest.User(proxytest.Named("anna"), proxytest.May([]string{"call"}, []string{"call", "originate", "reporting"}), func(c *access.UserConfig) {
		c.Tenant = "acme"
		c.Rules = []access.RuleConfig{
			opens("ConferenceCreate", "Channel", "Conference"), opens("ConferenceAdd", "Conference", "Number", "Destination"),
			opens("ConferenceList"), opens("ConferenceShow", "Conference"), opens("ConferenceEnd", "Conference"),
		}
	})
	s := start(t, plugintest.Options{Proxy: proxytest.Options{
		Users: []access.UserConfig{proxytest.User(), anna},
		Tenants: []access.TenantConfig{
			{Name: "acme", Endpoints: []string{"PJSIP/101", "PJSIP/102"}, Contexts: []string{"default"}, Conferences: []string{"81*"}},
			{Name: "other", Endpoints: []string{"PJSIP/103", "PJSIP/104", "PJSIP/105", "PJSIP/106"}, Conferences: []string{"80*"}},
		},
	}}, func(c *conference.Config) { c.Pool = "8000-8001,8100" })
	mine, _ := s.call(t, "101", "102")
	theirs, _ := s.call(t, "103", "104")
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+theirs, "Conference: 8000", "Wait: yes")

	c := s.Stage.Login(t, "anna")
	for _, refused := range []string{
		"ConferenceCreate|Channel: " + mine + "|Conference: 8001",
		"ConferenceCreate|Channel: " + mine + "|Conference: 8000",
		"ConferenceShow|Conference: 8000", "ConferenceEnd|Conference: 8000", "ConferenceAdd|Conference: 8000|Number: 1001",
	} {
		headers := strings.Split(refused, "|")
		if m := c.Ask(headers[0], headers[1:]...); m.Get("Code") != "permission_denied" {
			t.Errorf("%s is answered %v", refused, m)
		}
	}
	s.mustSucceed(t, "ConferenceEnd", "Conference: 8000")
	theirs, _ = s.call(t, "105", "106")
	if m := c.Ask("ConferenceCreate", "Channel: "+theirs); m.Get("Code") != "permission_denied" {
		t.Errorf("with another's call the answer is %v", m)
	}
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+theirs, "Conference: 8000", "Wait: yes")
	// The one number of the pool that is his.
	if m := c.Ask("ConferenceCreate", "Channel: "+mine, "Wait: yes"); !proxytest.HasLines(m, "Conference: 8100", "Result: complete") {
		t.Errorf("with his own call the answer is %v", m)
	}
	if m := c.Ask("ConferenceAdd", "Conference: 8100", "Destination: PJSIP/103"); m.Get("Code") != "permission_denied" {
		t.Errorf("who calls another's phone is answered %v", m)
	}
	if m := c.Ask("ConferenceAdd", "Conference: 8100", "Number: 1001", "Wait: yes"); m.Get("State") != "joined" {
		t.Errorf("who calls his own is answered %v", m)
	}
	if list := c.List("list", "ConferenceList"); len(list) != 3 || list[1].Get("Conference") != "8100" {
		t.Errorf("the list is %v", list)
	}
}
