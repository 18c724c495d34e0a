package proxy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// phone101 is a user whose channels are those of the phone 101.
func phone101(change ...func(*access.UserConfig)) access.UserConfig {
	u := proxytest.User(proxytest.Named("anna"), proxytest.May([]string{"all"}, []string{"call", "originate", "reporting", "user"}))
	u.Channels = []string{"pjsip/101-", "PJSIP/101"}
	for _, f := range change {
		f(&u)
	}
	return u
}

// startFiltered starts a proxy whose users are one who may all and others, and waits until the channels that are
// there are known.
func startFiltered(t *testing.T, asterisk *sim.Server, users ...access.UserConfig) *proxytest.Proxy {
	t.Helper()
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users:   append(users, proxytest.User()),
	})
	p.Up(t, "pbx1")
	awaitFilled(t, p)
	return p
}

func awaitFilled(t *testing.T, p *proxytest.Proxy) {
	t.Helper()
	for c := p.Login(t, "user"); !p.Tracker("pbx1").Filled(); {
		c.Ask("Ping") // what makes it filled is under way
	}
}

// tell has Asterisk tell everybody of class call an event; headers are separated by |.
func tell(asterisk *sim.Server, event string) {
	name, headers, _ := strings.Cut(event, "|")
	asterisk.Broadcast(ami.Parse("Event: " + name + "\nPrivilege: call,all\n" + strings.ReplaceAll(headers, "|", "\n")))
}

// channelEvents are what a client has had of events about channels: their name and what channels they name.
func channelEvents(all []ami.Message) (told []string) {
	for _, m := range all {
		if line := m.Event(); m.IsEvent() && (m.Has("Channel") || m.Has("DestChannel")) {
			for _, header := range []string{"Channel", "DestChannel"} {
				if value := m.Get(header); value != "" {
					line += " " + value
				}
			}
			told = append(told, line)
		}
	}
	return told
}

