package proxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// Proxy is the switchboard between Asterisks and clients.
type Proxy struct {
	// set at construction
	config  Config
	log     *slog.Logger
	feed    *feed.Feed
	servers []*server

	epoch string // tells this run's event numbers from any other's

	doors doors

	originates   originates
	refusals     refusals
	failedLogins atomic.Uint64

	stopping context.Context // ends when Shutdown begins
	stop     context.CancelFunc

	// guarded by mu
	mu      sync.Mutex
	clients map[*Client]struct{}
	checks  sync.WaitGroup // goroutines that look at a session's rights
	context context.Context
}

// New makes a proxy of a valid Config. Nothing moves before Run.
func New(c Config, log *slog.Logger) *Proxy {
	c.LoginPause = cmp.Or(c.LoginPause, defaultLoginPause)
	p := &Proxy{
		config: c, log: log, feed: feed.New(c.Feed), epoch: strings.ToLower(rand.Text()[:8]),
		clients: map[*Client]struct{}{}, context: context.Background(), refusals: newRefusals(),
	}
	p.stopping, p.stop = context.WithCancel(context.Background())
	for _, s := range c.Servers {
		p.servers = append(p.servers, newServer(p, s))
	}
	return p
}

// Run holds the sessions and serves the clients until ctx ends, and returns when everything it
// started has ended. Call Shutdown first to let the clients end properly.
func (p *Proxy) Run(ctx context.Context) {
	p.mu.Lock()
	p.context = ctx
	p.mu.Unlock()
	var running sync.WaitGroup
	running.Go(func() { p.feed.Run(ctx) })
	for _, s := range p.servers {
		running.Go(func() { _ = s.session.Run(ctx) }) // ends with ctx alone
	}
	running.Wait()
	p.checks.Wait()
}

// Shutdown tells the clients that their Asterisk goes, as Asterisk does, and closes each when it has
// been sent everything, or when ctx ends.
func (p *Proxy) Shutdown(ctx context.Context) {
	p.feed.Append("", ami.ClassSystem, ami.NewEvent("Shutdown").Add("Privilege", "system,all").
		Add("Shutdown", "Cleanly").Add("Restart", "False").Message())
	p.stop()
	clients := p.snapshot()
	for _, c := range clients {
		c.finish(ami.Message{}, ErrStopping)
	}
	for _, c := range clients {
		select {
		case <-c.stream.Done():
		case <-ctx.Done():
			c.stream.Close(feed.ErrStopped)
		}
	}
}

// Stopping ends when Shutdown begins: who waits for events on a client's behalf stops waiting.
func (p *Proxy) Stopping() context.Context { return p.stopping }

// Feed is what the events go through, for measurements.
func (p *Proxy) Feed() *feed.Feed { return p.feed }

// Users is everybody who may log in, as configured now.
func (p *Proxy) Users() *access.Users { return p.config.Users }

// banner is the first line for a client: the version of the first server as last seen, so that a
// client knows what it talks to, or else what its door has for that.
func (p *Proxy) banner(fallback string) string {
	return cmp.Or(p.servers[0].session.Status().Banner, fallback)
}

// server finds a server by name, compared without case.
func (p *Proxy) server(name string) *server {
	for _, s := range p.servers {
		if strings.EqualFold(s.name, name) {
			return s
		}
	}
	return nil
}

func (p *Proxy) snapshot() []*Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*Client, 0, len(p.clients))
	for c := range p.clients {
		all = append(all, c)
	}
	return all
}

// Broadcast implements upstream.Observer.
func (p *Proxy) Broadcast(s *upstream.Session, m ami.Message) {
	if m.Event() == "FullyBooted" && !s.Status().Up {
		return // who acts upon it would find the server down; Changed tells it when that is over
	}
	class, classed := m.Privilege()
	if !classed {
		class = ami.ClassAll // of unknown kind: for those who may see everything
	}
	p.feed.Append(s.Name(), class, m)
}

// Settled implements upstream.Settler: those who got an answer are written to.
func (p *Proxy) Settled(s *upstream.Session) { p.server(s.Name()).answered.write() }

// Changed implements upstream.Observer: clients hear that a server has gone or come back, and
// then, as from a started Asterisk, that it is booted.
func (p *Proxy) Changed(s *upstream.Session, status upstream.Status) {
	state := "Disconnected"
	if status.Up {
		state = "Connected"
	}
	p.feed.Append("", ami.ClassSystem, ami.NewEvent("ProxyServerStatus").Add("Privilege", "system,all").
		Add("Server", s.Name()).Add("Status", state).AddNonEmpty("Reason", status.Reason).Message())
	if !status.Up {
		return
	}
	if m, ok := s.FullyBooted(); ok {
		p.feed.Append(s.Name(), ami.ClassSystem, m)
	}
	server := p.server(s.Name())
	p.mu.Lock()
	ctx := p.context
	p.mu.Unlock()
	p.checks.Go(func() { server.checkRights(ctx) })
}
