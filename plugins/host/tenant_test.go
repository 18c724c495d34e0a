package host_test

import (
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

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
