package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"
)

// results are what was measured, by the names of their files.
type results map[string]*result

// A result is one file of bench/results.
type result struct {
	Machine machine  `json:"machine"`
	Points  []*point `json:"points"`
}

// machine says where and when something was measured.
type machine struct {
	Month      string `json:"month"`
	System     string `json:"system"`
	Processors int    `json:"processors"`
	Go         string `json:"go"`
}

func thisMachine() machine {
	return machine{
		Month:      time.Now().Format("2006-01"),
		System:     runtime.GOOS + "/" + runtime.GOARCH,
		Processors: runtime.NumCPU(),
		Go:         runtime.Version(),
	}
}

// A point is what was measured under the same conditions. Each figure is there once a round, to four digits.
type point struct {
	Line          string `json:"line"` // of the plot
	Clients       int    `json:"clients"`
	FlushInterval string `json:"flush_interval,omitempty"`
	Events        uint64 `json:"events,omitempty"`

	Microseconds []float64 `json:"us_per_event"` // of CPU
	Cores        []float64 `json:"cores,omitempty"`
	P50          []float64 `json:"p50_ms,omitempty"`
	P99          []float64 `json:"p99_ms,omitempty"`
}

// at returns the point that has the conditions of p in the file of that name.
func (r results) at(name string, p point) *point {
	if r[name] == nil {
		r[name] = &result{Machine: thisMachine()}
	}
	for _, known := range r[name].Points {
		if known.Line == p.Line && known.Clients == p.Clients && known.FlushInterval == p.FlushInterval {
			return known
		}
	}
	r[name].Points = append(r[name].Points, &p)
	return &p
}

// fourDigits are precise enough, and easy to read.
func fourDigits(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		panic(err) // FormatFloat's own output
	}
	return rounded
}

// span is a figure's lowest, median and highest.
func span(rounds []float64) (low, median, high float64) {
	sorted := slices.Sorted(slices.Values(rounds))
	n := len(sorted)
	if n == 0 {
		return 0, 0, 0
	}
	return sorted[0], (sorted[(n-1)/2] + sorted[n/2]) / 2, sorted[n-1]
}

func load(path string) (*result, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &result{}
	return r, json.Unmarshal(text, r)
}

// save writes a point a line, so that people can read it, and see what has changed.
func (r *result) save(path string) error {
	var out bytes.Buffer
	where, err := json.Marshal(r.Machine)
	if err != nil {
		return err
	}
	fmt.Fprintf(&out, "{\n\"machine\": %s,\n\"points\": [\n", where)
	for i, p := range r.Points {
		line, err := json.Marshal(p)
		if err != nil {
			return err
		}
		out.Write(line)
		if i < len(r.Points)-1 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteString("]\n}\n")
	return os.WriteFile(path, out.Bytes(), 0o644)
}
