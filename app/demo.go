package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/sim"
)

// DemoConfig says how the demonstration runs.
type DemoConfig struct {
	Listen  string        // where manager clients are let in, host:port
	HTTP    string        // where HTTP is served, host:port
	Traffic time.Duration // a simulated call begins about so often
}

// demoName is what the demonstration's server and user are called.
const demoName = "demo"

// RunDemo runs a simulated Asterisk with calls going on and the proxy in front of it, and writes to
// out what to try, until ctx ends. It reads and writes no file. The simulated Asterisk listens on
// the loopback interface, on a free port.
func RunDemo(ctx context.Context, c DemoConfig, out io.Writer, logger *slog.Logger) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("cannot listen for the simulated Asterisk: %w", err)
	}
	inner, outer := password(), password()
	config := demoConfig(c, listener.Addr().String(), inner, outer)
	a, err := New(config, logger)
	if err != nil {
		_ = listener.Close() // nobody has used it
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	asterisk := sim.New(sim.Config{Username: demoName, Secret: inner, Traffic: c.Traffic, RingTime: 2 * time.Second})
	simulating, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop() // after the proxy has ended, which would miss it
	running.Go(func() { _ = asterisk.Serve(simulating, listener) })
	if err := tellWhatToTry(out, a.Addresses(), outer); err != nil {
		return err
	}
	return a.Run(ctx)
}

// demoConfig is one server, a listener of each kind, and one user who may everything.
func demoConfig(c DemoConfig, asterisk, inner, outer string) *Config {
	config := DefaultConfig()
	server := DefaultServer()
	server.Name, server.Address = demoName, asterisk
	server.Username, server.Secret = demoName, access.Secret(inner)
	manager, web := DefaultListener(), DefaultListener()
	manager.URL, web.URL = "ami://"+c.Listen, "http://"+c.HTTP
	config.Servers = []ServerConfig{server}
	config.Listeners = []ListenerConfig{manager, web}
	config.Users = []access.UserConfig{{
		Name: demoName, Secret: access.Secret(outer), Admin: true,
		Read: []string{"all"}, Write: []string{"all"},
	}}
	return config
}

// password is a new one of 26 letters and digits.
func password() string { return strings.ToLower(rand.Text()) }

var whatToTry = template.Must(template.New("demo").Parse(`
A simulated Asterisk is running, with calls going on, and astproxy in front of it.
Manager clients connect to {{.Address}} as user "demo" with secret "{{.Secret}}".

Watch the calls, in another terminal:

  (printf 'Action: Login\r\nUsername: demo\r\nSecret: {{.Secret}}\r\n\r\n'; cat) | nc {{.Host}} {{.Port}}

Call an extension that answers; the reply comes when it has:

  (printf 'Action: Login\r\nUsername: demo\r\nSecret: {{.Secret}}\r\nEvents: off\r\n\r\nAction: Originate\r\nChannel: Local/1001@default\r\nContext: default\r\nExten: 1002\r\nPriority: 1\r\n\r\nAction: Logoff\r\n\r\n'; sleep 5) | nc {{.Host}} {{.Port}}

Ask by HTTP, for a table, or for XML or JSON:

  curl -su demo:{{.Secret}} 'http://{{.HTTP}}/?Action=QueueStatus&format=csv'

Call three at the same time into a conference; the answer comes when they are in it:

  curl -su demo:{{.Secret}} 'http://{{.HTTP}}/?Action=GroupOriginate&Destination=1001&Destination=1002&Destination=1003&Conference=8600&Wait=yes&format=json'

Or point a manager client you have at it. Ctrl-C ends everything.

`))

func tellWhatToTry(out io.Writer, addresses []string, secret string) error {
	address, web := addresses[0], addresses[1]
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	return whatToTry.Execute(out, struct{ Address, Host, Port, HTTP, Secret string }{address, host, port, web, secret})
}
