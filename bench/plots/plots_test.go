package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestThePlotsShowTheResults(t *testing.T) {
	for _, f := range figures {
		drawn, err := f.draw(resultsFolder)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(plotsFolder, f.name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(drawn, kept) {
			t.Errorf("%s.svg is not what bench/results has: go -C bench/plots run .", f.name)
		}
		if len(kept) > 40<<10 {
			t.Errorf("%s.svg has %d bytes", f.name, len(kept))
		}
	}
}

func TestThePageHasEveryPlotInWordsToo(t *testing.T) {
	page, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if !regexp.MustCompile(`!\[[^]]{20,}\]\(plots/` + regexp.QuoteMeta(f.name) + `\.svg\)`).Match(page) {
			t.Errorf("docs/performance.md does not show %s.svg, or says nothing to who cannot see it", f.name)
		}
	}
}

// right is a report of which nothing is wrong.
const right = `{"file": "x", "line": "AMI", "flush_interval": "5ms", "report": {"target": "proxy", "clients": 10, "events_offered": 100,
	"server": {"cpu_us_per_event": 5.00049, "cores": 0.5}, "latency": {"p50_ns": 1000000, "p99_ns": 2000000},
	"baselines": [{"target": "nats", "clients": 10, "server": {"cpu_us_per_event": 7}, "latency": {"p99_ns": 1}}]}}`

func measured(t *testing.T, read func(results, *os.File) error, text string) (results, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "measured")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := results{}
	err := withFile(path, func(f *os.File) error { return read(r, f) })
	return r, err
}

func TestRoundsOfTheSameComeTogether(t *testing.T) {
	r, err := measured(t, results.addReports, right+right+strings.Replace(right, `"clients": 10`, `"clients": 20`, 1))
	if err != nil {
		t.Fatal(err)
	}
	points := r["x"].Points
	if len(points) != 3 || points[1].Line != "nats-server" || points[2].Clients != 20 {
		t.Fatalf("%+v", points)
	}
	if p := points[0]; len(p.Microseconds) != 2 || p.Microseconds[0] != 5 || p.P99[1] != 2 || p.FlushInterval != "5ms" || p.Events != 100 {
		t.Errorf("%+v", p)
	}
}

func TestResultsOfWhichSomethingWasLostAreNotKept(t *testing.T) {
	for _, wrong := range []string{`"lost": 1`, `"unfinished": 1`, `"disconnected": 1`, `"duplicates": 1`, `"out_of_order": 1`, `"server": {}`} {
		text := strings.Replace(right, `"latency"`, wrong+`, "latency"`, 1)
		if wrong == `"server": {}` {
			text = strings.Replace(right, `5.00049`, `0`, 1)
		}
		r, err := measured(t, results.addReports, strings.Replace(right, `"x"`, `"other"`, 1)+right+text)
		if err == nil || r["x"] != nil || r["other"] == nil {
			t.Errorf("%s: %v %v", wrong, err, r)
		}
	}
}

func TestTheRoundsOfABenchmark(t *testing.T) {
	r, err := measured(t, results.addBenchmarks, `goos: linux
BenchmarkUsersWithAFilterEach/filter=name-and-prefix/users=10-2 	  140	 9 ns/op	1420 cpu-ns/op	 637 B/op
BenchmarkUsersWithAFilterEach/filter=name-and-prefix/users=10-2 	  140	 9 ns/op	1400 cpu-ns/op	 637 B/op
BenchmarkUsersWithAFilterEach/filter=exact/users=1000 	  140	 9 ns/op	2000 cpu-ns/op	 637 B/op
PASS
`)
	if err != nil {
		t.Fatal(err)
	}
	points := r["matcher"].Points
	if len(points) != 2 || points[0].Line != "name and prefix" || points[0].Clients != 10 || points[1].Microseconds[0] != 2 {
		t.Fatalf("%+v", points)
	}
	if low, median, high := span(points[0].Microseconds); low != 1.4 || median != 1.41 || high != 1.42 {
		t.Errorf("%v %v %v", low, median, high)
	}
}

func TestAnAxisHasNumbersAtItsEnds(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{{0.3, 9, "0.2 0.5 1 2 5 10"}, {1, 1, "1 2"}, {20, 1001, "20 50 100 200 500 1,000 2,000"}} {
		var got []string
		for _, tick := range (axis{numbers: fine}).ticks(test.low, test.high) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("from %v to %v: %v", test.low, test.high, got)
		}
	}
}
