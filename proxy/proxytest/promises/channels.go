package promises

import (
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// ChannelFilter has two conferences, in one of which is a channel of a user with a channel filter. He sees that
// channel and who comes into its conference, whose Newchannel and latest Newstate are sent first, and of the others
// nothing; and that is so of a proxy that has come when the calls were there already.
func ChannelFilter(t *testing.T, a Asterisk) {
	anna := proxytest.User(proxytest.Named("anna"), proxytest.May([]string{"all"}, []string{"call", "originate", "reporting", "user"}))
	anna.Channels = []string{"local/1001@"}
	witness := a.direct(t, "on")
	p := startProxy(t, a, feed.Config{}, anna)
	awaitChannels(t, p)
	c := p.Login(t, "anna")

	enter := func(extension, room string) {
		witness.Ask("Originate", "Channel: Local/"+extension+"@default", "Application: ConfBridge", "Data: "+room, "Async: true")
		witness.Next(func(m ami.Message) bool { return m.Event() == "BridgeEnter" && isOf(m, extension) })
	}
	enter("1001", "7001")
	enter("1002", "7002")
	enter("1003", "7001")
	if r := p.Login(t, "user").Ask("UserEvent", "UserEvent: BridgeEnter", "Channel: "+channelOf(t, c, "1001"), "Uniqueid: 1"); r.Response() != "Success" {
		t.Fatal(r)
	}
	told := c.Settle()
	wantCalls(t, "while they come", told, "1001", "1003")
	wantFromItsBeginning(t, told, "1003")

	again := startProxy(t, a, feed.Config{}, anna)
	awaitChannels(t, again)
	late := again.Login(t, "anna")
	enter("1004", "7001")
	told = late.Settle()
	wantCalls(t, "of a proxy that has come later", told, "1004", "(1001)", "(1003)")
	wantFromItsBeginning(t, told, "1004")
	enter("1005", "7002")

	witness.Ask("Hangup", "Channel: /^Local/100/")
	for left := map[string]bool{}; len(left) < 10; {
		left[witness.Event("Hangup").Get("Channel")] = true
	}
	wantCalls(t, "to their end", append(c.Settle(), late.Settle()...), "1001", "1003", "1004")
	for _, p := range []*proxytest.Proxy{p, again} {
		if n := p.Tracker(serverName).Len(); n != 0 {
			t.Errorf("%d channels are remembered that have hung up", n)
		}
	}
}

// awaitChannels waits until the proxy knows the channels that were there when it came.
func awaitChannels(tb testing.TB, p *proxytest.Proxy) {
	tb.Helper()
	for c := p.Login(tb, "user"); !p.Tracker(serverName).Filled(); {
		c.Ask("Ping") // the list is under way
	}
}

// isOf tells whether a message is of a Local channel to an extension.
func isOf(m ami.Message, extension string) bool {
	return strings.HasPrefix(m.Get("Channel"), "Local/"+extension+"@") || strings.HasPrefix(m.Get("DestChannel"), "Local/"+extension+"@")
}

// channelOf is the name of the channel that a filtered client sees.
func channelOf(t *testing.T, c *proxytest.Client, extension string) string {
	t.Helper()
	list := c.List("channels", "CoreShowChannels")
	i := slices.IndexFunc(list, func(m ami.Message) bool { return isOf(m, extension) })
	if i < 0 {
		t.Fatalf("the list has no channel of %s: %v", extension, list)
	}
	for _, m := range list {
		if m.Get("Channel") != "" && isOf(m, "1002") {
			t.Errorf("the list has another's channel:\n%s", m)
		}
	}
	return list[i].Get("Channel")
}

// wantCalls fails the test if events of other channels have come than those to the extensions, or none of one of them
// that is not in brackets.
func wantCalls(t *testing.T, about string, told []ami.Message, extensions ...string) {
	t.Helper()
	count := map[string]int{}
	for _, m := range told {
		named := m.Has("Channel") || m.Has("DestChannel") || m.Has("LocalOneChannel") || m.Has("Uniqueid")
		i := slices.IndexFunc(extensions, func(extension string) bool {
			return strings.Contains(m.Raw(), "Local/"+strings.Trim(extension, "()")+"@")
		})
		switch {
		case i >= 0:
			count[extensions[i]]++
		case m.IsEvent() && named:
			t.Errorf("%s: told\n%s", about, m)
		}
	}
	for _, extension := range extensions {
		if count[extension] == 0 && !strings.HasPrefix(extension, "(") {
			t.Errorf("%s: nothing is told of %s", about, extension)
		}
	}
}

// wantFromItsBeginning wants the first events of a channel that has come to be known to be its Newchannel and its
// latest Newstate.
func wantFromItsBeginning(t *testing.T, told []ami.Message, extension string) {
	t.Helper()
	var names []string
	for _, m := range told {
		if m.IsEvent() && strings.HasSuffix(m.Get("Channel"), ";1") && isOf(m, extension) {
			names = append(names, m.Event())
		}
	}
	i := slices.Index(names, "BridgeEnter")
	if i != 2 || names[0] != "Newchannel" || names[1] != "Newstate" {
		t.Errorf("of %s is told %q", extension, names)
	}
}
