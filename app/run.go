package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// farewell is how long clients may take to read what they were sent when the proxy stops.
const farewell = 5 * time.Second

// App is a running astproxy. New binds its listeners, Run serves them.
type App struct {
	// set before Run
	log     *slog.Logger
	proxy   *proxy.Proxy
	plugins *host.Host
	state   *state
	path    string         // of the configuration file; "": there is none
	level   *slog.LevelVar // of log; nil: it stays as it is

	// changed by New, Run and, with reloading held, by Reload
	reloading sync.Mutex
	servers   []ServerConfig    // of the present configuration
	sessions  []upstream.Config // made of them
	serving   context.Context   // ends when everything has to; nil before Run
	stopping  bool
	running   sync.WaitGroup
	clients   sync.WaitGroup // the doors, each until its last client has gone

	mu    sync.Mutex // guards doors for those who only look
	doors []*door
}

// New makes an App of a configuration that Load has found right, and binds its listeners. Nothing is
// accepted before Run.
func New(config *Config, logger *slog.Logger) (*App, error) {
	a := &App{log: logger}
	c, err := a.proxyConfig(config)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return nil, err
	}
	change, err := a.prepare(config)
	if err != nil {
		return nil, err
	}
	a.proxy = proxy.New(c, logger)
	a.proxy.SetControl(a)
	a.state = &state{folder: config.State}
	a.plugins = host.New(a.proxy, logger, host.Options{Store: a.state})
	prepared, err := a.plugins.Prepare(config.Plugins.setups())
	if err != nil {
		change.discard()
		return nil, err
	}
	a.plugins.Apply(prepared)
	a.setConfig(config, c)
	a.doors = change.doors
	for i, d := range a.doors {
		d.configure(config.Listeners[i], config, change.certificates[i], a.proxy)
	}
	a.setScripts()
	return a, nil
}

// proxyConfig is the configuration as the switchboard wants it. A server that is configured as it is at
// present is what it is at present, even where it is more than its table.
func (a *App) proxyConfig(config *Config) (proxy.Config, error) {
	tenants, err := access.NewTenants(config.Tenants)
	if err != nil {
		return proxy.Config{}, err
	}
	users, err := access.NewUsersOf(tenants, config.Users, config.Tokens...)
	if err != nil {
		return proxy.Config{}, err
	}
	c := proxy.Config{Cache: map[string]map[string]time.Duration{}, Users: users, Feed: config.feed(), Lockout: access.LockoutConfig(config.Login)}
	for _, s := range config.Servers {
		u, err := s.Upstream()
		if err != nil {
			return proxy.Config{}, fmt.Errorf("server %s: %w", s.Name, err)
		}
		u.Gather = config.Events.FlushInterval / gatherShare
		if i := slices.IndexFunc(a.servers, s.sameAs); i >= 0 && sameTrust(u.TLS, a.sessions[i].TLS) {
			u = a.sessions[i]
		}
		c.Servers = append(c.Servers, u)
		c.Cache[s.Name] = s.Cache
	}
	return c, nil
}

// gatherShare is what part of the time that events may wait for each other they may do so unread. A session
// keeps the time it was begun with.
const gatherShare = 5

// sameAs tells whether two tables are of one session: the same but for what changes none.
func (c ServerConfig) sameAs(other ServerConfig) bool {
	c.Cache, other.Cache = nil, nil
	return reflect.DeepEqual(c, other)
}

// sameTrust tells whether two servers' certificates are checked alike, of those whose tables are equal:
// the file with the authorities may be another.
func sameTrust(a, b *tls.Config) bool {
	return a == nil || b == nil || a.RootCAs.Equal(b.RootCAs)
}

// setConfig keeps what the next reload compares with, and sets what has no place of its own.
func (a *App) setConfig(config *Config, c proxy.Config) {
	a.servers, a.sessions = config.Servers, c.Servers
	if a.level != nil {
		a.level.Set(config.Log.level())
	}
}

// feed is what the configuration says of how events and answers reach clients.
func (c *Config) feed() feed.Config {
	f := feed.Config{
		Memory:       int64(c.Events.Memory),
		Recent:       int64(c.Events.Recent),
		ReplyMemory:  int64(c.Replies.Memory),
		Flush:        c.Events.FlushInterval,
		WriteTimeout: c.Events.WriteTimeout,
	}
	if f.Flush == 0 {
		f.Flush = -1 // to the feed zero is its default
	}
	return f
}

// Addresses are where the listeners are, in the order of the configuration.
func (a *App) Addresses() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for _, d := range a.doors {
		all = append(all, d.listener.Addr().String())
	}
	return all
}

// Run serves until ctx ends. Then nobody is let in any more, clients are told and sent what they
// have coming, and it returns when everything has ended.
func (a *App) Run(ctx context.Context) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	a.running.Go(func() { a.proxy.Run(serving) })
	endPlugins := a.runPlugins(serving)
	defer endPlugins()
	a.reloading.Lock()
	a.serving = serving
	for _, d := range a.doors {
		d.open(serving, &a.running, &a.clients)
	}
	a.reloading.Unlock()
	notify("READY=1")
	<-ctx.Done()
	notify("STOPPING=1")
	a.log.Info("stopping")
	a.reloading.Lock()
	a.stopping = true // and no reload any more
	a.closeListeners()
	a.reloading.Unlock()
	empty := make(chan struct{}) // nobody is in any more
	a.running.Go(func() {
		a.clients.Wait()
		close(empty)
	})
	patience, cancel := context.WithTimeout(serving, farewell)
	defer cancel()
	a.proxy.Shutdown(patience)
	select {
	case <-empty: // requests have their answers
	case <-patience.Done():
	}
	endPlugins() // as long as they can act still
	stop()
	a.running.Wait()
	return nil
}

// setScripts has the doors for calls run the plugins' scripts of now.
func (a *App) setScripts() {
	for _, d := range a.doors {
		if d.agi != nil {
			d.agi.SetScripts(a.plugins.Scripts())
		}
	}
}

// runPlugins runs the plugins, which have begun when it returns, until end is called, which waits for their end.
func (a *App) runPlugins(serving context.Context) (end func()) {
	ctx, cancel := context.WithCancel(serving)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.plugins.Run(ctx)
	}()
	<-a.plugins.Ready()
	return sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := a.state.Close(); err != nil {
			a.log.Error("the state was not closed", "error", err)
		}
	})
}

func (a *App) closeListeners() {
	for _, d := range a.doors {
		_ = d.listener.Close() // it is of no use any more
	}
}
