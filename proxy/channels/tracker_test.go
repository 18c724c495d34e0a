package channels_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/proxy/feed"
)

// byName gives channels whose name begins with a text that text as their tag; who is in a call with them is
// shown, too, unless it is named here with "apart".
type byName []string

func (r byName) Own(c *channels.Channel) feed.Tags {
	var own []string
	for _, prefix := range r {
		if strings.HasPrefix(c.Name, prefix) {
			own = append(own, prefix)
		}
	}
	return feed.NewTags(own...)
}

func (r byName) Join(tag string, _ *channels.Channel) channels.Joining {
	if slices.Contains(r, tag) {
		return channels.Shown
	}
	return channels.Apart
}

// labelled shows a tracker an event and returns whose it is, and what comes before it.
func labelled(t *testing.T, tracker *channels.Tracker, m ami.Message) (string, []feed.Earlier) {
	t.Helper()
	class, _ := m.Privilege()
	e := feed.Event{Message: m, Class: class, Server: "pbx1"}
	tracker.Label(&e)
	return e.Tags.String(), e.Earlier
}

// played shows a tracker events, headers separated by | and a class call each.
func played(t *testing.T, tracker *channels.Tracker, events ...string) (tags string, earlier []feed.Earlier) {
	t.Helper()
	for _, text := range events {
		name, rest, _ := strings.Cut(text, "|")
		m := ami.Parse("Event: " + name + "\nPrivilege: call,all\n" + strings.ReplaceAll(rest, "|", "\n"))
		tags, earlier = labelled(t, tracker, m)
	}
	return tags, earlier
}

