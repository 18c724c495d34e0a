// Package proxytest starts proxies for tests, and has the manager client that the tests look at them
// with.
//
// A Proxy runs the switchboard and one AMI door on goroutines of its own, which Stop ends and waits for;
// a Client has none.
package proxytest

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/upstream"
)

// Patience bounds everything a test waits for. Nothing takes so long when all is well.
const Patience = 2 * time.Minute

// Options say what a proxy under test is like. Servers must be given.
type Options struct {
	Servers []upstream.Config
	Address string              // of the AMI door; by default a port of its own on loopback
	Users   []access.UserConfig // by default User()
	Tokens  []access.TokenConfig
	Tenants []access.TenantConfig
	Feed    feed.Config
	Lockout access.LockoutConfig // by default nobody is locked out
	Cache   map[string]map[string]time.Duration
	Door    listen.AMIConfig
	HTTP    listen.HTTPConfig
	// LoginPause is by default none that a test would notice.
	LoginPause time.Duration
	Log        io.Writer // by default the test's own output
	// Before is called before the proxy runs; nil: nothing is.
	Before func(*proxy.Proxy, *slog.Logger)
}

// Secret is the secret of all users of tests.
const Secret = "hunter2"

// User is a user called user, who may everything, as changed by each of change.
func User(change ...func(*access.UserConfig)) access.UserConfig {
	u := access.UserConfig{Name: "user", Secret: Secret, Read: []string{"all"}, Write: []string{"all"}, Admin: true}
	for _, f := range change {
		f(&u)
	}
	return u
}

// Named is a change for User.
func Named(name string) func(*access.UserConfig) {
	return func(u *access.UserConfig) { u.Name = name }
}

// May is a change for User: what he may, no administrator any more.
func May(read, write []string) func(*access.UserConfig) {
	return func(u *access.UserConfig) { u.Read, u.Write, u.Admin = read, write, false }
}

// Server is a session with the Asterisk at an address, which connects again without delay.
func Server(name, address, username, secret string) upstream.Config {
	return upstream.Config{
		Name: name, Address: address, Username: username, Secret: upstream.Secret(secret),
		BackoffMin: time.Millisecond, BackoffMax: 50 * time.Millisecond,
	}
}

// Proxy is one that runs.
type Proxy struct {
	*proxy.Proxy
	Address string // of the AMI door
	URL     string // of the HTTP door, without a path

	config    proxy.Config
	listeners []net.Listener
	empty     chan struct{} // closed when nobody is in any more
	tb        testing.TB
	stop      func()
}

// Start runs a proxy with an AMI door, and an HTTP door on loopback, until the test ends or Stop is called.
func Start(tb testing.TB, o Options) *Proxy {
	tb.Helper()
	if o.Users == nil {
		o.Users = []access.UserConfig{User()}
	}
	users := usersOf(tb, o.Tenants, o.Users, o.Tokens...)
	if o.Log == nil {
		o.Log = tb.Output()
	}
	log := slog.New(slog.NewTextHandler(o.Log, nil))
	c := proxy.Config{Servers: o.Servers, Users: users, Feed: o.Feed, Lockout: o.Lockout, Cache: o.Cache, LoginPause: cmp.Or(o.LoginPause, time.Nanosecond)}
	if err := c.Validate(); err != nil {
		tb.Fatal(err)
	}
	manager, web := listenAt(tb, o.Address), listenAt(tb, "")
	p := &Proxy{
		Proxy: proxy.New(c, log), tb: tb, config: c, listeners: []net.Listener{manager, web}, empty: make(chan struct{}),
		Address: manager.Addr().String(), URL: "http://" + web.Addr().String(),
	}
	p.SetControl(control{p})
	if o.Before != nil {
		o.Before(p.Proxy, log)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running, doors sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	doors.Go(func() { listen.NewAMI(p.Proxy, o.Door, log).Serve(ctx, manager) })
	doors.Go(func() { listen.NewHTTP(p.Proxy, o.HTTP, log).Serve(ctx, web) })
	running.Go(func() {
		doors.Wait()
		close(p.empty)
	})
	p.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	tb.Cleanup(p.stop)
	return p
}

// SetUsers reloads the proxy with other users.
func (p *Proxy) SetUsers(tb testing.TB, configs ...access.UserConfig) {
	tb.Helper()
	p.SetTenants(tb, nil, configs...)
}

// SetTenants reloads the proxy with other tenants and users.
func (p *Proxy) SetTenants(tb testing.TB, tenants []access.TenantConfig, configs ...access.UserConfig) {
	tb.Helper()
	p.config.Users = usersOf(tb, tenants, configs)
	if err := p.Reload(p.config); err != nil {
		tb.Fatal(err)
	}
}

func usersOf(tb testing.TB, tenants []access.TenantConfig, configs []access.UserConfig, tokens ...access.TokenConfig) *access.Users {
	tb.Helper()
	of, err := access.NewTenants(tenants)
	if err != nil {
		tb.Fatal(err)
	}
	users, err := access.NewUsersOf(of, configs, tokens...)
	if err != nil {
		tb.Fatal(err)
	}
	return users
}

// SetLockout reloads the proxy with other bounds of failed logins.
func (p *Proxy) SetLockout(tb testing.TB, c access.LockoutConfig) {
	tb.Helper()
	p.config.Lockout = c
	if err := p.Reload(p.config); err != nil {
		tb.Fatal(err)
	}
}

// control is what administrators have of a proxy under test.
type control struct{ p *Proxy }

// Reload implements proxy.Control.
func (c control) Reload() error { return c.p.Reload(c.p.config) }

// SetLogLevel implements proxy.Control: all is logged.
func (control) SetLogLevel(string) error { return nil }

// listenAt listens on an address, by default on a port of its own on loopback.
func listenAt(tb testing.TB, address string) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", cmp.Or(address, "127.0.0.1:0"))
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// Stop ends the proxy as SIGTERM does: nobody is let in any more, clients are told, and it returns
// when everything has ended.
func (p *Proxy) Stop() {
	for _, l := range p.listeners {
		l.Close()
	}
	patience, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	p.Shutdown(patience)
	select {
	case <-p.empty:
	case <-patience.Done():
		p.tb.Error("clients were not closed in time")
	}
	p.stop()
}
