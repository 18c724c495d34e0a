// Package plugintest is for plugins' tests: it runs a plugin in a proxy as astproxy does, in front of a simulated
// Asterisk, or of any.
//
//	stage := plugintest.Start(t, groupcall.Kind, config, plugintest.Options{})
//	client := stage.Login(t, "user")
//	answer := client.Ask("GroupOriginate", "Group: sales")
//
// A Stage runs goroutines of a proxy and of a host, which Stop, or the end of the test, ends and waits for.
package plugintest

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/store/storetest"
	"github.com/astproxy/astproxy/upstream"
)

// Options say what a plugin under test runs in.
type Options struct {
	// Proxy is the proxy's. Without Servers there is one, pbx1: a simulated Asterisk.
	Proxy proxytest.Options
	// Asterisk is the simulated one's.
	Asterisk sim.Config
	// Triggers are the actions that the dialplan may ask for.
	Triggers []string
	// Others are plugins that run besides.
	Others []host.Setup
	// Host is what else a host may be told: the clock, for one. What is kept without a Store is in memory.
	Host host.Options
}

// Server is what the simulated Asterisk is called.
const Server = "pbx1"

// Stage is a proxy that runs a plugin.
type Stage struct {
	*proxytest.Proxy
	// Asterisk is the simulated one; nil where there are others.
	Asterisk *sim.Server
	Host     *host.Host

	kind    plugins.Kind
	options Options
	stop    func()
}

// Start runs a plugin of a kind and a configuration, which is what kind.Config makes, changed; nil: the defaults. It returns
// when the plugin runs and the simulated Asterisk is connected.
func Start(tb testing.TB, kind plugins.Kind, config any, o Options) *Stage {
	tb.Helper()
	s := &Stage{kind: kind, options: o}
	if len(o.Proxy.Servers) == 0 {
		s.Asterisk = simtest.Start(tb, o.Asterisk)
		o.Proxy.Servers = []upstream.Config{proxytest.Server(Server, s.Asterisk.Addr(), "astproxy", "secret")}
	}
	if o.Host.Patience == 0 {
		o.Host.Patience = proxytest.Patience // a plugin that does not end shall be seen
	}
	if o.Host.Store == nil {
		o.Host.Store = new(storetest.Memory)
	}
	before := o.Proxy.Before
	o.Proxy.Before = func(p *proxy.Proxy, log *slog.Logger) {
		s.Host = host.New(p, log, o.Host)
		if before != nil {
			before(p, log)
		}
	}
	s.Proxy = proxytest.Start(tb, o.Proxy)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	s.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	s.Configure(tb, config)
	running.Go(func() { s.Host.Run(ctx) })
	tb.Cleanup(s.stop)
	<-s.Host.Ready()
	if s.Asterisk != nil {
		s.Up(tb, Server)
	}
	return s
}

// Configure has the plugin begin again with another configuration, as a reload does.
func (s *Stage) Configure(tb testing.TB, config any) {
	tb.Helper()
	if config == nil && s.kind.Config != nil {
		config = s.kind.Config()
	}
	if v, is := config.(plugins.Validator); is {
		if err := v.Validate(); err != nil {
			tb.Fatal(err)
		}
	}
	setups := append([]host.Setup{{Kind: s.kind, Config: config, Triggers: s.options.Triggers}}, s.options.Others...)
	change, err := s.Host.Prepare(setups)
	if err != nil {
		tb.Fatal(err)
	}
	s.Host.Apply(change)
}

// Stop ends the plugin, and then the proxy.
func (s *Stage) Stop() {
	s.stop()
	s.Proxy.Stop()
}

// NewHost is a Host for tests that need no plugin of their own.
func NewHost(tb testing.TB, o Options) (plugins.Host, *Stage) {
	tb.Helper()
	var given plugins.Host
	kind := plugins.Kind{Name: "bare", New: func(h plugins.Host, _ any) (plugins.Plugin, error) {
		given = h
		return bare{}, nil
	}}
	stage := Start(tb, kind, nil, o)
	return given, stage
}

// bare is a plugin that does nothing.
type bare struct{}

// Run implements plugins.Plugin.
func (bare) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
