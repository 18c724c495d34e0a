// Command plots draws docs/plots from bench/results. Given what bench/plots.sh has measured, it puts that into
// bench/results first.
//
//	go -C bench/plots run . [-reports FILE] [-benchmarks FILE]
//
// What is drawn depends on bench/results alone, to the byte.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// Where things are, from this folder.
const (
	resultsFolder = "../results"
	plotsFolder   = "../../docs/plots"
)

func main() {
	reports := flag.String("reports", "", "what `astproxy load --json` has printed, as bench/plots.sh wraps it")
	benchmarks := flag.String("benchmarks", "", "what `go test -bench` has printed of proxy's BenchmarkUsersWithAFilterEach")
	flag.Parse()
	if err := errors.Join(keep(*reports, *benchmarks), drawAll()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// keep puts into bench/results what was measured. What nothing was measured of stays as it is.
func keep(reports, benchmarks string) error {
	measured := results{}
	var errs []error
	if reports != "" {
		errs = append(errs, withFile(reports, measured.addReports))
	}
	if benchmarks != "" {
		errs = append(errs, withFile(benchmarks, measured.addBenchmarks))
	}
	for name, r := range measured {
		errs = append(errs, r.save(filepath.Join(resultsFolder, name+".json")))
	}
	return errors.Join(errs...)
}

func withFile(path string, read func(*os.File) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f)
}

func drawAll() error {
	for _, f := range figures {
		svg, err := f.draw(resultsFolder)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := os.WriteFile(filepath.Join(plotsFolder, f.name+".svg"), svg, 0o644); err != nil {
			return err
		}
	}
	return nil
}
