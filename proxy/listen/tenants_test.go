package listen_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// Two tenants with two phones, a queue and a conference each, and phones that are nobody's.
var twoTenants = []access.TenantConfig{
	{Name: "acme", Endpoints: []string{"PJSIP/101", "PJSIP/102"}, Queues: []string{"support"}, Conferences: []string{"1000"}, Contexts: []string{"acme"}},
	{Name: "globex", Endpoints: []string{"PJSIP/103", "PJSIP/104"}, Queues: []string{"sales"}, Conferences: []string{"2000"}, Contexts: []string{"globex"}},
}

func ofTenant(name, tenant string) access.UserConfig {
	u := user(name, []string{"all"}, []string{"all"})
	u.Tenant = tenant
	return u
}

func startTenants(t *testing.T) (*sim.Server, *proxytest.Proxy) {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())},
		Users:   []access.UserConfig{proxytest.User(), ofTenant("anna", "acme"), ofTenant("greta", "globex")},
		Tenants: twoTenants,
	})
	p.Up(t, "pbx1")
	return asterisk, p
}

// call has a phone in a call that stays.
func call(c *proxytest.Client, phone, application, data, id string) {
	c.Send("Originate", "Channel: PJSIP/"+phone, "Application: "+application, "Data: "+data, "ChannelId: "+id, "Async: true", "CallerID: "+id)
	c.Event("Newstate", "Uniqueid: "+id, "ChannelStateDesc: Up")
}

// textOf is everything that messages say.
func textOf(messages []ami.Message) string {
	var text strings.Builder
	for _, m := range messages {
		text.WriteString(m.Raw() + "\n")
	}
	return text.String()
}

//astproxy:attack
func TestATenantsUserSeesItsOwnCallsAndNoOthers(t *testing.T) {
	_, p := startTenants(t)
	all, watcher, anna, greta := p.Login(t, "user"), p.Login(t, "user"), p.Login(t, "anna"), p.Login(t, "greta")
	settled(watcher)
	settled(anna)
	settled(greta)
	call(all, "101", "ConfBridge", "1000", "annas-1")
	call(all, "102", "ConfBridge", "1000", "annas-2")
	call(all, "103", "ConfBridge", "2000", "gretas-1")
	call(all, "104", "ConfBridge", "2000", "gretas-2")
	call(all, "105", "Wait", "3600", "nobodys-1")
	for _, id := range []string{"annas-1", "gretas-1", "nobodys-1", "gretas-2", "annas-2"} {
		all.Send("Hangup", "Channel: "+id)
		all.Event("Hangup", "Uniqueid: "+id)
	}
	everything := settled(watcher)
	for _, test := range []struct {
		who    *proxytest.Client
		own    string
		others []string
	}{
		{anna, "annas-", []string{"PJSIP/103", "PJSIP/104", "PJSIP/105", "gretas", "nobodys", "2000"}},
		{greta, "gretas-", []string{"PJSIP/101", "PJSIP/102", "PJSIP/105", "annas", "nobodys", "1000"}},
	} {
		events := settled(test.who)
		text := textOf(events)
		for _, name := range test.others {
			if strings.Contains(text, name) {
				t.Errorf("of another's stands there %s in\n%s", name, text)
			}
		}
		for _, name := range []string{"Newchannel", "Newstate", "Hangup", "ConfbridgeJoin", "BridgeEnter", "ConfbridgeStart", "ConfbridgeEnd"} {
			if !slices.Contains(eventNames(events), name) {
				t.Errorf("no %s is shown", name)
			}
		}
		its := func(m ami.Message) bool { return m.IsEvent() && strings.Contains(m.Raw(), test.own) }
		want, got := filtered(everything, its), filtered(events, its)
		if got := textOf(got); got != textOf(want) || len(want) < 10 {
			t.Errorf("of the calls of %s is shown\n%s\nwant\n%s", test.own, got, textOf(want))
		}
	}
}

func filtered(messages []ami.Message, by func(ami.Message) bool) (all []ami.Message) {
	for _, m := range messages {
		if by(m) {
			all = append(all, m)
		}
	}
	return all
}

