package live_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// TestMain fails when the tests leave goroutines behind.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if code == 0 && !goroutinesBackTo(before) {
		fmt.Fprintln(os.Stderr, "the tests left goroutines behind:")
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

// goroutinesBackTo gives those that were told to end the time to do so.
func goroutinesBackTo(n int) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(5 * time.Second)
	for runtime.NumGoroutine() > n {
		select {
		case <-tick.C:
		case <-limit:
			return false
		}
	}
	return true
}
