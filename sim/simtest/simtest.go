// Package simtest starts simulated Asterisks for tests, so that package sim does not link testing into the
// binary.
package simtest

import (
	"context"
	"net"
	"testing"

	"github.com/astproxy/astproxy/sim"
)

// Start runs a simulated Asterisk on a port of its own of 127.0.0.1 until the test ends.
func Start(tb testing.TB, c sim.Config) *sim.Server {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return Serve(tb, c, l)
}

// Serve runs a simulated Asterisk on l until the test ends.
func Serve(tb testing.TB, c sim.Config, l net.Listener) *sim.Server {
	tb.Helper()
	s := sim.New(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("simulated Asterisk: %v", err)
		}
	})
	<-s.Ready()
	return s
}
