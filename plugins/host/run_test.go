package host_test

import (
	"context"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// butler has the action Announce, which has the greeter greet.
func butler(h plugins.Host) *acting {
	return &acting{actions: []plugins.Action{{
		Name: "Announce", Class: ami.ClassUser, Headers: []plugins.Header{{Name: "Name"}},
		Run: func(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
			return h.Run(ctx, by, ami.NewAction("Greet").AddNonEmpty("Name", m.Get("Name")).Message())
		},
	}}}
}

func TestAPluginHasAnothersActionDoneForWhoAsksByHisRights(t *testing.T) {
	s := plugintest.Start(t, kind("butler", butler), nil, plugintest.Options{
		Others: []host.Setup{{Kind: kind("greeter", greeter)}},
		Proxy: proxytest.Options{Users: []access.UserConfig{
			proxytest.User(), proxytest.User(proxytest.Named("crier"), proxytest.May(nil, []string{"user"})),
		}},
	})
	c := s.Login(t, "user")
	for _, it := range []struct{ name, code, message string }{
		{"Anna", "", "Hello Anna"},
		{"nobody", "unknown_person", "There is no nobody"},
		{"", "missing_header", "Greet needs a header Name"},
		{"panic", "failed", "Greet has failed; the proxy's log tells why"},
	} {
		if m := c.Ask("Announce", "Name: "+it.name); m.Get("Code") != it.code || m.Get("Message") != it.message {
			t.Errorf("%q: %v", it.name, m)
		}
	}
	if m := s.Login(t, "crier").Ask("Announce", "Name: Anna"); m.Get("Code") != "permission_denied" {
		t.Errorf("who may not greet is answered %v", m)
	}
}

func TestAnActionOfAPluginThatDoesNotRunIsAnError(t *testing.T) {
	s := plugintest.Start(t, kind("butler", butler), nil, plugintest.Options{})
	if m := s.Login(t, "user").Ask("Announce", "Name: Anna"); m.Get("Code") != host.CodeStopped {
		t.Errorf("the answer is %v", m)
	}
}

func TestWhatAPluginHasHadAnotherBeginGoesOn(t *testing.T) {
	goOn := make(chan struct{})
	worker := kind("worker", func(h plugins.Host) *acting {
		return &acting{actions: []plugins.Action{{
			Name: "Greet", Class: ami.ClassCall, Headers: []plugins.Header{{Name: "Name"}},
			Run: func(ctx context.Context, by plugins.Caller, _ ami.Message) (plugins.Answer, error) {
				job, err := h.NewJob("Greet", by, func(context.Context, plugins.Job) error {
					<-goOn
					return ctx.Err() // the action's own, which ends with the plugin
				})
				return plugins.Answer{Job: job}, err
			},
		}}}
	})
	s := plugintest.Start(t, kind("butler", butler), nil, plugintest.Options{Others: []host.Setup{{Kind: worker}}})
	c := s.Login(t, "user")
	begun := c.Ask("Announce", "Name: Anna")
	close(goOn)
	if m := c.Event("JobComplete", "JobID: "+begun.Get("JobID")); m.Get("Status") != "done" {
		t.Errorf("the job has ended with %v", m)
	}
}

func TestWhatAUserMayIsJudgedByWhatIsKnownOfTheChannels(t *testing.T) {
	h, s := plugintest.NewHost(t, plugintest.Options{Proxy: proxytest.Options{
		Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("anna"), proxytest.May([]string{"call"}, []string{"call"}), func(c *access.UserConfig) {
			c.Tenant = "acme"
		})},
		Tenants: []access.TenantConfig{{Name: "acme", Endpoints: []string{"PJSIP/101"}}},
	}})
	c := s.Login(t, "user")
	for _, call := range []string{"101", "102"} {
		c.Ask("Originate", "Channel: PJSIP/"+call, "Context: default", "Exten: 1001", "Priority: 1", "ChannelId: call-"+call, "Async: yes")
		c.Event("OriginateResponse", "Uniqueid: call-"+call)
	}
	user, _ := s.Users().Named("anna")
	anna := plugins.Caller{User: user, Server: plugintest.Server}
	for id, may := range map[string]bool{"call-101": true, "call-102": false, "nobody": false} {
		action := ami.NewAction("Setvar").Add("Channel", id).Add("Variable", "X").Add("Value", "1").Message()
		if d := h.Judge(anna, ami.ClassCall, action); d.Allowed != may {
			t.Errorf("%s: %+v", id, d)
		}
		if d := h.Judge(plugins.Caller{Server: plugintest.Server}, ami.ClassCall, action); !d.Allowed {
			t.Errorf("the dialplan may not: %+v", d)
		}
	}
}
