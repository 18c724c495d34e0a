package proxytest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// Main is a TestMain that fails when the tests leave goroutines behind.
func Main(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(code) // the fuzzing engine leaves one of its own
	}
	if left := goroutinesAbove(before); code == 0 && left > 0 {
		fmt.Fprintf(os.Stderr, "%d goroutines are left over:\n", left)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

// GoroutinesLeft fails the test when there are more goroutines than before. It is for a test that
// runs alone.
func GoroutinesLeft(tb testing.TB, before int) {
	tb.Helper()
	if left := goroutinesAbove(before); left > 0 {
		tb.Errorf("%d goroutines are left over", left)
		_ = pprof.Lookup("goroutine").WriteTo(tb.Output(), 1)
	}
}

// goroutinesAbove waits until there are no more goroutines than before, and tells how many more there
// are if that takes too long: whoever was told to end needs his turn to.
func goroutinesAbove(before int) (left int) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begin := time.Now(); time.Since(begin) < Patience; {
		if left = runtime.NumGoroutine() - before; left <= 0 {
			return 0
		}
		<-tick.C
	}
	return left
}
