package soak_test

import (
	"context"
	"net"
	"testing"

	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/test/asterisk"
)

// exchange is an Asterisk, real or simulated, that can go away and come back at the same address. Its methods are for the
// test's own goroutine.
type exchange interface {
	manager() (address, username, secret string)
	stop() // in order
	kill() // as a crash does
	start()
}

// real is an Asterisk 22.
type real struct{ *asterisk.Server }

func startReal(t *testing.T) exchange {
	t.Helper()
	return real{asterisk.Start(t, "22")}
}

func (r real) manager() (address, username, secret string) { return r.AMIAddress, r.Username, r.Secret }
func (r real) stop()                                       { r.Stop() }
func (r real) kill()                                       { r.Kill() }
func (r real) start()                                      { r.Restart() }

// simulated is a new sim.Server for each life.
type simulated struct {
	t       *testing.T
	address string
	current *sim.Server
	end     func() // of the current
}

func startSimulated(t *testing.T) exchange {
	t.Helper()
	s := &simulated{t: t, address: asterisk.FreeAddress(t), end: func() {}}
	t.Cleanup(func() { s.end() })
	s.start()
	return s
}

func (s *simulated) manager() (address, username, secret string) {
	return s.address, "astproxy", "secret"
}

func (s *simulated) start() {
	s.t.Helper()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	server := sim.New(sim.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	<-server.Ready()
	s.current = server
	s.end = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("the simulated Asterisk: %v", err)
		}
		s.end = func() {}
	}
}

func (s *simulated) stop() { s.end() }

func (s *simulated) kill() {
	s.current.Disconnect()
	s.end()
}
