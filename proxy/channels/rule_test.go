package channels_test

import (
	"testing"

	"github.com/astproxy/astproxy/proxy/channels"
)

func TestANewRuleHoldsForTheChannelsThatAreThere(t *testing.T) {
	tracker := channels.New(100)
	tracker.SetRule(byName{"SIP/101", "SIP/102"})
	played(t, tracker, sip101, trunk, sip102,
		"BridgeEnter|BridgeUniqueid: b1|Uniqueid: 1.1", "BridgeEnter|BridgeUniqueid: b1|Uniqueid: 1.2", "BridgeLeave|BridgeUniqueid: b1|Uniqueid: 1.2",
		"BridgeEnter|BridgeUniqueid: b2|Uniqueid: 1.3", "BridgeEnter|BridgeUniqueid: b2|Uniqueid: 1.2")
	if tags, _ := played(t, tracker, up); tags != "SIP/101, SIP/102" {
		t.Fatalf("the trunk is %q's", tags)
	}
	tracker.SetRule(byName{"SIP/101", "SIP/102-"})
	if tags, earlier := played(t, tracker, up); tags != "SIP/101, SIP/102-" || earlier != nil {
		t.Errorf("whom it has talked to and whom it talks to are %q; before comes %v", tags, earlier)
	}
	tracker.SetRule(byName{})
	if tags, _ := played(t, tracker, up); tags != "" {
		t.Errorf("without a rule it is %q's", tags)
	}
	if tags, _ := played(t, tracker, "Newstate|Channel: SIP/101-a|Uniqueid: 1.1"); tags != "" {
		t.Errorf("without a rule 101 is %q's", tags)
	}
}

func TestWithoutARuleEventsHaveTheTagsThatARuleWithoutOwnersGivesThem(t *testing.T) {
	for _, version := range []string{"16", "22"} {
		unruled, ownerless := channels.New(100), channels.New(100)
		unruled.SetRule(byName{"SIP/", "Local/"})
		unruled.SetRule(channels.Rules{})
		ownerless.SetRule(byName{})
		of := map[string]int{}
		for _, m := range recorded(t, version) {
			got, _ := labelled(t, unruled, m)
			if want, _ := labelled(t, ownerless, m); got != want {
				t.Errorf("Asterisk %s: %q, not %q, for\n%s", version, got, want, m)
			}
			of[got]++
		}
		if of[""] == 0 || of[channels.NoChannel] == 0 || len(of) != 2 {
			t.Errorf("Asterisk %s: %v", version, of)
		}
	}
}
