package switchboard_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

// Two tenants whose calls run at the same time, with channels of one trunk, which is nobody's. Of each everything is
// called after him, or has his numbers in it, and so can be searched for in what the other sees.
var callers = []struct{ user, tenant, number, marks string }{
	{"anna", "acme", "611", "acme 611"},
	{"greta", "globex", "722", "globex 722"},
}

// startTenants runs an Asterisk with a dialplan for both: each has an extension that dials the trunk, which is a context of
// Local channels, and a conference.
func startTenants(t *testing.T, version string) *proxytest.Proxy {
	s := asterisk.Start(t, version)
	o := proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", s.AMIAddress, s.Username, s.Secret)},
		Users:   []access.UserConfig{proxytest.User()},
	}
	for _, c := range callers {
		u := proxytest.User(proxytest.Named(c.user), proxytest.May([]string{"all"}, []string{"all"}))
		u.Tenant = c.tenant
		o.Users = append(o.Users, u)
		o.Tenants = append(o.Tenants, access.TenantConfig{
			Name: c.tenant, Contexts: []string{c.tenant, c.tenant + "-*"}, Conferences: []string{c.number + "000"}, Accounts: []string{c.tenant},
		})
	}
	p := proxytest.Start(t, o)
	p.Up(t, "pbx1")
	for _, exten := range []string{
		"acme,out,1,Dial,Local/6115551@trunk/n,30", "acme,stay,1,Answer,", "acme,stay,2,Wait,3600", "acme,room,1,ConfBridge,611000",
		"globex,out,1,Dial,Local/7225551@trunk/n,30", "globex,stay,1,Answer,", "globex,stay,2,Wait,3600", "globex,room,1,ConfBridge,722000",
		"trunk,_XXXXXXX,1,Answer,", "trunk,_XXXXXXX,2,Wait,3600",
	} {
		parts := strings.SplitN(exten, ",", 5)
		add(t, p, parts[0], parts[1], parts[2], parts[3], parts[4])
	}
	return p
}

func add(t *testing.T, p *proxytest.Proxy, context, exten, priority, application, data string) {
	t.Helper()
	c := p.Login(t, "user", "Events: off")
	defer c.Close()
	if m := c.Ask("DialplanExtensionAdd", "Context: "+context, "Extension: "+exten, "Priority: "+priority, "Application: "+application, "ApplicationData: "+data); m.Response() != "Success" {
		t.Fatalf("adding to the dialplan: %s", m)
	}
}

//astproxy:attack
func TestOfTwoTenantsThatCallAtTheSameTimeEachSeesItsOwnCallsAndNothingOfTheOthers(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := startTenants(t, version)
			watcher := p.Login(t, "user")
			seen := make([]*proxytest.Client, len(callers))
			for i, c := range callers {
				seen[i] = p.Login(t, c.user)
				seen[i].Settle()
			}
			watcher.Settle()
			ending := p.Login(t, "user")
			for n := range 3 {
				for i, c := range callers {
					seen[i].Send("Originate", "ActionID: "+c.tenant+"-dials", "Channel: Local/stay@"+c.tenant+"/n", "Context: "+c.tenant, "Exten: out", "Priority: 1",
						"Async: true", fmt.Sprintf("ChannelId: %s-dials-%d", c.tenant, n), fmt.Sprintf("CallerID: %s <%s1>", c.tenant, c.number))
					seen[i].Send("Originate", "ActionID: "+c.tenant+"-meets", "Channel: Local/stay@"+c.tenant+"/n", "Context: "+c.tenant, "Exten: room", "Priority: 1",
						"Async: true", fmt.Sprintf("ChannelId: %s-meets-%d", c.tenant, n), fmt.Sprintf("CallerID: %s <%s2>", c.tenant, c.number))
				}
			}
			wanted := map[string]bool{}
			for _, c := range callers {
				for n := range 3 {
					wanted[fmt.Sprintf("DialEnd %s-dials-%d", c.tenant, n)] = true
					wanted[fmt.Sprintf("ConfbridgeJoin %s-meets-%d", c.tenant, n)] = true
				}
			}
			for len(wanted) > 0 {
				m := ending.Read()
				delete(wanted, m.Event()+" "+m.Get("Uniqueid"))
			}
			for len(ending.List("left", "CoreShowChannels")) > 2 {
				ending.Ask("Hangup", "ActionID: all", "Channel: /^.*/")
				ending.RestOfList("all")
			}
			everything := watcher.Settle()
			for i, c := range callers {
				judgeTenant(t, c.marks, callers[1-i].marks, everything, slices.Concat(seen[i].Kept(), seen[i].Settle()))
			}
		})
	}
}

// chance are ids that Asterisk makes up of time and chance, in which any number may stand.
var chance = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{10}\.\d+`)

// bears tells whether anything in a message has the mark.
func bears(m ami.Message, mark string) bool {
	return strings.Contains(chance.ReplaceAllString(m.Raw(), ""), mark)
}

// judgeTenant compares what a tenant's user has seen with everything. The state of the trunk's devices is nobody's.
func judgeTenant(t *testing.T, his, others string, everything, seen []ami.Message) {
	t.Helper()
	has := map[string]int{}
	for _, m := range seen {
		has[m.Raw()]++
		for mark := range strings.FieldsSeq(others) {
			if bears(m, mark) {
				t.Errorf("of %s's is shown, to %s,\n%s", others, his, m)
			}
		}
	}
	for _, m := range everything {
		mine := false
		for mark := range strings.FieldsSeq(his) {
			mine = mine || bears(m, mark)
		}
		nobodys := m.Event() == "TestEvent" || strings.HasSuffix(m.Get("Device"), "@trunk")
		if mine && m.IsEvent() && !nobodys {
			if has[m.Raw()]--; has[m.Raw()] < 0 {
				t.Errorf("%s is not shown\n%s", his, m)
			}
		}
	}
}