// recorded are the events of a recording.
func recorded(t *testing.T, version string) (events []ami.Message) {
	t.Helper()
	f, err := os.Open("../../ami/testdata/asterisk" + version + "-events.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := ami.NewReplyReader(f, ami.ReplyLimits)
	for {
		m, err := r.Read()
		if errors.Is(err, io.EOF) {
			return events
		}
		if err != nil {
			t.Fatal(err)
		}
		if m.IsEvent() {
			events = append(events, m)
		}
	}
}

func TestEveryRecordedEventOfAChannelIsItsOwnersAndNobodyElses(t *testing.T) {
	for _, version := range []string{"16", "22"} {
		t.Run(version, func(t *testing.T) {
			tracker := channels.New(100)
			tracker.SetRule(byName{"Local/3001@", "Local/2001@"})
			shown := map[string]int{}
			for _, m := range recorded(t, version) {
				tags, _ := labelled(t, tracker, m)
				for _, tag := range []string{"Local/3001@", "Local/2001@"} {
					about := strings.Contains(m.Raw(), tag) && m.Event() != "DeviceStateChange"
					if its := tags == tag; its != about {
						t.Errorf("%q belongs to %q", m, tags)
					}
					if about {
						shown[tag]++
					}
				}
				if m.Event() == "UserEvent" && tags != channels.NoChannel {
					t.Errorf("%q belongs to %q", m, tags)
				}
			}
			if shown["Local/3001@"] < 10 || shown["Local/2001@"] < 10 {
				t.Errorf("the recording has too few of them: %v", shown)
			}
			if n := tracker.Len(); n != 0 {
				t.Errorf("%d channels are remembered that have hung up", n)
			}
		})
	}
}

func TestWhoEntersAConferenceIsShownToThoseWhoAreInItWithWhatWasToldOfHimBefore(t *testing.T) {
	for _, version := range []string{"16", "22"} {
		t.Run(version, func(t *testing.T) {
			tracker := channels.New(100)
			tracker.SetRule(byName{"Local/1003@"})
			var before []string
			for _, m := range recorded(t, version) {
				tags, earlier := labelled(t, tracker, m)
				met := m.Event() == "BridgeEnter" && strings.HasPrefix(m.Get("Channel"), "Local/1002@")
				if strings.HasPrefix(m.Get("Channel"), "Local/1002@") && tags == "Local/1003@" && before == nil && !met {
					t.Errorf("%q is shown before the two are in one bridge", m)
				}
				for _, e := range earlier {
					for _, m := range e.Messages {
						name, _, _ := strings.Cut(m.Get("Channel"), "@")
						before = append(before, m.Event()+" "+name+" "+m.Get("Uniqueid"))
					}
				}
				if !met {
					continue
				}
				others := tracker.Others(m.Get("Uniqueid"))
				if len(others) != 1 || !strings.HasPrefix(others[0].Name, "Local/1003@") || others[0].Bridge != m.Get("BridgeUniqueid") {
					t.Errorf("in the bridge with it are %+v", others)
				}
			}
			want := []string{
				"Newchannel Local/1002 conf-a", "Newstate Local/1002 conf-a",
				"Newchannel Local/1002 conf-b", "Newstate Local/1002 conf-b",
			}
			if !slices.Equal(before, want) {
				t.Errorf("earlier:\n%s", strings.Join(before, "\n"))
			}
		})
	}
}

const (
	sip101 = "Newchannel|Channel: SIP/101-a|Context: from-sip|AccountCode: acme|Uniqueid: 1.1"
	trunk  = "Newchannel|Channel: SIP/trunk-b|Context: from-trunk|Uniqueid: 1.2"
	sip102 = "Newchannel|Channel: SIP/102-c|Context: from-sip|Uniqueid: 1.3"
	up     = "Newstate|Channel: SIP/trunk-b|ChannelStateDesc: Up|Uniqueid: 1.2"
)

func TestAChannelThatIsDialledOrBridgedIsTheOwnersAsWell(t *testing.T) {
	for _, test := range []struct{ name, event string }{
		{"Dial of Asterisk 1.4", "Dial|Source: SIP/101-a|Destination: SIP/trunk-b|SrcUniqueID: 1.1|DestUniqueID: 1.2"},
		{"Dial of Asterisk 11", "Dial|SubEvent: Begin|Channel: SIP/101-a|Destination: SIP/trunk-b|UniqueID: 1.1|DestUniqueID: 1.2"},
		{"Link of Asterisk 1.4", "Link|Channel1: SIP/trunk-b|Channel2: SIP/101-a|Uniqueid1: 1.2|Uniqueid2: 1.1"},
		{"Bridge of Asterisk 11", "Bridge|Bridgestate: Link|Channel1: SIP/101-a|Channel2: SIP/trunk-b|Uniqueid1: 1.1|Uniqueid2: 1.2"},
		{"DialBegin", "DialBegin|Channel: SIP/101-a|Uniqueid: 1.1|DestChannel: SIP/trunk-b|DestUniqueid: 1.2"},
		{"DialBegin by the trunk", "DialBegin|Channel: SIP/trunk-b|Uniqueid: 1.2|DestChannel: SIP/101-a|DestUniqueid: 1.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tracker := channels.New(100)
			tracker.SetRule(byName{"SIP/101"})
			if tags, _ := played(t, tracker, sip101, trunk, sip102, up); tags != "" {
				t.Errorf("before, the trunk is %q's", tags)
			}
			tags, earlier := played(t, tracker, test.event)
			if tags != "SIP/101" || len(earlier) != 1 || len(earlier[0].Messages) != 2 {
				t.Fatalf("the event is %q's, and before it comes %v", tags, earlier)
			}
			if m := earlier[0].Messages[0]; m.Event() != "Newchannel" || m.Get("Channel") != "SIP/trunk-b" {
				t.Errorf("first comes %q", m)
			}
			if m := earlier[0].Messages[1]; m.Event() != "Newstate" || m.Get("ChannelStateDesc") != "Up" {
				t.Errorf("then comes %q", m)
			}
			if tags, earlier := played(t, tracker, test.event, up); tags != "SIP/101" || earlier != nil {
				t.Errorf("then it is %q's, and before it comes %v", tags, earlier)
			}
			if tags, _ := played(t, tracker, "Newstate|Channel: SIP/102-c|Uniqueid: 1.3"); tags != "" {
				t.Errorf("who has nothing to do with them is %q's", tags)
			}
		})
	}
}

