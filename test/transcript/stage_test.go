package transcript_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/test/asterisk"
)

// serverName is what the proxy calls the Asterisk: a word that nothing else says.
const serverName = "transcript-pbx"

// endpoint is a way to an Asterisk: to itself, or to the proxy in front of it.
type endpoint struct {
	name     string // direct or through
	address  string
	web      string // its HTTP manager's address
	asterisk *asterisk.Server
}

// names are what is the Asterisk's own, such as its ports, and what it is called in a transcript.
func (e endpoint) names() map[string]string {
	return map[string]string{
		e.asterisk.AMIAddress:  "AMI-ADDRESS",
		e.asterisk.HTTPAddress: "HTTP-ADDRESS",
		e.asterisk.SIPAddress:  "SIP-ADDRESS",
		e.address:              "AMI-ADDRESS",
	}
}

// startBoth starts two Asterisks that nobody has touched, the second one with a proxy in front.
func startBoth(t *testing.T, version string) (direct, through endpoint) {
	t.Helper()
	return directTo(asterisk.Start(t, version)), startProxy(t, asterisk.Start(t, version))
}

func directTo(s *asterisk.Server) endpoint { return endpoint{"direct", s.AMIAddress, s.HTTPAddress, s} }

// startProxy starts a proxy in front of an Asterisk, with the users that manager.conf has. It ends
// with the test.
func startProxy(t *testing.T, s *asterisk.Server) endpoint {
	t.Helper()
	var users []access.UserConfig
	for _, user := range s.Users() {
		users = append(users, access.UserConfig{
			Name: user.Name, Secret: access.Secret(user.Secret), Read: user.Read, Write: user.Write, EventFilter: user.EventFilters,
		})
	}
	return startProxyFor(t, s, users)
}

// startProxyFor starts a proxy with users of its own, of whom the first may see class system.
func startProxyFor(t *testing.T, s *asterisk.Server, users []access.UserConfig) endpoint {
	t.Helper()
	server := app.DefaultServer()
	server.Name, server.Address = serverName, s.AMIAddress
	server.Username, server.Secret = s.Username, access.Secret(s.Secret)
	listener, web := app.DefaultListener(), app.DefaultListener()
	listener.URL, web.URL = "ami://127.0.0.1:0", "http://127.0.0.1:0"
	config := app.DefaultConfig()
	config.State = t.TempDir()
	config.Servers = []app.ServerConfig{server}
	config.Listeners = []app.ListenerConfig{listener, web}
	config.Users = users
	config.Plugins = nil // their actions stand in ListCommands
	proxy, err := app.New(config, slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		proxy.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	e := endpoint{"through", proxy.Addresses()[0], proxy.Addresses()[1], s}
	// It comes with the login, or when the proxy is connected.
	open(t, e).login(t, users[0].Name, string(users[0].Secret), "system").awaitEvent(t, "FullyBooted")
	return e
}

// testLog writes what the proxy logs into the test's own log.
type testLog struct{ t *testing.T }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Logf("astproxy: %s", line)
	return len(line), nil
}

// forEachVersion runs a test for every version of Asterisk.
func forEachVersion(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) { test(t, version) })
	}
}
