//go:build linux

package cost

import (
	"slices"
	"testing"
	"time"

	"github.com/astproxy/astproxy/load"
	"github.com/astproxy/astproxy/test/asterisk"
)

// A way is one of those whose costs are compared.
type way struct {
	name string
	// begin returns when its clients do what is measured.
	begin func(testing.TB) running
}

// A running is a way that is measured now.
type running struct {
	end   func() (done int) // has the clients end, and tells how much they got: answers, or events
	proxy *proxyProcess     // nil: there is none
}

// behind says that the clients are clients of p, which ends with them.
func (r running) behind(p *proxyProcess) running {
	end := r.end
	return running{proxy: p, end: func() int {
		defer p.end()
		return end()
	}}
}

// nobody is the way of an Asterisk without a manager session.
func nobody(testing.TB) running { return running{end: func() int { return 0 }} }

// A sample is what one way cost once.
type sample struct {
	asterisk, proxy time.Duration // of CPU
	work            float64       // what it is counted for: seconds, or calls
	done            int
	asked           int // how often the proxy has asked for QueueStatus
}

// sampleOf measures one way for a time; work counts, and nil counts seconds.
func sampleOf(tb testing.TB, s *asterisk.Server, w way, span time.Duration, work func() float64) (m sample) {
	tb.Helper()
	r := w.begin(tb)
	cpu := func() (of, proxy time.Duration) {
		of = cpuOf(tb, s.PID())
		if r.proxy != nil {
			proxy = cpuOf(tb, r.proxy.command.Process.Pid)
		}
		return of, proxy
	}
	if work == nil {
		begin := time.Now()
		work = func() float64 { return time.Since(begin).Seconds() }
	}
	asked := func() int {
		if r.proxy == nil || r.proxy.relay == nil {
			return 0
		}
		return int(r.proxy.relay.asked.Load())
	}
	m.asked = -asked()
	before := work()
	ofAsterisk, ofProxy := cpu()
	time.Sleep(span)
	m.asterisk, m.proxy = cpu()
	m.asterisk -= ofAsterisk
	m.proxy -= ofProxy
	m.work = work() - before
	m.done = r.end()
	m.asked += asked()
	return m
}

func cpuOf(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	t, err := load.CPUTime(pid)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// compare measures each way so many times, in turns, so that whatever changes on the machine changes for all.
func compare(tb testing.TB, s *asterisk.Server, ways []way, rounds int, span time.Duration, work func() float64) [][]sample {
	tb.Helper()
	samples := make([][]sample, len(ways))
	for range rounds {
		for i, w := range ways {
			samples[i] = append(samples[i], sampleOf(tb, s, w, span, work))
		}
	}
	return samples
}

// A result is what one way costs, in milliseconds of CPU a second or a call.
type result struct {
	Way      string  `json:"way"`
	Asterisk float64 `json:"asterisk_cpu_ms"` // the median
	Least    float64 `json:"asterisk_cpu_ms_least"`
	Most     float64 `json:"asterisk_cpu_ms_most"`
	Ratio    float64 `json:"ratio"`                // of the median to that of one who asks directly
	Net      float64 `json:"asterisk_cpu_ms_net"`  // above that with nobody
	Each     float64 `json:"asterisk_cpu_us_each"` // of it, for each answer or event
	Proxy    float64 `json:"astproxy_cpu_ms"`
	Work     float64 `json:"work"`  // seconds or calls, in all rounds
	Done     int     `json:"done"`  // answers, or events of each client, in all rounds
	Asked    int     `json:"asked"` // QueueStatus, by the proxy, in all rounds
}

// resultsOf makes them of samples; the first way has nobody, the second one client.
func resultsOf(ways []way, samples [][]sample) (results []result) {
	for i, w := range ways {
		r := result{Way: w.name}
		var ofAsterisk, ofProxy []float64
		for _, m := range samples[i] {
			ofAsterisk = append(ofAsterisk, m.asterisk.Seconds()*1000/m.work)
			ofProxy = append(ofProxy, m.proxy.Seconds()*1000/m.work)
			r.Work += m.work
			r.Done += m.done
			r.Asked += m.asked
		}
		r.Asterisk, r.Proxy = median(ofAsterisk), median(ofProxy)
		r.Least, r.Most = slices.Min(ofAsterisk), slices.Max(ofAsterisk)
		results = append(results, r)
	}
	nobody, one := results[0].Asterisk, results[1].Asterisk
	for i := range results {
		r := &results[i]
		r.Ratio, r.Net = r.Asterisk/one, r.Asterisk-nobody
		if r.Done > 0 {
			r.Each = 1000 * r.Net * r.Work / float64(r.Done)
		}
	}
	return results
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