//astproxy:attack
func TestListsOfATenantsUserHaveWhatIsHisAndCountIt(t *testing.T) {
	_, p := startTenants(t)
	all, anna, greta := p.Login(t, "user"), p.Login(t, "anna", "Events: off"), p.Login(t, "greta", "Events: off")
	call(all, "101", "ConfBridge", "1000", "annas-1")
	call(all, "103", "ConfBridge", "2000", "gretas-1")
	call(all, "104", "ConfBridge", "2000", "gretas-2")
	call(all, "105", "Wait", "3600", "nobodys-1")
	for _, test := range []struct {
		action         string
		annas, gretas  int
		count          string
		annasM, others string
	}{
		{"CoreShowChannels", 1, 2, "ListItems", "annas-1", "gretas"},
		{"Status", 1, 2, "Items", "annas-1", "gretas"},
		{"QueueStatus", 1, 1, "ListItems", "support", "sales"},
		{"QueueSummary", 1, 1, "ListItems", "support", "sales"},
		{"ConfbridgeListRooms", 1, 1, "ListItems", "1000", "2000"},
		{"PJSIPShowEndpoints", 2, 2, "ListItems", "101", "103"},
	} {
		for _, who := range []struct {
			c       *proxytest.Client
			items   int
			has, no string
		}{{anna, test.annas, test.annasM, test.others}, {greta, test.gretas, test.others, test.annasM}} {
			got := who.c.List("l", test.action)
			text := textOf(got)
			items, end := len(got)-2, got[len(got)-1]
			if items != who.items || end.Get(test.count) != "" && end.Get(test.count) != itoa(items) {
				t.Errorf("%s has %d items and says %s:\n%s", test.action, items, end.Get(test.count), text)
			}
			if !strings.Contains(text, who.has) || strings.Contains(text, who.no) || strings.Contains(text, "nobodys") {
				t.Errorf("%s shows\n%s", test.action, text)
			}
		}
		if got := all.List("l", test.action); len(got)-2 < test.annas+test.gretas {
			t.Errorf("%s shows who is of no tenant %d items", test.action, len(got)-2)
		}
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

//astproxy:attack
func TestNothingOfATenantsUserReachesAnothersChannel(t *testing.T) {
	asterisk, p := startTenants(t)
	all, anna := p.Login(t, "user"), p.Login(t, "anna", "Events: off")
	call(all, "101", "Wait", "3600", "annas-1")
	call(all, "103", "Wait", "3600", "gretas-1")
	channel, _ := p.Tracker("pbx1").Lookup("gretas-1")
	for _, lines := range [][]string{
		{"Hangup", "Channel: gretas-1"},
		{"Hangup", "Channel: " + channel.Name},
		{"Hangup", "Channel: /^.*/"},
		{"Hangup", "Channel: nothing"},
		{"Redirect", "Channel: annas-1", "ExtraChannel: gretas-1", "Context: acme", "Exten: 1", "Priority: 1"},
		{"Redirect", "Channel: annas-1", "Context: default", "Exten: 1000", "Priority: 1"},
		{"Bridge", "Channel1: annas-1", "Channel2: gretas-1"},
		{"Getvar", "Channel: gretas-1", "Variable: X"},
		{"Getvar", "Variable: X"},
		{"Setvar", "Channel: gretas-1", "Variable: X", "Value: 1"},
		{"Command", "Command: core show channels"},
		{"CoreStatus"},
		{"Originate", "Channel: Local/1000@default", "Application: Wait", "Data: 1"},
		{"Originate", "Channel: PJSIP/103", "Application: Wait", "Data: 1"},
		{"Originate", "Channel: PJSIP/101", "Application: Wait", "Data: 1", "ChannelId: " + channel.Name},
	} {
		before := len(asterisk.Received())
		if m := anna.Ask(lines[0], append([]string{"ActionID: 1"}, lines[1:]...)...); m.Response() != "Error" {
			t.Errorf("%q: %s", lines, m)
		}
		if len(asterisk.Received()) > before {
			t.Errorf("%q is sent to Asterisk", lines)
		}
	}
	if m := anna.Ask("Setvar", "Channel: annas-1", "Variable: X", "Value: 1"); m.Response() != "Success" {
		t.Errorf("her own: %s", m)
	}
	if m := anna.Ask("Hangup", "Channel: annas-1"); m.Response() != "Success" {
		t.Errorf("her own: %s", m)
	}
}

// A trunk's channel is nobody's, until it is in a call with somebody's.
//
//astproxy:attack
func TestATrunksChannelIsWhoseCallItIsIn(t *testing.T) {
	for about, linkedid := range map[string]string{"it is called in": "1.1", "it has been put into": "1.2"} {
		t.Run("that "+about, func(t *testing.T) { testTrunk(t, "Linkedid: "+linkedid) })
	}
}

func testTrunk(t *testing.T, linkedid string) {
	asterisk, p := startTenants(t)
	anna, greta := p.Login(t, "anna"), p.Login(t, "greta")
	settled(anna)
	settled(greta)
	say := func(event string, headers ...string) {
		b := ami.NewEvent(event).Add("Privilege", "call,all")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			b.Add(name, value)
		}
		asterisk.Broadcast(b.Message())
	}
	say("Newchannel", "Channel: PJSIP/101-00000001", "Uniqueid: 1.1", "Linkedid: 1.1", "Context: out")
	say("Newchannel", "Channel: PJSIP/trunk-00000002", "Uniqueid: 1.2", linkedid, "Context: out")
	say("DialBegin", "Channel: PJSIP/101-00000001", "Uniqueid: 1.1", "DestChannel: PJSIP/trunk-00000002", "DestUniqueid: 1.2", "DestContext: out")
	say("Newstate", "Channel: PJSIP/trunk-00000002", "Uniqueid: 1.2", linkedid, "Context: out", "ChannelStateDesc: Up")
	say("BridgeCreate", "BridgeUniqueid: b1", "BridgeNumChannels: 0")
	say("BridgeEnter", "BridgeUniqueid: b1", "Channel: PJSIP/trunk-00000002", "Uniqueid: 1.2", linkedid)
	say("Newchannel", "Channel: PJSIP/trunk-00000003", "Uniqueid: 1.3", "Linkedid: 1.3", "Context: out")
	want := []string{"Newchannel", "Newchannel", "DialBegin", "Newstate", "BridgeEnter"}
	if got := eventNames(settled(anna)); !slices.Equal(got, want) {
		t.Errorf("anna sees %q, want %q: what was told of the trunk comes before the call with it", got, want)
	}
	if got := settled(greta); len(got) > 0 {
		t.Errorf("greta sees %s", textOf(got))
	}
	if m := anna.Ask("Hangup", "Channel: PJSIP/trunk-00000003"); m.Get("Message") != "Permission denied" {
		t.Errorf("another channel of the trunk: %s", m)
	}
	if m := anna.Ask("Hangup", "Channel: PJSIP/trunk-00000002"); m.Get("Message") == "Permission denied" {
		t.Errorf("the trunk's channel in her call: %s", m)
	}
	say("Hangup", "Channel: PJSIP/trunk-00000002", "Uniqueid: 1.2", linkedid)
	say("BridgeDestroy", "BridgeUniqueid: b1", "BridgeNumChannels: 0")
	say("Cdr", "Channel: PJSIP/trunk-00000002", "UniqueID: 1.2", "DestinationChannel: PJSIP/trunk-00000009")
	if got := eventNames(settled(anna)); !slices.Equal(got, []string{"Hangup", "BridgeDestroy", "Cdr"}) {
		t.Errorf("then anna sees %q", got)
	}
	if got := settled(greta); len(got) > 0 {
		t.Errorf("greta sees %s", textOf(got))
	}
}

//astproxy:attack
func TestAUserEventProvesNothingByItsHeaders(t *testing.T) {
	_, p := startTenants(t)
	all, anna := p.Login(t, "user"), p.Login(t, "anna")
	greta := p.Login(t, "greta", "Events: off")
	settled(anna)
	call(all, "101", "Wait", "3600", "annas-1")
	settled(anna)
	greta.Ask("UserEvent", "UserEvent: Hello", "Channel: PJSIP/101-00000001", "Uniqueid: annas-1", "Linkedid: annas-1", "Context: acme")
	greta.Ask("UserEvent", "UserEvent: Newchannel", "Event: Newchannel", "Privilege: call,all", "Channel: PJSIP/101-00000001", "Uniqueid: annas-1")
	all.Event("UserEvent", "UserEvent: Newchannel")
	if got := settled(anna); len(got) > 0 {
		t.Errorf("anna sees\n%s", textOf(got))
	}
}

//astproxy:attack
func TestTheTenantsOfNowAreThoseOfEverythingFromNowOn(t *testing.T) {
	_, p := startTenants(t)
	all, anna := p.Login(t, "user"), p.Login(t, "anna")
	call(all, "101", "Wait", "3600", "first")
	settled(anna)
	others := slices.Clone(twoTenants)
	others[0].Endpoints, others[1].Endpoints = others[1].Endpoints, others[0].Endpoints
	p.SetTenants(t, others, proxytest.User(), ofTenant("anna", "acme"), ofTenant("greta", "globex"))
	if m := anna.Ask("Hangup", "Channel: first"); m.Get("Message") != "Permission denied" {
		t.Errorf("what was hers: %s", m)
	}
	call(all, "103", "Wait", "3600", "second")
	all.Send("Hangup", "Channel: first")
	all.Event("Hangup", "Uniqueid: first")
	text := textOf(settled(anna))
	if strings.Contains(text, "first") || !strings.Contains(text, "second") {
		t.Errorf("anna sees\n%s", text)
	}
}

//astproxy:attack
func TestATenantsUserIsOneByHTTPToo(t *testing.T) {
	_, p := startTenants(t)
	all := p.Login(t, "user")
	call(all, "101", "Wait", "3600", "annas-1")
	call(all, "103", "Wait", "3600", "gretas-1")
	ask := func(method, path string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Close = true
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("anna:"+proxytest.Secret)))
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/?Action=CoreShowChannels&format=standard", "ListItems: 1"},
		{"POST", "/api/v1/actions/CoreShowChannels", "annas-1"},
		{"GET", "/?Action=Status&format=standard", "annas-1"},
		{"GET", "/?Action=Hangup&Channel=gretas-1&format=standard", "Permission denied"},
		{"POST", "/api/v1/actions/Command", "permission_denied"},
	} {
		body := ask(test.method, test.path)
		if !strings.Contains(body, test.want) || strings.Contains(body, "gretas") || strings.Contains(body, "PJSIP/103") {
			t.Errorf("%s answers\n%s", test.path, body)
		}
	}
}

