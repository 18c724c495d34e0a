package host_test

import (
	"context"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

//astproxy:attack
func TestWhatAPluginTellsATenantIsTheTenants(t *testing.T) {
	of := func(name, tenant string) access.UserConfig {
		return proxytest.User(proxytest.Named(name), proxytest.May([]string{"call"}, []string{"call"}), func(u *access.UserConfig) { u.Tenant = tenant })
	}
	h, s := plugintest.NewHost(t, plugintest.Options{Proxy: proxytest.Options{
		Users:   []access.UserConfig{proxytest.User(), of("anna", "acme"), of("greta", "globex")},
		Tenants: []access.TenantConfig{{Name: "acme", Contexts: []string{"acme"}}, {Name: "globex", Contexts: []string{"globex"}}},
	}})
	all, anna, greta := s.Login(t, "user"), s.Login(t, "anna"), s.Login(t, "greta")
	for _, c := range []struct{ tenant, text string }{{"acme", "annas"}, {"globex", "gretas"}, {"", "nobodys"}, {"elsewhere", "nobodys"}} {
		h.Emit(plugintest.Server, ami.ClassCall, c.tenant, ami.NewEvent("Told").Add("What", c.text))
	}
	for range 4 {
		all.Event("Told")
	}
	for _, c := range []struct {
		client *proxytest.Client
		want   string
	}{{anna, "annas "}, {greta, "gretas "}} {
		told := ""
		for _, m := range c.client.Settle() {
			if m.Event() == "Told" {
				told += m.Get("What") + " "
			}
		}
		if told != c.want {
			t.Errorf("a tenant's user is told %q, want %q", told, c.want)
		}
	}
}

// What a plugin answers knows nothing of who may see what: it is filtered as Asterisk's answers are.
//
//astproxy:attack
func TestOfAPluginsListAUserSeesWhatIsHis(t *testing.T) {
	list := func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
		item := func(conference, channel string) ami.Message {
			return ami.NewEvent("ConferenceParticipant").Add("Conference", conference).Add("Channel", channel).Add("Number", "1").Message()
		}
		return plugins.Answer{List: []ami.Message{item("1000", "PJSIP/101-00000001"), item("2000", "PJSIP/103-00000002")}, Complete: "RoomsComplete"}, nil
	}
	rooms := kind("rooms", func(plugins.Host) *acting {
		return &acting{actions: []plugins.Action{{Name: "Rooms", Class: ami.ClassReporting, Run: list}}}
	})
	may := proxytest.May([]string{"call"}, []string{"reporting"})
	s := plugintest.Start(t, rooms, nil, plugintest.Options{Proxy: proxytest.Options{
		Users: []access.UserConfig{
			proxytest.User(),
			proxytest.User(proxytest.Named("filtered"), may, func(u *access.UserConfig) { u.Channels = []string{"PJSIP/101-"} }),
			proxytest.User(proxytest.Named("anna"), may, func(u *access.UserConfig) {
				u.Tenant, u.Rules = "acme", []access.RuleConfig{{Action: "Rooms"}}
			}),
			proxytest.User(proxytest.Named("greta"), may, func(u *access.UserConfig) { u.Tenant = "acme" }),
		},
		Tenants: []access.TenantConfig{{Name: "acme", Endpoints: []string{"PJSIP/101"}, Conferences: []string{"1000"}}},
	}})
	for _, user := range []string{"filtered", "anna"} {
		items := s.Login(t, user).List("1", "Rooms")
		if len(items) != 3 || items[1].Get("Conference") != "1000" || items[2].Get("ListItems") != "1" {
			t.Errorf("%s is answered %v", user, items)
		}
	}
	if m := s.Login(t, "greta").Ask("Rooms"); m.Get("Message") != "Permission denied" {
		t.Errorf("a tenant's user without a rule is answered %v", m)
	}
}
