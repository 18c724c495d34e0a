package switchboard_test

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/proxy/proxytest/promises"
	"github.com/astproxy/astproxy/test/asterisk"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

// forEachVersion runs a scenario with an Asterisk of each version, which is its own.
func forEachVersion(t *testing.T, test func(t *testing.T, s *asterisk.Server, a promises.Asterisk)) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			s, a := start(t, version)
			test(t, s, a)
		})
	}
}

func start(t *testing.T, version string) (*asterisk.Server, promises.Asterisk) {
	s := asterisk.Start(t, version)
	return s, promises.Asterisk{Address: s.AMIAddress, Username: s.Username, Secret: s.Secret}
}

func TestTwoClientsWithTheSameActionIDsEachGetTheirOwnAnswers(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *asterisk.Server, a promises.Asterisk) {
		promises.SameActionIDs(t, a, 1000)
	})
}

func TestPingsAreAnsweredWhileTenSynchronousOriginatesRing(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *asterisk.Server, a promises.Asterisk) {
		promises.RingingOriginates(t, a, 3*time.Second)
	})
}

func TestEveryActionIsAnsweredAndEventsFlowAgainWhenAsteriskIsKilledInMidList(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			s, a := start(t, version)
			promises.Crashes(t, a, 20, func(int) { s.Kill() }, s.Restart)
		})
	}
}

//astproxy:attack
func TestNothingAClientWritesRunsAsAnotherAction(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *asterisk.Server, a promises.Asterisk) { promises.Smuggling(t, a) })
}

//astproxy:attack
func TestNobodyIsAnsweredWithWhatSomebodyElseMadeUp(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *asterisk.Server, a promises.Asterisk) { promises.Forgery(t, a) })
}

func TestPingsOvertakeTheFiveThousandCommandsOfAnotherClient(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *asterisk.Server, a promises.Asterisk) { promises.ManyCommands(t, a, 5000) })
}

func TestAFrozenClientChangesNothingForFiftyBusyOnes(t *testing.T) {
	for _, version := range asterisk.Versions() {
		for _, policy := range []string{access.SlowClientDisconnect, access.SlowClientSkip} {
			t.Run(version+" "+policy, func(t *testing.T) {
				_, a := start(t, version)
				promises.FrozenClient(t, a, policy, nil)
			})
		}
	}
}

func TestAUserWithAChannelFilterSeesHisCallsFromTheirBeginningOnAndNoOthers(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *asterisk.Server, a promises.Asterisk) { promises.ChannelFilter(t, a) })
}