// An answer that is kept, or that others ask for at the same time, is filtered for each who gets it.
//
//astproxy:attack
func TestAnAnswerThatIsSharedIsToEachTenantWhatIsHis(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())},
		Users:   []access.UserConfig{proxytest.User(), ofTenant("anna", "acme"), ofTenant("greta", "globex")},
		Tenants: twoTenants,
		Cache:   map[string]map[string]time.Duration{"pbx1": {"QueueSummary": time.Hour}},
	})
	p.Up(t, "pbx1")
	for _, c := range []struct{ user, sees, not string }{{"user", "sales", ""}, {"anna", "support", "sales"}, {"greta", "sales", "support"}, {"user", "support", ""}} {
		list := p.Login(t, c.user).List("1", "QueueSummary")
		text := textOf(list)
		if !strings.Contains(text, c.sees) || c.not != "" && (strings.Contains(text, c.not) || list[len(list)-1].Get("ListItems") != "1") {
			t.Errorf("%s is answered %s", c.user, text)
		}
	}
	asked := 0
	for _, m := range asterisk.Received() {
		if m.Action() == "QueueSummary" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("Asterisk was asked %d times", asked)
	}
}

// Where two tenants are in one call, each still has his own channel, and neither has what is nobody's.
func TestWhatIsInACallOfTwoTenantsIsNeithers(t *testing.T) {
	asterisk, p := startTenants(t)
	anna, greta := p.Login(t, "anna"), p.Login(t, "greta")
	settled(anna)
	settled(greta)
	say := func(event, channel, uniqueid, linkedid string, more ...string) {
		b := ami.NewEvent(event).Add("Privilege", "call,all").Add("Channel", channel).Add("Uniqueid", uniqueid).Add("Linkedid", linkedid)
		for _, h := range more {
			name, value, _ := strings.Cut(h, ": ")
			b.Add(name, value)
		}
		asterisk.Broadcast(b.Message())
	}
	const annas, gretas, trunk, later = "PJSIP/101-00000001", "PJSIP/103-00000002", "PJSIP/trunk-00000003", "PJSIP/trunk-00000004"
	say("Newchannel", annas, "1.1", "1.1")
	say("Newchannel", gretas, "1.2", "1.2")
	say("Newchannel", trunk, "1.3", "1.3")
	say("BridgeEnter", annas, "1.1", "1.1", "BridgeUniqueid: b1")
	say("BridgeEnter", gretas, "1.2", "1.1", "BridgeUniqueid: b1")
	say("BridgeEnter", trunk, "1.3", "1.1", "BridgeUniqueid: b1")
	say("Newchannel", later, "1.4", "1.1")
	say("Hold", gretas, "1.2", "1.2")
	say("Hold", annas, "1.1", "1.1")
	for _, who := range []struct {
		name   string
		c      *proxytest.Client
		own    string
		others []string
	}{{"anna", anna, annas, []string{gretas, "trunk"}}, {"greta", greta, gretas, []string{annas, "trunk"}}} {
		got := settled(who.c)
		for _, other := range who.others {
			if text := textOf(got); strings.Contains(text, other) {
				t.Errorf("%s sees %s in\n%s", who.name, other, text)
			}
		}
		if names := eventNames(got); !slices.Contains(names, "Newchannel") || !slices.Contains(names, "Hold") {
			t.Errorf("of %s %s sees %q", who.own, who.name, names)
		}
		for channel, may := range map[string]bool{who.own: true, who.others[0]: false, trunk: false, later: false} {
			if m := who.c.Ask("Hangup", "Channel: "+channel); (m.Get("Message") != "Permission denied") != may {
				t.Errorf("%s hangs up %s: %s", who.name, channel, m)
			}
		}
	}
}