func TestWhoIsShownOnlyHandsNothingOn(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(byName{"SIP/101"})
	played(t, tracker, sip101, trunk, sip102,
		"BridgeEnter|BridgeUniqueid: b1|Channel: SIP/101-a|Uniqueid: 1.1",
		"BridgeEnter|BridgeUniqueid: b1|Channel: SIP/trunk-b|Uniqueid: 1.2",
		"BridgeLeave|BridgeUniqueid: b1|Channel: SIP/101-a|Uniqueid: 1.1",
		"Hangup|Channel: SIP/101-a|Uniqueid: 1.1")
	if tags, _ := played(t, tracker, "BridgeEnter|BridgeUniqueid: b1|Channel: SIP/102-c|Uniqueid: 1.3"); tags != "" {
		t.Errorf("whom the trunk talks to when 101 has hung up is %q's", tags)
	}
	if tags, _ := played(t, tracker, up); tags != "SIP/101" {
		t.Errorf("the trunk, which 101 knows, is %q's", tags)
	}
}

// tenants are owners for good: a channel that is nobody's becomes theirs, and another's never does.
type tenants map[string]string // by context

func (r tenants) Own(c *channels.Channel) feed.Tags {
	if owner := r[c.Context]; owner != "" {
		return feed.Tags{owner}
	}
	return nil
}

func (r tenants) Join(tag string, c *channels.Channel) channels.Joining {
	if len(c.Tags) > 0 && !c.Tags.Has(tag) {
		return channels.Apart
	}
	for _, owner := range r {
		if owner == tag {
			return channels.Joined
		}
	}
	return channels.Apart
}

func TestWhoHasJoinedHandsOn(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(channels.Rules{byName{"SIP/102"}, tenants{"acme-phones": "acme", "beta-phones": "beta"}})
	played(t, tracker, "Newchannel|Channel: SIP/1-a|Context: acme-phones|Uniqueid: 1.1", trunk,
		"Newchannel|Channel: SIP/trunk-c|Context: from-trunk|Uniqueid: 1.3", "Newchannel|Channel: SIP/9-a|Context: beta-phones|Uniqueid: 1.9",
		"DialBegin|Uniqueid: 1.2|DestUniqueid: 1.1", "Hangup|Channel: SIP/1-a|Uniqueid: 1.1")
	if tags, _ := played(t, tracker, "DialBegin|Uniqueid: 1.2|DestUniqueid: 1.3"); tags != "acme" {
		t.Errorf("where acme's call went on to is %q's", tags)
	}
	played(t, tracker, "DialBegin|Uniqueid: 1.2|DestUniqueid: 1.9")
	if c, _ := tracker.Lookup("SIP/9-a"); c.Tags.String() != "beta" {
		t.Errorf("beta's phone is %q's", c.Tags)
	}
	if c, _ := tracker.Lookup("sip/TRUNK-b"); c.Tags.String() != "acme" || len(c.Dials) != 2 {
		t.Errorf("the trunk is %+v", c)
	}
}

func TestAClientsOwnEventTeachesNothing(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(byName{"SIP/101"})
	played(t, tracker, sip101, trunk)
	made := ami.Parse("Event: UserEvent\nPrivilege: user,all\nUserEvent: x\nEvent: DialBegin\nChannel: SIP/trunk-b\nUniqueid: 1.2\nDestUniqueid: 1.1\nBridgeUniqueid: b1")
	if tags, earlier := labelled(t, tracker, made); tags != "" || earlier != nil {
		t.Errorf("the event is %q's; before it comes %v", tags, earlier)
	}
	if tags, _ := played(t, tracker, up); tags != "" {
		t.Errorf("the trunk is %q's", tags)
	}
	// What the dialplan's application says stands in front of the text.
	own := ami.Parse("Event: UserEvent\nPrivilege: user,all\nChannel: SIP/101-a\nUniqueid: 1.1\nUserEvent: x\nFoo: bar")
	if tags, _ := labelled(t, tracker, own); tags != "SIP/101" {
		t.Errorf("the dialplan's event is %q's", tags)
	}
}

