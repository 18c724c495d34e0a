package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// filteredUser is a user with class all and a channel filter.
func filteredUser(t *testing.T, change func(*UserConfig)) *User {
	t.Helper()
	c := UserConfig{Name: "anna", Secret: "x", Read: []string{"all"}, Write: []string{"all"}}
	change(&c)
	users, err := NewUsers([]UserConfig{c})
	if err != nil {
		t.Fatal(err)
	}
	user, _ := users.Named("anna")
	return user
}

// knownTags are channels by name or Uniqueid, and whose they are.
type knownTags map[string]string

func (knownTags) CallTags(string) []string { return nil }

func (k knownTags) ChannelTags(nameOrUniqueid string) []string {
	return strings.Split(k[nameOrUniqueid], ", ")
}
func (k knownTags) BridgeTags(string) []string { return nil }

//astproxy:attack
func TestAnActionMayNameTheUsersChannelsAndWhoHasBeenInACallWithOne(t *testing.T) {
	user := filteredUser(t, func(c *UserConfig) { c.Channels, c.OutContext = []string{"SIP/101"}, "Local" })
	known := knownTags{"1.2": `channel "sip/101"`, "SIP/trunk-1": `channel "sip/102", channel "sip/101"`, "SIP/103-1": `channel "sip/103"`}
	for _, test := range []struct {
		action string
		by     string // "" is allowed
	}{
		{"Hangup|Channel: sip/101-1", ""},
		{"Hangup|Channel: 1.2", ""},
		{"Hangup|Channel: SIP/trunk-1", ""},
		{"Hangup|Channel: SIP/103-1", "channels"},
		{"Hangup|Channel: SIP/10", "channels"},
		{"Hangup|Channel: /^SIP.101/", "channels"},
		{"Hangup|Channel: SIP/101-1|CHANNEL: SIP/103-1", "channels"},
		{"Bridge|Channel1: SIP/101-1|Channel2: SIP/103-1", "channels"},
		{"Redirect|Channel: SIP/101-1|ExtraChannel: SIP/103-1|Context: local|Exten: 1|Priority: 1", "channels"},
		{"Redirect|Channel: SIP/101-1|ExtraChannel: SIP/trunk-1|Context: LOCAL|ExtraContext: local|Exten: 1|Priority: 1", ""},
		{"Redirect|Channel: SIP/101-1|Context: other|Exten: 1|Priority: 1", "out_context"},
		{"Redirect|Channel: SIP/101-1|Context: local|ExtraContext: other|Exten: 1|Priority: 1", "out_context"},
		{"QueueWithdrawCaller|Queue: q|Caller: SIP/103-1", "channels"},
		{"MessageSend|Destination: pjsip:103|To: x", ""},
		{"Originate|Channel: Local/1@local|Context: local|Exten: 1|Priority: 1", "channels"},
		{"QueueStatus|Queue: q", ""},
	} {
		name, headers, _ := strings.Cut(test.action, "|")
		d := user.JudgeKnowing(known, name, ami.ClassCall, ami.Parse("Action: "+name+"\n"+strings.ReplaceAll(headers, "|", "\n")))
		if d.Allowed != (test.by == "") || !d.Allowed && (d.By != test.by || d.Answer != "Action Filtered") {
			t.Errorf("%s: %+v", test.action, d)
		}
	}
	if d := user.Judge("Hangup", ami.ClassCall, ami.Parse("Action: Hangup\nChannel: SIP/trunk-1")); d.Allowed {
		t.Error("a channel that nobody knows passes")
	}
}

func TestFilterLocalIsAboutOriginatesOnLocalChannels(t *testing.T) {
	for _, test := range []struct {
		mode, context, channel string
		sent                   string // "" is refused
	}{
		{"", "in", "Local/1@in", ""},
		{"off", "in", "Local/1@in", ""},
		{"allow", "in", "local/1@out/n", "local/1@out/n"},
		{"allow", "in", "SIP/102", ""},
		{"allowwith", "in", "Local/1@in", "Local/1@in"},
		{"allowwith", "in", "LOCAL/1@IN/n", "LOCAL/1@IN/n"},
		{"allowwith", "in", "Local/1@out", ""},
		{"allowwith", "in", "Local/1", ""},
		{"allowwith", "in", "Local/1/@in", ""},
		{"allowwith", "in", "Local/1@in@out", ""},
		{"allowwith", "in", "Local/1@out/n@in", ""},
		{"allowwith", "", "Local/1@out", "Local/1@out"},
		{"allowwith", "", "Local/1", ""},
		{"enforce", "in", "Local/1@out/n", "Local/1@in/n"},
		{"enforce", "in", "Local/1", "Local/1@in"},
		{"enforce", "in", "SIP/101", "SIP/101"},
	} {
		user := filteredUser(t, func(c *UserConfig) {
			c.Channels, c.OutContext, c.FilterLocal = []string{"SIP/101"}, test.context, test.mode
		})
		m := user.Rewrite("Originate", ami.Parse("Action: Originate\nChannel: "+test.channel+"\nApplication: Wait"))
		d := user.Judge("Originate", ami.ClassOriginate, m)
		if d.Allowed != (test.sent != "") || d.Allowed && m.Get("Channel") != test.sent {
			t.Errorf("%s, out_context %q, of %s: %+v\n%s", test.mode, test.context, test.channel, d, m)
		}
	}
}

func TestAnEventIsExplainedByTheChannelsItNames(t *testing.T) {
	user := filteredUser(t, func(c *UserConfig) { c.Channels, c.InContext = []string{"SIP/101"}, "inside" })
	more := filteredUser(t, func(c *UserConfig) { c.Channels, c.MoreEvents = []string{"SIP/101"}, true })
	for _, test := range []struct {
		user    *User
		event   string
		allowed bool
		by      string
	}{
		{user, "Newstate\nChannel: SIP/101-1", true, "channels"},
		{user, "DialBegin\nChannel: SIP/102-1\nDestChannel: SIP/101-1", true, "channels"},
		{user, "Newstate\nChannel: SIP/102-1", false, "channels"},
		{user, "UserEvent\nChannel: SIP/101-1", false, "channels"},
		{user, "PeerStatus\nPeer: SIP/101", false, "more_events"},
		{more, "PeerStatus\nPeer: SIP/102", true, "more_events"},
	} {
		d := test.user.JudgeEventChannels(ami.Parse("Event: " + test.event))
		if d.Allowed != test.allowed || d.By != test.by || d.Why == "" {
			t.Errorf("%s: %+v", test.event, d)
		}
	}
	all := filteredUser(t, func(*UserConfig) {})
	if d := all.JudgeEventChannels(ami.Parse("Event: Newstate\nChannel: x")); !d.Allowed {
		t.Errorf("who has no filter: %+v", d)
	}
}

func TestWhatIsWrongWithAChannelFilterIsSaid(t *testing.T) {
	for key, change := range map[string]func(*UserConfig){
		"channels[1]": func(c *UserConfig) { c.Channels = []string{"SIP/1", ""} },
		"channels[0]": func(c *UserConfig) { c.Channels = []string{"SIP/1\n"} },
		"out_context": func(c *UserConfig) { c.OutContext = " x" },
		"in_context":  func(c *UserConfig) { c.InContext = "a\nb" },
		"account":     func(c *UserConfig) { c.Account = "a\r\nAction: x" },
		"filterlocal": func(c *UserConfig) { c.FilterLocal = "forbid" },
		"autofilter":  func(c *UserConfig) { c.AutoFilter = "2" },
	} {
		c := UserConfig{Name: "anna", Secret: "x"}
		change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), key+": ") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
