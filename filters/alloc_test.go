//go:build !race

// The race detector makes sync.Pool forget.

package filters

import "testing"

// The match of an event is on the path of every event to every client with a filter.
func TestMatchingAllocatesNothing(t *testing.T) {
	for _, test := range [][2]string{
		{"", "Newexten"}, {"", "Event: (Newexten|Hangup)"}, {"header(Channel),method(regex)", "^PJSIP/10[1-3]"}, {"name(Newexten),method(contains)", "default"},
	} {
		f := mustParse(t, test[0], test[1])
		f.Match(event)
		if n := testing.AllocsPerRun(100, func() { f.Match(event) }); n >= 1 {
			t.Errorf("(%s) = %s: %v allocations", test[0], test[1], n)
		}
	}
}
