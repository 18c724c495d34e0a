//go:build linux

package cost

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/astproxy/astproxy/test/asterisk"
)

var (
	clients = flag.Int("clients", 300, "how many clients are many")
	rounds  = flag.Int("rounds", 3, "how often each way is measured")
	span    = flag.Duration("span", 10*time.Second, "how long each way is measured")
	every   = flag.Duration("call", 50*time.Millisecond, "the time between two calls")
	results = flag.String("results", "", "a file for the results, a line of JSON for each way")
)

// BenchmarkWallboards measures clients that ask for the queues every second.
func BenchmarkWallboards(b *testing.B) {
	s := startQueues(b)
	benchmark(b, s, wallboardWays(s, *clients, time.Second), nil, "second", "answers")
}

// BenchmarkCalls measures clients that want all events of an Asterisk that makes calls.
func BenchmarkCalls(b *testing.B) {
	s := startCalling(b, *every)
	benchmark(b, s, listenerWays(s, *clients), func() float64 { return callsOf(b, s) }, "call", "events")
}

// benchmark prints what each way costs Asterisk for each unit of work; done is what its clients count.
func benchmark(b *testing.B, s *asterisk.Server, ways []way, work func() float64, unit, done string) {
	b.Helper()
	for range b.N {
		all := resultsOf(ways, compare(b, s, ways, *rounds, *span, work))
		printResults(b, all, unit, done)
		writeResults(b, all)
	}
}

func printResults(b *testing.B, all []result, unit, done string) {
	b.Helper()
	fmt.Printf("\n%s: CPU a %s, the median of %d times %v\n", b.Name(), unit, *rounds, *span)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\tAsterisk\tleast to most\tratio\tabove nobody's\tof that, each of the\tpolls by astproxy\tastproxy\t%ss\n", unit)
	for _, r := range all {
		fmt.Fprintf(w, "%s\t%.2f ms\t%.2f to %.2f\t%.2f\t%.2f ms\t%.1f µs, %d %s\t%d\t%.2f ms\t%.0f\n",
			r.Way, r.Asterisk, r.Least, r.Most, r.Ratio, r.Net, r.Each, r.Done, done, r.Asked, r.Proxy, r.Work)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

func writeResults(b *testing.B, all []result) {
	b.Helper()
	if *results == "" {
		return
	}
	file, err := os.OpenFile(*results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	for _, r := range all {
		if err := json.NewEncoder(file).Encode(struct {
			Benchmark string `json:"benchmark"`
			Clients   int    `json:"clients"`
			result
		}{b.Name(), *clients, r}); err != nil {
			b.Fatal(err)
		}
	}
}
