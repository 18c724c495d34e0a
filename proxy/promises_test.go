package proxy_test

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest/promises"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// The scenarios of package promises with a simulated Asterisk; test/switchboard has them with real ones.

// versions are the Asterisks that are simulated, by what their banners say.
var versions = map[string]string{"22": "11.0.0", "16": "5.0.4"}

// forEachVersion runs a scenario with a simulated Asterisk of each version.
func forEachVersion(t *testing.T, test func(t *testing.T, s *sim.Server, a promises.Asterisk)) {
	for version, banner := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			s, a := start(t, banner)
			test(t, s, a)
		})
	}
}

func start(t *testing.T, banner string) (*sim.Server, promises.Asterisk) {
	s := simtest.Start(t, sim.Config{Version: banner})
	return s, promises.Asterisk{Address: s.Addr(), Username: "astproxy", Secret: "secret"}
}

//astproxy:attack
func TestTwoClientsWithTheSameActionIDsEachGetTheirOwnAnswers(t *testing.T) {
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) {
		promises.SameActionIDs(t, a, 1000)
	})
}

//astproxy:attack
func TestPingsAreAnsweredWhileTenSynchronousOriginatesRing(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) {
		promises.RingingOriginates(t, a, time.Second)
	})
}

func TestEveryActionIsAnsweredAndEventsFlowAgainWhenAsteriskIsCutOffInMidList(t *testing.T) {
	for version, banner := range versions {
		t.Run(version, func(t *testing.T) {
			s, a := start(t, banner)
			// Later in a block every time.
			promises.Crashes(t, a, 10, func(time int) { s.Cut(1000 + 17*time) }, func() {})
		})
	}
}

//astproxy:attack
func TestNothingAClientWritesRunsAsAnotherAction(t *testing.T) {
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) { promises.Smuggling(t, a) })
}

//astproxy:attack
func TestPingsOvertakeTheFiveThousandCommandsOfAnotherClient(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) { promises.ManyCommands(t, a, 5000) })
}

func TestAFrozenClientChangesNothingForFiftyBusyOnes(t *testing.T) {
	for _, policy := range []string{access.SlowClientDisconnect, access.SlowClientSkip} {
		t.Run(policy, func(t *testing.T) {
			s, a := start(t, versions["22"])
			promises.FrozenClient(t, a, policy, s.Broadcast)
		})
	}
}

func TestAUserWithAChannelFilterSeesHisCallsFromTheirBeginningOnAndNoOthers(t *testing.T) {
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) { promises.ChannelFilter(t, a) })
}
