package promises

import (
	"sync"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

// Asterisk is the one behind the proxy, and a manager user of it who may all.
type Asterisk struct {
	Address          string // host:port
	Username, Secret string
}

// serverName is what the proxies call it.
const serverName = "pbx1"

// direct logs in without the proxy: a witness of what really happens.
func (a Asterisk) direct(tb testing.TB, events string) *proxytest.Client {
	tb.Helper()
	c := proxytest.Dial(tb, a.Address)
	c.Login(a.Username, a.Secret, "Events: "+events)
	return c
}

// startProxy starts a proxy that is connected to a.
func startProxy(tb testing.TB, a Asterisk, f feed.Config, users ...access.UserConfig) *proxytest.Proxy {
	tb.Helper()
	p := proxytest.Start(tb, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server(serverName, a.Address, a.Username, a.Secret)},
		Users:   append([]access.UserConfig{proxytest.User()}, users...),
		Feed:    f,
	})
	p.Up(tb, serverName)
	return p
}

// together runs f for 0 to n-1 at the same time and waits for all. Where one fails the test, the
// others go on.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done() // also when a failure ends the goroutine
			f(i)
		}()
	}
	all.Wait()
}