func TestHangupForgetsAllButTheRecordOfTheCall(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(byName{"SIP/101"})
	if tags, _ := played(t, tracker, sip101, "Hangup|Channel: SIP/101-a|Uniqueid: 1.1"); tags != "SIP/101" {
		t.Errorf("the Hangup itself is %q's", tags)
	}
	if _, known := tracker.Lookup("1.1"); known {
		t.Error("it is known still")
	}
	if tags, _ := played(t, tracker, "Cdr|Channel: SIP/101-a|UniqueID: 1.1"); tags != "SIP/101" {
		t.Errorf("its record is %q's", tags)
	}
	if tags, _ := played(t, tracker, "Newexten|Channel: SIP/101-a|Uniqueid: 1.1"); tags != "" {
		t.Errorf("what comes of it later is %q's", tags)
	}
}

func TestWhatIsNotKnownIsNobodys(t *testing.T) {
	tracker := channels.New(2)
	tracker.SetRule(byName{"SIP/101"})
	if tags, _ := played(t, tracker, "Newstate|Channel: SIP/101-z|Uniqueid: 9.9"); tags != "" {
		t.Errorf("an event of a channel that was never seen is %q's", tags)
	}
	played(t, tracker, sip101, "BridgeEnter|BridgeUniqueid: b1|Channel: SIP/101-a|Uniqueid: 1.1", trunk, sip102)
	if tags, _ := played(t, tracker, "Newstate|Channel: SIP/101-a|Uniqueid: 1.1"); tags != "" || tracker.Len() != 2 {
		t.Errorf("an event of a channel that had to be forgotten is %q's; %d are known", tags, tracker.Len())
	}
	if others := tracker.Others("1.2"); others != nil {
		t.Errorf("who was forgotten is in a bridge: %v", others)
	}
	tracker.Reset()
	if tags, _ := played(t, tracker, up); tags != "" || tracker.Len() != 0 {
		t.Errorf("after Reset it is %q's", tags)
	}
}

func TestARenamedChannelIsKnownByItsNewName(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(byName{"SIP/101"})
	played(t, tracker, trunk)
	tags, earlier := played(t, tracker, "Rename|Channel: SIP/trunk-b|Newname: SIP/101-d|Uniqueid: 1.2")
	if tags != "SIP/101" || len(earlier) != 1 {
		t.Errorf("the event is %q's; before it comes %v", tags, earlier)
	}
	if _, known := tracker.Lookup("SIP/trunk-b"); known {
		t.Error("the old name is known still")
	}
	if c, _ := tracker.Lookup("SIP/101-d"); c.Uniqueid != "1.2" {
		t.Errorf("by the new name it is %+v", c)
	}
}

func TestEventsThatNameNoChannelSaySo(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(byName{"SIP/101"})
	played(t, tracker, sip101, "BridgeEnter|BridgeUniqueid: b1|Channel: SIP/101-a|Uniqueid: 1.1", "BridgeLeave|BridgeUniqueid: b1|Channel: SIP/101-a|Uniqueid: 1.1")
	for _, test := range []struct{ event, tags string }{
		{"PeerStatus|Peer: SIP/101", channels.NoChannel},
		{"QueueMemberPause|Queue: q|Interface: SIP/101", channels.NoChannel},
		{"BridgeDestroy|BridgeUniqueid: b1", "SIP/101"},
		{"BridgeDestroy|BridgeUniqueid: b1", ""}, // it was told already
		{"BridgeCreate|BridgeUniqueid: b2", ""},
		{"OriginateResponse|Response: Failure|Channel: SIP/101|Uniqueid: <null>", "SIP/101"},
		{"OriginateResponse|Response: Failure|Channel: SIP/102|Uniqueid: <null>", ""},
		{"OriginateResponse|Response: Success|Channel: SIP/101-a|Uniqueid: 7.7", "SIP/101"},
		{"OriginateResponse|Response: Success|Channel: SIP/101-q|Uniqueid: 7.7", ""},
		{"Something|Channel: SIP/102-q|Linkedid: 1.1", ""},
		{"Something|Linkedid: 1.1", "SIP/101"},
	} {
		if tags, _ := played(t, tracker, test.event); tags != test.tags {
			t.Errorf("%s is %q's, not %q's", test.event, tags, test.tags)
		}
	}
}
