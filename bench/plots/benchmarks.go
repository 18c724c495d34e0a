package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// addBenchmarks adds the rounds of BenchmarkUsersWithAFilterEach/filter=FILTER/users=USERS.
func (r results) addBenchmarks(from *os.File) error {
	reader := benchfmt.NewReader(from, from.Name())
	for reader.Scan() {
		b, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue // a line about the machine, or one that is none of a benchmark
		}
		filter, users, err := conditions(b.Name)
		if err != nil {
			return err
		}
		seconds, ok := b.Value("cpu-sec/op") // that is how benchfmt tells of cpu-ns/op
		if !ok {
			return fmt.Errorf("%s does not tell its CPU time", b.Name)
		}
		p := r.at("matcher", point{Line: filter, Clients: users})
		p.Microseconds = append(p.Microseconds, fourDigits(seconds*1e6))
	}
	return reader.Err()
}

// conditions are what the parts of a benchmark's name say.
func conditions(name benchfmt.Name) (filter string, users int, err error) {
	_, parts := name.Parts()
	for _, part := range parts {
		key, value, _ := strings.Cut(strings.TrimPrefix(string(part), "/"), "=")
		switch key {
		case "filter":
			filter = strings.ReplaceAll(value, "-", " ")
		case "users":
			if users, err = strconv.Atoi(value); err != nil {
				return "", 0, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if filter == "" || users == 0 {
		return "", 0, fmt.Errorf("%s names no filter or no users", name)
	}
	return filter, users, nil
}
