package proxy_test

import (
	"context"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

//astproxy:attack
func TestWhoWaitsForEventsByHTTPHasTheRightsOfNow(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	servers := []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")}
	p := proxytest.Start(t, proxytest.Options{Servers: servers})
	p.Up(t, "pbx1")
	reload := func(users ...access.UserConfig) { p.SetUsers(t, users...) }
	user, _ := p.Users().Authenticate("user", proxytest.Secret)
	watch := p.NewWatch(user, ami.ClassUser, filters.Set{})
	defer watch.Close()
	event := func(number string) {
		asterisk.Broadcast(ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("Number", number).Message())
	}
	reload(proxytest.User(proxytest.May([]string{"call"}, nil)))
	event("1")
	p.Settle(t)
	reload(proxytest.User())
	event("2")
	if !watch.Wait(t.Context()) {
		t.Fatal("nothing came")
	}
	if came := watch.Read(); len(came) != 1 || came[0].Get("Number") != "2" {
		t.Errorf("%q came", came)
	}
	ended := make(chan bool, 1)
	go func() { ended <- watch.Wait(context.Background()) }()
	reload(proxytest.User(proxytest.Named("another")))
	select {
	case came := <-ended:
		if came {
			t.Error("there are events for nobody")
		}
	case <-time.After(proxytest.Patience):
		t.Error("who is removed waits for ever")
	}
}

func TestAConfigurationWithoutServersOrUsersIsRefusedByAReload(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")}})
	if p.Reload(proxy.Config{Users: p.Users()}) == nil {
		t.Error("it is taken without servers")
	}
	p.Up(t, "pbx1")
}
