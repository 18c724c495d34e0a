package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A measurement is a report of `astproxy load --json`, and what bench/plots.sh knows besides.
type measurement struct {
	File          string `json:"file"` // of bench/results, without .json
	Line          string `json:"line"`
	FlushInterval string `json:"flush_interval"`
	Report        report `json:"report"`
}

// report is what is used of load.Report.
type report struct {
	Target       string `json:"target"`
	Clients      int    `json:"clients"`
	Events       uint64 `json:"events_offered"`
	Lost         uint64 `json:"lost"`
	Duplicates   uint64 `json:"duplicates"`
	OutOfOrder   uint64 `json:"out_of_order"`
	Disconnected int    `json:"disconnected"`
	Unfinished   int    `json:"unfinished"`
	Server       struct {
		Microseconds float64 `json:"cpu_us_per_event"`
		Cores        float64 `json:"cores"`
	} `json:"server"`
	Latency struct {
		P50 float64 `json:"p50_ns"`
		P99 float64 `json:"p99_ns"`
	} `json:"latency"`
	Baselines []report `json:"baselines"`
}

// addReports adds measurements, one after the other. A file of which one has gone wrong is taken away as a whole.
func (r results) addReports(from *os.File) error {
	decoder := json.NewDecoder(from)
	var errs []error
	wrong := map[string]bool{}
	for {
		var m measurement
		switch err := decoder.Decode(&m); {
		case errors.Is(err, io.EOF):
			for name := range wrong {
				delete(r, name)
			}
			return errors.Join(errs...)
		case err != nil:
			return fmt.Errorf("%s: %w", from.Name(), err)
		}
		for _, measured := range append([]report{m.Report}, m.Report.Baselines...) {
			if err := measured.check(); err != nil {
				errs = append(errs, fmt.Errorf("%s, %s, %d clients of %s: %w", m.File, m.Line, measured.Clients, measured.Target, err))
				wrong[m.File] = true
				continue
			}
			r.addReport(m, measured)
		}
	}
}

// check tells whether what was measured is what was to be.
func (r report) check() error {
	if r.Server.Microseconds == 0 || r.Latency.P99 == 0 {
		return errors.New("CPU time or latency is missing")
	}
	if r.Lost+r.Duplicates+r.OutOfOrder != 0 || r.Disconnected+r.Unfinished != 0 {
		return fmt.Errorf("%d events lost, %d twice, %d out of order, %d clients disconnected, %d not at the end",
			r.Lost, r.Duplicates, r.OutOfOrder, r.Disconnected, r.Unfinished)
	}
	return nil
}

// baselines are what lines are called that show no proxy.
var baselines = map[string]string{"nats": "nats-server", "bare sockets": "bare sockets"}

func (r results) addReport(m measurement, measured report) {
	line := m.Line
	if name, ok := baselines[measured.Target]; ok {
		line = name
	}
	p := r.at(m.File, point{Line: line, Clients: measured.Clients, FlushInterval: m.FlushInterval, Events: measured.Events})
	p.Microseconds = append(p.Microseconds, fourDigits(measured.Server.Microseconds))
	p.Cores = append(p.Cores, fourDigits(measured.Server.Cores))
	p.P50 = append(p.P50, fourDigits(measured.Latency.P50/1e6))
	p.P99 = append(p.P99, fourDigits(measured.Latency.P99/1e6))
}
