package listen_test

import (
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// TestMain fails when the tests leave goroutines behind.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(code) // the fuzzing engine leaves one of its own
	}
	tick := time.NewTicker(10 * time.Millisecond)
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			break
		}
		<-tick.C
	}
	tick.Stop()
	if n := runtime.NumGoroutine(); code == 0 && n > before {
		fmt.Fprintf(os.Stderr, "%d goroutines are left over:\n", n-before)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

// start runs a simulated Asterisk that the proxy calls pbx1, and a proxy in front that is connected.
func start(t *testing.T, users ...access.UserConfig) (*sim.Server, *proxytest.Proxy) {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())},
		Users:   append([]access.UserConfig{proxytest.User()}, users...),
	})
	p.Up(t, "pbx1")
	return asterisk, p
}

// server is a session with a simulated Asterisk.
func server(name, address string) upstream.Config {
	return proxytest.Server(name, address, "astproxy", "secret")
}

// user is one called name who may see and do what is given.
func user(name string, read, write []string) access.UserConfig {
	return proxytest.User(proxytest.Named(name), proxytest.May(read, write))
}

// listenSilently is an address where something listens and says nothing. An Asterisk may be made to serve it
// later.
func listenSilently(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// settled returns everything that had come for the client. The simulated Asterisk may answer a Ping before
// events that came while it waited for it, but not the next.
func settled(c *proxytest.Client) []ami.Message {
	return slices.Concat(c.Kept(), c.Settle(), c.Settle())
}

// eventNames are the names of the events among messages.
func eventNames(messages []ami.Message) (names []string) {
	for _, m := range messages {
		if m.IsEvent() {
			names = append(names, m.Event())
		}
	}
	return names
}

// wantText fails the test if a message is not the given lines.
func wantText(t *testing.T, about string, m ami.Message, lines ...string) {
	t.Helper()
	want := ""
	for _, line := range lines {
		want += line + "\r\n"
	}
	if m.Raw() != want {
		t.Errorf("%s: got\n%s\nwant\n%s", about, m, want)
	}
}
