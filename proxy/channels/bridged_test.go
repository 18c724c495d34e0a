package channels_test

import (
	"testing"

	"github.com/astproxy/astproxy/proxy/channels"
)

func TestWhoSpeaksWithWhomIsFoundThroughLocalChannels(t *testing.T) {
	tracker := channels.New(channels.DefaultLimit)
	for _, c := range [][2]string{
		{"PJSIP/1-1", "1"}, {"Local/2@x-1;1", "2"}, {"Local/2@x-1;2", "3"}, {"PJSIP/2-1", "4"}, {"PJSIP/3-1", "5"}, {"Local/9@x-2;1", "6"}, {"Local/9@x-2;2", "7"},
	} {
		played(t, tracker, "Newchannel|Channel: "+c[0]+"|Uniqueid: "+c[1]+"|Linkedid: 1")
	}
	speaks := func(who string, want ...string) {
		t.Helper()
		var got []string
		for _, c := range tracker.Bridged(who) {
			got = append(got, c.Uniqueid)
		}
		if len(got) != len(want) {
			t.Errorf("%s speaks with %q, want %q", who, got, want)
			return
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s speaks with %q, want %q", who, got, want)
			}
		}
	}
	enter := func(bridge, channel, id string) {
		played(t, tracker, "BridgeEnter|BridgeUniqueid: "+bridge+"|Channel: "+channel+"|Uniqueid: "+id+"|Linkedid: 1")
	}
	speaks("PJSIP/1-1")
	speaks("nobody")
	enter("a", "PJSIP/1-1", "1")
	enter("a", "Local/2@x-1;1", "2")
	speaks("PJSIP/1-1", "2") // behind it is nothing but an application
	enter("b", "Local/2@x-1;2", "3")
	enter("b", "PJSIP/2-1", "4")
	speaks("pjsip/1-1", "4")
	speaks("4", "1")
	speaks("Local/2@x-1;1", "1", "4")
	enter("b", "PJSIP/3-1", "5")
	enter("b", "Local/9@x-2;1", "6")
	speaks("1", "4", "5", "6")
	played(t, tracker, "BridgeLeave|BridgeUniqueid: a|Channel: PJSIP/1-1|Uniqueid: 1")
	speaks("1")
	speaks("4", "5", "6")
}
