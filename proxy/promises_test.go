package proxy_test

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest/promises"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// The scenarios of package promises with a simulated Asterisk; test/switchboard has them with real ones.

// forEachVersion runs a scenario with a simulated Asterisk of each version.
func forEachVersion(t *testing.T, test func(t *testing.T, s *sim.Server, a promises.Asterisk)) {
	for version, banner := range map[string]string{"22": "11.0.0", "16": "5.0.4"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			s := simtest.Start(t, sim.Config{Version: banner})
			test(t, s, promises.Asterisk{Address: s.Addr(), Username: "astproxy", Secret: "secret"})
		})
	}
}

func TestTwoClientsWithTheSameActionIDsEachGetTheirOwnAnswers(t *testing.T) {
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) {
		promises.SameActionIDs(t, a, 1000)
	})
}

func TestPingsAreAnsweredWhileTenSynchronousOriginatesRing(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, _ *sim.Server, a promises.Asterisk) {
		promises.RingingOriginates(t, a, time.Second)
	})
}