func wantTold(t *testing.T, about string, got []ami.Message, want ...string) {
	t.Helper()
	if told := channelEvents(got); !slices.Equal(told, want) {
		t.Errorf("%s: told\n  %s\nwant\n  %s", about, strings.Join(told, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestAUserSeesHisChannelAndWhoItTalksToFromTheirBeginningOn(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c := p.Login(t, "anna")
	c.Settle()
	for _, event := range []string{
		"Newchannel|Channel: PJSIP/trunk-1|Uniqueid: 1.1|Linkedid: 1.1",
		"Newstate|Channel: PJSIP/trunk-1|ChannelStateDesc: Ring|Uniqueid: 1.1",
		"Newstate|Channel: PJSIP/trunk-1|ChannelStateDesc: Up|Uniqueid: 1.1",
		"Newchannel|Channel: PJSIP/102-2|Uniqueid: 1.2",
		"Newchannel|Channel: PJSIP/101-3|Uniqueid: 1.3",
		"PeerStatus|Peer: PJSIP/101",
		"BridgeEnter|BridgeUniqueid: b1|Channel: PJSIP/101-3|Uniqueid: 1.3",
		"VarSet|Channel: PJSIP/trunk-1|Uniqueid: 1.1",
	} {
		tell(asterisk, event)
	}
	wantTold(t, "before they talk", c.Settle(), "Newchannel PJSIP/101-3", "BridgeEnter PJSIP/101-3")
	tell(asterisk, "BridgeEnter|BridgeUniqueid: b1|Channel: PJSIP/trunk-1|Uniqueid: 1.1")
	met := c.Settle()
	wantTold(t, "when they talk", met, "Newchannel PJSIP/trunk-1", "Newstate PJSIP/trunk-1", "BridgeEnter PJSIP/trunk-1")
	if !slices.ContainsFunc(met, func(m ami.Message) bool { return m.Event() == "Newstate" && m.Get("ChannelStateDesc") == "Up" }) {
		t.Errorf("the Newstate is not the last one: %v", met)
	}
	for _, event := range []string{
		"VarSet|Channel: PJSIP/trunk-1|Uniqueid: 1.1",
		"BridgeEnter|BridgeUniqueid: b2|Channel: PJSIP/102-2|Uniqueid: 1.2",
		"Hangup|Channel: PJSIP/101-3|Uniqueid: 1.3",
		"VarSet|Channel: PJSIP/101-3|Uniqueid: 1.3",
		"Hangup|Channel: PJSIP/trunk-1|Uniqueid: 1.1",
		"VarSet|Channel: PJSIP/trunk-1|Uniqueid: 1.1",
		"Newchannel|Channel: PJSIP/trunk-1|Uniqueid: 1.9", // the name alone is nothing
	} {
		tell(asterisk, event)
	}
	wantTold(t, "afterwards", c.Settle(), "VarSet PJSIP/trunk-1", "Hangup PJSIP/101-3", "Hangup PJSIP/trunk-1")
}

//astproxy:attack
func TestAFilteredUserSeesNothingOfOtherCallsAndAllOfHisOwn(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c, all := p.Login(t, "anna"), p.Login(t, "user")
	for _, call := range [][2]string{{"101", "102"}, {"103", "104"}} {
		all.Ask("Originate", "Channel: PJSIP/"+call[0], "Context: default", "Exten: "+call[1], "Priority: 1", "Async: true")
	}
	for range 4 {
		all.Event("BridgeEnter")
	}
	all.Ask("Hangup", "Channel: /^PJSIP/")
	for range 4 {
		all.Event("Hangup")
	}
	var own []string
	for _, m := range channelEvents(all.Kept()) {
		if strings.Contains(m, "PJSIP/101") || strings.Contains(m, "PJSIP/102") {
			own = append(own, m)
		}
	}
	told := channelEvents(c.Settle())
	if slices.ContainsFunc(told, func(m string) bool { return strings.Contains(m, "103") || strings.Contains(m, "104") }) {
		t.Errorf("told of others' calls:\n%s", strings.Join(told, "\n"))
	}
	for _, m := range own {
		alone := strings.HasPrefix(m, "New") && !strings.HasPrefix(m, "Newchannel") && strings.HasSuffix(m, "PJSIP/102-00000001") // before it was dialled
		if !alone && !strings.HasPrefix(m, "TestEvent") && !strings.HasPrefix(m, "ChannelHungup") && !slices.Contains(told, m) {
			t.Errorf("not told %s", m)
		}
	}
	if n := p.Tracker("pbx1").Len(); n != 0 {
		t.Errorf("%d channels are remembered", n)
	}
}

//astproxy:attack
func TestAUserEventOfAClientsMakingGainsItNothing(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c := p.Login(t, "anna")
	tell(asterisk, "Newchannel|Channel: PJSIP/101-1|Uniqueid: 1.1")
	tell(asterisk, "Newchannel|Channel: PJSIP/102-2|Uniqueid: 1.2")
	c.Settle()
	for _, made := range [][]string{
		{"UserEvent: BridgeEnter", "BridgeUniqueid: b1", "Channel: PJSIP/101-1", "Uniqueid: 1.1"},
		{"UserEvent: BridgeEnter", "BridgeUniqueid: b1", "Channel: PJSIP/102-2", "Uniqueid: 1.1"},
		{"UserEvent: DialBegin", "Event: DialBegin", "Uniqueid: 1.1", "DestUniqueid: 1.2"},
		{"UserEvent: Rename", "Event: Rename", "Uniqueid: 1.2", "Newname: PJSIP/101-2"},
		{"UserEvent: Newchannel", "Privilege: call,all", "Event: Newchannel", "Channel: PJSIP/101-7", "Uniqueid: 1.2"},
	} {
		if r := p.Login(t, "user").Ask("UserEvent", made...); r.Response() != "Success" {
			t.Fatal(r)
		}
	}
	tell(asterisk, "Newstate|Channel: PJSIP/102-2|Uniqueid: 1.2")
	wantTold(t, "of another's channel and of claims", c.Settle())
}

func TestTheChannelsThatAreThereAreKnownAfterEveryConnect(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	direct := proxytest.Dial(t, asterisk.Addr())
	direct.Login("astproxy", "secret")
	direct.Ask("Originate", "Channel: PJSIP/101", "Context: default", "Exten: 102", "Priority: 1", "Async: true")
	direct.Ask("Originate", "Channel: PJSIP/103", "Context: default", "Exten: 1000", "Priority: 1", "Async: true")
	caller := direct.Event("BridgeEnter").Get("Channel")
	called := direct.Event("BridgeEnter").Get("Channel")
	id := func(c *proxytest.Client, channel string) string {
		for _, m := range c.List("ids", "CoreShowChannels") {
			if m.Get("Channel") == channel {
				return m.Get("Uniqueid")
			}
		}
		t.Fatalf("there is no %s", channel)
		return ""
	}
	calledID := id(direct, called)

	p := startFiltered(t, asterisk, phone101())
	c := p.Login(t, "anna")
	for range 2 {
		others := p.Tracker("pbx1").Others(caller)
		if len(others) != 1 || others[0].Name != called {
			t.Errorf("with %s in its bridge are %v", caller, others)
		}
		c.Settle()
		tell(asterisk, "VarSet|Channel: "+called+"|Uniqueid: "+calledID)
		wantTold(t, "of whom it talked to before the proxy knew", c.Settle(), "VarSet "+called)
		// A third one comes, whom only the list has told of.
		third := p.Tracker("pbx1").Others(called)
		if len(third) != 1 {
			t.Fatalf("with %s in its bridge are %v", called, third)
		}
		asterisk.Disconnect()
		c.Event("ProxyServerStatus", "Status: Disconnected")
		c.Event("ProxyServerStatus", "Status: Connected")
		awaitFilled(t, p)
	}
	bridge, _ := p.Tracker("pbx1").Lookup(caller)
	direct = proxytest.Dial(t, asterisk.Addr())
	direct.Login("astproxy", "secret")
	var third ami.Message
	for _, m := range direct.List("third", "CoreShowChannels") {
		if strings.HasPrefix(m.Get("Channel"), "PJSIP/103-") {
			third = m
		}
	}
	c.Settle()
	tell(asterisk, "BridgeEnter|BridgeUniqueid: "+bridge.Bridge+"|Channel: "+third.Get("Channel")+"|Uniqueid: "+third.Get("Uniqueid"))
	met := c.Settle()
	wantTold(t, "of one whom a list has told of", met, "Newchannel "+third.Get("Channel"), "BridgeEnter "+third.Get("Channel"))
	for _, m := range met {
		if m.Event() == "Newchannel" && (m.Has("Application") || m.Has("Duration") || m.ActionID() != "" || m.Get("CallerIDNum") != third.Get("CallerIDNum")) {
			t.Errorf("its Newchannel is not what Asterisk would have told:\n%s", m)
		}
	}
}

func TestMoreEventsAreThoseThatNameNoChannel(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	more := phone101(proxytest.Named("more"), func(u *access.UserConfig) { u.MoreEvents = true })
	p := startFiltered(t, asterisk, phone101(), more)
	c, with := p.Login(t, "anna"), p.Login(t, "more")
	c.Settle()
	with.Settle()
	tell(asterisk, "PeerStatus|Peer: PJSIP/102")
	tell(asterisk, "Newstate|Channel: PJSIP/102-1|Uniqueid: 1.1")
	for name, each := range map[string]struct {
		c    *proxytest.Client
		want int
	}{"with": {with, 1}, "without": {c, 0}} {
		if got := each.c.Settle(); len(got) != each.want {
			t.Errorf("%s more_events: %v", name, got)
		}
	}
}

func TestAReloadGivesAChannelFilterAndTakesItAway(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c := p.Login(t, "anna")
	tell(asterisk, "Newchannel|Channel: PJSIP/101-1|Uniqueid: 1.1")
	tell(asterisk, "Newchannel|Channel: PJSIP/102-2|Context: inside|Uniqueid: 1.2")
	c.Settle()
	both := func() {
		tell(asterisk, "Newstate|Channel: PJSIP/101-1|Uniqueid: 1.1")
		tell(asterisk, "Newstate|Channel: PJSIP/102-2|Uniqueid: 1.2")
	}
	for _, step := range []struct {
		about  string
		change func(*access.UserConfig)
		want   []string
	}{
		{"another channel", func(u *access.UserConfig) { u.Channels = []string{"PJSIP/102"} }, []string{"Newstate PJSIP/102-2"}},
		{"a context", func(u *access.UserConfig) { u.Channels, u.InContext = nil, "INSIDE" }, []string{"Newstate PJSIP/102-2"}},
		{"a channel elsewhere", func(u *access.UserConfig) { u.InContext = "outside" }, nil},
		{"no filter", func(u *access.UserConfig) { u.Channels = nil }, []string{"Newstate PJSIP/101-1", "Newstate PJSIP/102-2"}},
		{"the first", func(*access.UserConfig) {}, []string{"Newstate PJSIP/101-1"}},
	} {
		p.SetUsers(t, phone101(step.change), proxytest.User())
		both()
		wantTold(t, step.about, c.Settle(), step.want...)
	}
}

func TestWhatTheLogHadNoRoomForMakesChannelsUnknownUntilTheyAreListed(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c := p.Login(t, "anna")
	tell(asterisk, "Newchannel|Channel: PJSIP/101-1|Uniqueid: 1.1")
	c.Settle()
	p.Feed().Configure(feed.Config{Memory: 1})
	tell(asterisk, "Newstate|Channel: PJSIP/101-1|Uniqueid: 1.1") // no room
	c.Settle()
	p.Feed().Configure(feed.Config{})
	tell(asterisk, "Newstate|Channel: PJSIP/101-1|Uniqueid: 1.1")
	wantTold(t, "when events were lost", c.Settle())
	c.Ask("Originate", "Channel: PJSIP/101", "Context: default", "Exten: 102", "Priority: 1", "Async: true")
	c.Event("Newchannel")
	awaitFilled(t, p)
}

//astproxy:attack
func TestActionsThatNameOthersChannelsAreFiltered(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101(func(u *access.UserConfig) { u.OutContext = "default" }))
	c := p.Login(t, "anna")
	tell(asterisk, "Newchannel|Channel: PJSIP/101-1|Uniqueid: 1.1")
	tell(asterisk, "Newchannel|Channel: PJSIP/102-2|Uniqueid: 1.2")
	tell(asterisk, "Newchannel|Channel: PJSIP/103-3|Uniqueid: 1.3")
	tell(asterisk, "DialBegin|Uniqueid: 1.1|DestUniqueid: 1.2")
	c.Settle()
	for _, test := range []struct {
		filtered bool
		action   string
		headers  []string
	}{
		{false, "Hangup", []string{"Channel: pjsip/101-1"}},
		{false, "Hangup", []string{"Channel: 1.1"}},
		{false, "Hangup", []string{"Channel: PJSIP/102-2"}},
		{true, "Hangup", []string{"Channel: PJSIP/103-3"}},
		{true, "Hangup", []string{"Channel: 1.3"}},
		{true, "Hangup", []string{"Channel: /^PJSIP/"}},
		{true, "Hangup", []string{"Channel: PJSIP/101-1", "channel: PJSIP/103-3"}},
		{true, "Redirect", []string{"Channel: PJSIP/101-1", "ExtraChannel: PJSIP/103-3", "Context: default", "Exten: 1000", "Priority: 1"}},
		{true, "Redirect", []string{"Channel: PJSIP/101-1", "Context: other", "Exten: 1000", "Priority: 1"}},
		{true, "Redirect", []string{"Channel: PJSIP/101-1", "Context: default", "ExtraContext: other", "Exten: 1000", "Priority: 1"}},
		{true, "Originate", []string{"Channel: PJSIP/103", "Context: default", "Exten: 1000", "Priority: 1", "Async: true"}},
		{true, "Originate", []string{"Channel: Local/1000@default", "Context: default", "Exten: 1000", "Priority: 1", "Async: true"}},
		{false, "Originate", []string{"Channel: PJSIP/101", "Context: DEFAULT", "Exten: 1000", "Priority: 1", "Async: true"}},
		{true, "Status", []string{"Channel: PJSIP/103-3"}},
	} {
		r := c.Ask(test.action, append(test.headers, "ActionID: a")...)
		if filtered := r.Get("Message") == "Action Filtered"; filtered != test.filtered || r.ActionID() != "a" {
			t.Errorf("%s %q is answered\n%s", test.action, test.headers, r)
		}
	}
}

func TestAnOriginateHasTheUsersAccountAndHisLocalContext(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	enforced := phone101(func(u *access.UserConfig) { u.Account, u.OutContext, u.FilterLocal = "acme", "default", "enforce" })
	p := startFiltered(t, asterisk, enforced)
	c := p.Login(t, "anna")
	if r := c.Ask("Originate", "Channel: Local/1000@secret/n", "Account: another", "account: third", "Context: default", "Exten: 1001", "Priority: 1", "Async: true"); r.Response() != "Success" {
		t.Fatal(r)
	}
	sent, err := asterisk.Await(t.Context(), func(m ami.Message) bool { return m.Action() == "Originate" })
	if err != nil {
		t.Fatal(err)
	}
	if accounts := slices.Collect(sent.Values("Account")); sent.Get("Channel") != "Local/1000@default/n" || !slices.Equal(accounts, []string{"acme"}) {
		t.Errorf("Asterisk got\n%s", sent)
	}
}

// The first is recorded of astmanproxy 1.29.
func TestSetAutoFilterIsAnsweredAsAstmanproxyDoes(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c, other := p.Login(t, "anna"), p.Login(t, "anna")
	for value, number := range map[string]string{"unique": "2", "on": "1", "off": "0"} {
		c.SendRaw("ProxyAction: SetAutoFilter\r\nAutoFilter: " + value + "\r\n\r\n")
		if r := c.Response(); r.Raw() != "ProxyResponse: Success\r\nAutoFilter: "+number+"\r\n" {
			t.Errorf("%s is answered %q", value, r)
		}
		c.Settle()
		other.Ask("Ping", "ActionID: other")
		for _, m := range c.Settle() {
			if m.IsResponse() {
				t.Errorf("with %s it is told what another asked for:\n%s", value, m)
			}
		}
	}
}

//astproxy:attack
func TestListsHaveTheItemsOfHisChannelsAndACountThatIsRight(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := startFiltered(t, asterisk, phone101())
	c, all := p.Login(t, "anna"), p.Login(t, "user")
	for _, call := range [][2]string{{"101", "102"}, {"103", "104"}} {
		all.Ask("Originate", "Channel: PJSIP/"+call[0], "Context: default", "Exten: "+call[1], "Priority: 1", "Async: true")
	}
	for range 4 {
		all.Event("BridgeEnter")
	}
	list := c.List("l", "CoreShowChannels")
	var shown []string
	for _, m := range list {
		if name, _, found := strings.Cut(m.Get("Channel"), "-"); found {
			shown = append(shown, name)
		}
	}
	slices.Sort(shown)
	if end := list[len(list)-1]; !slices.Equal(shown, []string{"PJSIP/101", "PJSIP/102"}) || end.Get("ListItems") != "2" {
		t.Errorf("the list is of %q, and ends\n%s", shown, end)
	}
	if queues := c.List("q", "QueueSummary"); len(queues) != 4 { // response, two queues, end
		t.Errorf("of what names no channel: %v", queues)
	}
}
