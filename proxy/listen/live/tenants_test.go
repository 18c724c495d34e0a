package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// startOfTenant runs a proxy where the user is acme's, which has the phone 101, and everybody is of no tenant.
func startOfTenant(t *testing.T) *proxytest.Proxy {
	return startProxy(t, func(o *proxytest.Options) {
		acme := proxytest.User()
		acme.Admin, acme.Tenant = false, "acme"
		o.Users = []access.UserConfig{acme, proxytest.User(proxytest.Named("everybody"))}
		o.Tenants = []access.TenantConfig{{Name: "acme", Endpoints: []string{"PJSIP/101"}}, {Name: "globex", Endpoints: []string{"PJSIP/103"}}}
		o.Feed.Recent = 1 << 20
	})
}

// call has a phone answer and hang up.
func call(c *proxytest.Client, phone, id string) {
	c.Send("Originate", "Channel: PJSIP/"+phone, "Application: Wait", "Data: 3600", "ChannelId: "+id, "Async: true", "CallerID: "+id)
	c.Event("Newstate", "Uniqueid: "+id, "ChannelStateDesc: Up")
	c.Send("Hangup", "Channel: "+id)
	c.Event("Hangup", "Uniqueid: "+id)
}

func TestATenantsWebSocketHasItsOwnEventsAndAnswersAlone(t *testing.T) {
	p := startOfTenant(t)
	all := p.Login(t, "everybody")
	c := dial(t, p, "")
	c.next("Event", "FullyBooted")
	call(all, "103", "gretas")
	call(all, "101", "annas")
	text := ""
	for one := ""; !strings.Contains(one, `"Hangup"`); text += one {
		one = c.text()
	}
	if strings.Contains(text, "gretas") || strings.Contains(text, "PJSIP/103") || !strings.Contains(text, "Newchannel") {
		t.Errorf("acme sees\n%s", text)
	}
	for i, action := range []string{`"Action":"Hangup","Channel":"/^.*/"`, `"Action":"Getvar","Channel":"gretas","Variable":"X"`, `"Action":"Command","Command":"core show channels"`} {
		c.send(fmt.Sprintf(`{%s,"ActionID":"%d"}`, action, i))
		if o := c.next("ActionID", fmt.Sprint(i)); !o.has("Message", "Permission denied") {
			t.Errorf("%s: %v", action, o)
		}
	}
}

// What was told while he was away is as little his as what is told now.
func TestATenantsClientThatComesBackHasNothingOfOthers(t *testing.T) {
	p := startOfTenant(t)
	all := p.Login(t, "everybody")
	events := listen(t, p, "")
	call(all, "101", "first")
	events.next("Event", "Hangup")
	reset(events.Conn)
	call(all, "103", "gretas")
	call(all, "101", "second")
	streams := map[string]func() object{}
	back := listen(t, p, events.id)
	streams["/events"] = func() object { return back.next() }
	socket := dial(t, p, "", "since", events.id)
	streams["/ws"] = socket.read
	for name, next := range streams {
		var seen []object
		for o := next(); !o.has("Event", "Hangup"); o = next() {
			seen = append(seen, o)
		}
		text := fmt.Sprint(seen)
		if strings.Contains(text, "gretas") || strings.Contains(text, "PJSIP/103") || !strings.Contains(text, "second") || strings.Contains(text, "ProxyGap") {
			t.Errorf("by %s acme sees\n%s", name, text)
		}
	}
}
