package channels_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/astproxy/astproxy/proxy/channels"
)

// Whatever comes in whatever order, with more channels than are remembered: who has no tag by itself and was in no
// call with one who has gets none, and nobody is in a bridge that does not know him.
func TestWhateverIsToldInWhateverOrderNobodyIsMadeSomebodys(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tracker := channels.New(12)
	tracker.SetRule(byName{"SIP/1", "SIP/2"})
	n := func(limit int) int { return random.IntN(limit) }
	for range 50_000 {
		// Channels of each of four groups, of which 1 and 2 have owners, meet those of their own group alone.
		group := 1 + n(4)
		one, other := fmt.Sprintf("%d.%d", group, n(5)), fmt.Sprintf("%d.%d", group, n(5))
		event := [...]string{
			"Newchannel|Channel: SIP/%[1]s|Uniqueid: %[1]s", "Newchannel|Channel: SIP/%[1]s|Uniqueid: %[1]s", "Newstate|Channel: SIP/%[1]s|Uniqueid: %[1]s",
			"Hangup|Channel: SIP/%[1]s|Uniqueid: %[1]s", "Rename|Newname: SIP/%[1]s;1|Uniqueid: %[1]s", "Rename|Newname: SIP/%[1]s;2|Uniqueid: %[2]s",
			"DialBegin|Uniqueid: %[1]s|DestUniqueid: %[2]s", "DialEnd|Uniqueid: %[1]s|DestUniqueid: %[2]s",
			"Dial|SubEvent: Begin|UniqueID: %[1]s|DestUniqueID: %[2]s", "Dial|SubEvent: End|UniqueID: %[1]s",
			"BridgeEnter|BridgeUniqueid: b%[3]d|Uniqueid: %[1]s", "BridgeLeave|BridgeUniqueid: b%[3]d|Uniqueid: %[1]s", "BridgeDestroy|BridgeUniqueid: b%[3]d",
			"Link|Uniqueid1: %[1]s|Uniqueid2: %[2]s", "Unlink|Uniqueid1: %[1]s|Uniqueid2: %[2]s",
		}[n(15)]
		played(t, tracker, fmt.Sprintf(event+"|Told: %[1]s %[2]s %[3]d", one, other, group))
		if n(500) == 0 {
			tracker.SetRule(byName{"SIP/1", "SIP/2"})
		}
		c, known := tracker.Lookup(one)
		if !known {
			continue
		}
		if tags := c.Tags.String(); tags != "" && tags != fmt.Sprintf("SIP/%d", group) {
			t.Fatalf("%s is %q's", one, tags)
		}
		for _, member := range tracker.Others(one) {
			if member.Bridge != c.Bridge || member.Uniqueid == one {
				t.Fatalf("%+v is with %+v", member, c)
			}
		}
	}
	if tracker.Len() > 12 {
		t.Errorf("%d are known", tracker.Len())
	}
}
