//go:build linux

package cost

import (
	"strings"
	"testing"
	"time"
)

func TestWallboardsGetWholeListsInEveryWayThatIsMeasured(t *testing.T) {
	t.Parallel()
	s := startQueues(t)
	ways := wallboardWays(s, 5, 100*time.Millisecond)
	checkWays(t, ways, compare(t, s, ways, 1, 300*time.Millisecond, nil))
}

func TestListenersGetTheSameEventsInEveryWayThatIsMeasured(t *testing.T) {
	t.Parallel()
	s := startCalling(t, 50*time.Millisecond)
	ways := listenerWays(s, 5)
	checkWays(t, ways, compare(t, s, ways, 1, time.Second, func() float64 { return callsOf(t, s) }))
}

// checkWays holds that there is something to compare.
func checkWays(t *testing.T, ways []way, samples [][]sample) {
	t.Helper()
	for i, r := range resultsOf(ways, samples) {
		if r.Asked > r.Done || r.Asked == 0 && strings.Contains(r.Way, "no cache") {
			t.Errorf("%s: %d answers from %d questions", r.Way, r.Done, r.Asked)
		}
		if r.Asterisk <= 0 || r.Work <= 0 || (r.Done == 0) != (i == 0) || (r.Proxy > 0) != strings.Contains(r.Way, "astproxy") {
			t.Errorf("%+v", r)
		}
	}
}
