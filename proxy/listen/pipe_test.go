package listen_test

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// dialPipe opens another door to a proxy, without a network, and gives a connection through it. Both end
// with the test.
func dialPipe(t *testing.T, p *proxytest.Proxy, config listen.AMIConfig) net.Conn {
	t.Helper()
	return dialDoor(t, p.Proxy, config)
}

func dialDoor(t *testing.T, p *proxy.Proxy, config listen.AMIConfig) net.Conn {
	t.Helper()
	l := simtest.NewListener()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		listen.NewAMI(p, config, slog.New(slog.DiscardHandler)).Serve(ctx, l)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// startInBubble runs a proxy whose Asterisk is not there inside a synctest bubble, and gives a client of it.
func startInBubble(t *testing.T) *proxytest.Client {
	t.Helper()
	users, err := access.NewUsers([]access.UserConfig{proxytest.User()})
	if err != nil {
		t.Fatal(err)
	}
	absent := server("pbx1", "127.0.0.1:1")
	absent.BackoffMin, absent.BackoffMax = 1<<40, 1<<40 // a quarter of an hour
	p := proxy.New(proxy.Config{Servers: []upstream.Config{absent}, Users: users}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return proxytest.NewClient(t, dialDoor(t, p, listen.AMIConfig{}))
}
