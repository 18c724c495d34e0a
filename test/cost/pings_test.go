//go:build linux

package cost

import (
	"fmt"
	"testing"

	"github.com/astproxy/astproxy/load"
	"github.com/astproxy/astproxy/test/asterisk"
)

// BenchmarkPipelinedPings measures how many Pings a second one connection gets answered that does not wait, of Asterisk
// itself and through the proxy.
func BenchmarkPipelinedPings(b *testing.B) {
	s := asterisk.Start(b, "22")
	p := startProxy(b, s, s.AMIAddress, "")
	defer p.end()
	for range b.N {
		var direct, through []float64
		for range *rounds {
			direct = append(direct, pingsAt(b, s, s.AMIAddress))
			through = append(through, pingsAt(b, s, p.address))
		}
		ratio := median(through) / median(direct)
		fmt.Printf("\n%s: %.0f a second directly, %.0f through astproxy, ratio %.2f\n", b.Name(), median(direct), median(through), ratio)
		b.ReportMetric(median(direct), "direct/s")
		b.ReportMetric(median(through), "through/s")
		b.ReportMetric(ratio, "ratio")
	}
}

// pingsAt is how many an address answers.
func pingsAt(b *testing.B, s *asterisk.Server, address string) float64 {
	b.Helper()
	r, err := load.Run(b.Context(), load.Options{
		External: true, Address: address, Username: s.Username, Secret: s.Secret, Pipeline: 100_000,
	})
	if err != nil {
		b.Fatal(err)
	}
	return r.Pipeline.Proxy
}
