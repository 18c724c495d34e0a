package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen"
	astls "github.com/astproxy/astproxy/tls"
	"github.com/astproxy/astproxy/upstream"
)

// farewell is how long clients may take to read what they were sent when the proxy stops.
const farewell = 5 * time.Second

// App is a running astproxy. New binds its listeners, Run serves them.
type App struct {
	log   *slog.Logger
	proxy *proxy.Proxy
	doors []door
}

// door is a listener and what serves it.
type door struct {
	listener     net.Listener
	certificates *astls.Certificates // nil: plain text
	server       interface {
		Serve(context.Context, net.Listener)
	}
}

// New makes an App of a configuration that Load has found right, and binds its listeners. Nothing is
// accepted before Run.
func New(config *Config, logger *slog.Logger) (*App, error) {
	p, err := newProxy(config, logger)
	if err != nil {
		return nil, err
	}
	a := &App{log: logger, proxy: p}
	for i, l := range config.Listeners {
		listener, err := net.Listen("tcp", l.Address())
		if err != nil {
			a.closeListeners()
			return nil, fmt.Errorf("cannot listen on %s: %w", l.URL, err)
		}
		a.doors = append(a.doors, door{listener: listener})
		if err := a.doors[i].open(config, l, p, logger); err != nil {
			a.closeListeners()
			return nil, fmt.Errorf("listener %s: %w", l.URL, err)
		}
		if l.Insecure && !l.encrypted() {
			logger.Warn("secrets and calls go in plain text over the network", "url", l.URL)
		}
		logger.Info("listening", "url", l.Scheme()+"://"+listener.Addr().String())
	}
	return a, nil
}

// open makes what serves a listener.
func (d *door) open(config *Config, l ListenerConfig, p *proxy.Proxy, logger *slog.Logger) error {
	var security *tls.Config
	if l.encrypted() || l.sniffed() {
		certificates, err := astls.New(l.tls(config.State), logger)
		if err != nil {
			return err
		}
		d.certificates, security = certificates, certificates.Server()
	}
	switch l.Scheme() {
	case "http", "https":
		d.server = listen.NewHTTP(p, l.http(security, config.Replies), logger)
	default:
		d.server = listen.NewAMI(p, l.ami(security), logger)
	}
	return nil
}

func newProxy(config *Config, logger *slog.Logger) (*proxy.Proxy, error) {
	users, err := access.NewUsers(config.Users, config.Tokens...)
	if err != nil {
		return nil, err
	}
	var servers []upstream.Config
	for _, s := range config.Servers {
		u, err := s.Upstream()
		if err != nil {
			return nil, fmt.Errorf("server %s: %w", s.Name, err)
		}
		servers = append(servers, u)
	}
	c := proxy.Config{Servers: servers, Users: users, Feed: config.feed()}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return proxy.New(c, logger), nil
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
	var running, doors sync.WaitGroup
	running.Go(func() { a.proxy.Run(serving) })
	for _, d := range a.doors {
		doors.Go(func() { d.server.Serve(serving, d.listener) })
		if d.certificates != nil {
			running.Go(func() { d.certificates.Run(serving) })
		}
	}
	empty := make(chan struct{}) // nobody is in any more
	running.Go(func() {
		doors.Wait()
		close(empty)
	})
	<-ctx.Done()
	a.log.Info("stopping")
	a.closeListeners()
	patience, cancel := context.WithTimeout(serving, farewell)
	defer cancel()
	a.proxy.Shutdown(patience)
	select {
	case <-empty: // requests have their answers
	case <-patience.Done():
	}
	stop()
	running.Wait()
	return nil
}

func (a *App) closeListeners() {
	for _, d := range a.doors {
		d.listener.Close()
	}
}

// Run runs what the configuration describes until ctx ends.
func Run(ctx context.Context, config *Config, logger *slog.Logger) error {
	a, err := New(config, logger)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}
