package ami

import "testing"

// Asterisk compares bytes (strcasecmp). A letter that only Unicode takes for an s is none to it: an
// Originate with "Async: yeſ" would hold the session.
func TestOnlyWhatAsteriskTakesForYesIsYes(t *testing.T) {
	for _, yes := range []string{"yes", "YES", "true", "y", "t", "1", "on", "On"} {
		if !IsTrue(yes) {
			t.Errorf("%q is not yes", yes)
		}
	}
	for _, no := range []string{"", "no", "yeſ", "yes ", "2", "enabled"} {
		if IsTrue(no) {
			t.Errorf("%q is yes", no)
		}
	}
	if mask, ok := ParseMask("falſe"); mask != ClassNone || !ok {
		t.Errorf("the mask of an unknown name is %v, %v", mask, ok)
	}
}
