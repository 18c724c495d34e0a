//go:build linux

package load

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// TestMain lets the test binary be the programs that the generator starts: itself in a child's role,
// and as `proxy LISTEN UPSTREAM` the simplest proxy, to spawn. Otherwise it runs the tests and looks
// for goroutines that they left behind.
func TestMain(m *testing.M) {
	code := 0
	switch {
	case len(os.Args) > 1 && os.Args[1] == "load":
		cmd := Command()
		cmd.SetArgs(os.Args[2:])
		code = exitCode(cmd.Execute())
	case len(os.Args) == 4 && os.Args[1] == "proxy":
		l, err := net.Listen("tcp", os.Args[2])
		if err == nil {
			err = plainSockets().serve(context.Background(), l, os.Args[3])
		}
		code = exitCode(err)
	default:
		before := runtime.NumGoroutine()
		code = m.Run()
		fuzzing := flag.Lookup("test.fuzz").Value.String() != "" // whose workers stay
		if code == 0 && !fuzzing && !goroutinesBackTo(before) {
			fmt.Fprintln(os.Stderr, "the tests left goroutines behind:")
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			code = 1
		}
	}
	os.Exit(code)
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// goroutinesBackTo gives those that were told to end the time to do so.
func goroutinesBackTo(n int) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for runtime.NumGoroutine() > n {
		select {
		case <-tick.C:
		case <-limit:
			return false
		}
	}
	return true
}
