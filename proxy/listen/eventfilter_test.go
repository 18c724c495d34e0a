package listen_test

import (
	"slices"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
)

// broadcastCalls has Asterisk tell everybody a row of events of class call.
func broadcastCalls(asterisk *sim.Server, names ...string) {
	for _, name := range names {
		asterisk.Broadcast(ami.NewEvent(name).Add("Privilege", "call,all").Add("Channel", "PJSIP/101-00000001").Message())
	}
}

// wantEvents fails the test if others have come than those.
func wantEvents(t *testing.T, about string, got []ami.Message, want ...string) {
	t.Helper()
	if names := eventNames(got); !slices.Equal(names, want) {
		t.Errorf("%s: the events are %q, want %q", about, names, want)
	}
}

func TestAUsersFiltersAndThoseOfHisClientAreOneList(t *testing.T) {
	including := user("including", []string{"call"}, []string{"system"})
	including.EventFilter = []string{"eventfilter(name(Newchannel)) =", "!Event: Newstate"}
	excluding := user("excluding", []string{"call"}, []string{"system"})
	excluding.EventFilter = []string{"eventfilter(action(exclude),name(Newstate)) ="}
	asterisk, p := start(t, including, excluding)
	one, other := p.Login(t, "including"), p.Login(t, "excluding")
	all := []string{"Newchannel", "Newstate", "Hangup"}

	broadcastCalls(asterisk, all...)
	wantEvents(t, "who includes one", settled(one), "Newchannel")
	wantEvents(t, "who excludes one", settled(other), "Newchannel", "Hangup")

	one.Ask("Filter", "Operation: Add", "MatchCriteria: name(Hangup)")
	one.Ask("Filter", "Operation: Add", "MatchCriteria: name(Newstate)")
	other.Ask("Filter", "Operation: Add", "MatchCriteria: name(Newstate)")
	broadcastCalls(asterisk, all...)
	wantEvents(t, "who included more", settled(one), "Newchannel", "Hangup")
	wantEvents(t, "who included what he excludes", settled(other))
}

// The HTTP doors have no list of their own to get around a user's.
func TestAUsersFiltersAreThoseOfHisWatchToo(t *testing.T) {
	filtered := user("filtered", []string{"call"}, nil)
	filtered.EventFilter = []string{"!Newstate"}
	asterisk, p := start(t, filtered)
	known, _ := p.Users().Authenticate("filtered", "hunter2")
	watch := p.NewWatch(known, ami.ClassAll, known.Filters())
	defer watch.Close()
	broadcastCalls(asterisk, "Newstate", "Hangup")
	settled(p.Login(t, "user"))
	var got []ami.Message
	for len(eventNames(got)) == 0 {
		watch.Wait(t.Context())
		got = append(got, watch.Read()...)
	}
	wantEvents(t, "the watch", got, "Hangup")
}

// As astmanproxy's users had it; no filter brings back what is kept away.
func TestAUserOfSomeKindsOfEventsSeesNoOthers(t *testing.T) {
	all := []string{"Newchannel", "VarSet", "BridgeEnter", "Cdr", "BlindTransfer", "BridgeLeave", "Hangup"}
	for _, test := range []struct {
		about  string
		change func(*access.UserConfig)
		want   []string
	}{
		{"cdronly", func(u *access.UserConfig) { u.CDROnly = true }, []string{"Cdr"}},
		{"brionly", func(u *access.UserConfig) { u.BridgeOnly = true }, []string{"BridgeEnter", "BridgeLeave"}},
		{"xfronly", func(u *access.UserConfig) { u.TransferOnly = true }, []string{"BlindTransfer"}},
		{"cdronly and xfronly", func(u *access.UserConfig) { u.CDROnly, u.TransferOnly = true, true }, []string{"Cdr", "BlindTransfer"}},
		{"novar", func(u *access.UserConfig) { u.NoVar = true }, []string{"Newchannel", "BridgeEnter", "Cdr", "BlindTransfer", "BridgeLeave", "Hangup"}},
		{"brionly with filters", func(u *access.UserConfig) {
			u.BridgeOnly = true
			u.EventFilter = []string{"eventfilter(name(BridgeEnter)) =", "eventfilter(name(Hangup)) ="}
		}, []string{"BridgeEnter"}},
		{"cdronly with a redaction", func(u *access.UserConfig) { u.CDROnly, u.Redact = true, []string{"drop Channel"} }, []string{"Cdr"}},
	} {
		t.Run(test.about, func(t *testing.T) {
			u := user("narrow", []string{"call"}, []string{"system"})
			test.change(&u)
			asterisk, p := start(t, u)
			c := p.Login(t, "narrow")
			broadcastCalls(asterisk, all...)
			wantEvents(t, test.about, settled(c), test.want...)
		})
	}
}
