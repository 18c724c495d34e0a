package proxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Proxy is the switchboard between Asterisks and clients.
type Proxy struct {
	// set at construction
	loginPause time.Duration
	control    Control
	log        *slog.Logger
	feed       *feed.Feed
	lockout    *access.Lockout
	turns      access.Turns

	epoch string // tells this run's event numbers from any other's

	doors doors
	// replaced as a whole, with reloading held
	users    atomic.Pointer[access.Users]
	servers  atomic.Pointer[[]*server]
	trackers trackers

	reloading sync.Mutex // held while the configuration changes
	renewals  renewals

	extension    atomic.Pointer[Extension]
	ownActions   ownActions
	originates   originates
	limits       limits
	refusals     refusals
	failedLogins atomic.Uint64

	stopping context.Context // ends when Shutdown begins
	stop     context.CancelFunc

	// guarded by mu
	mu       sync.Mutex
	clients  map[*Client]struct{}
	running  context.Context // Run's; nil before
	ended    bool            // no session begins any more
	sessions sync.WaitGroup  // the goroutines of sessions
	checks   sync.WaitGroup  // goroutines that look at a session's rights
}

// New makes a proxy of a valid Config. Nothing moves before Run.
func New(c Config, log *slog.Logger) *Proxy {
	p := &Proxy{
		control: noControl{}, loginPause: cmp.Or(c.LoginPause, defaultLoginPause), log: log, feed: feed.New(c.Feed), lockout: access.NewLockout(c.Lockout),
		epoch: strings.ToLower(rand.Text()[:8]), clients: map[*Client]struct{}{}, refusals: newRefusals(),
	}
	p.stopping, p.stop = context.WithCancel(context.Background())
	p.users.Store(c.Users)
	p.extension.Store(&Extension{})
	var servers []*server
	for _, s := range c.Servers {
		servers = append(servers, newServer(p, s))
	}
	p.useServers(servers)
	p.setCache(c.Cache)
	p.useRule()
	p.feed.LabelBy(&p.trackers)
	return p
}

// Run holds the sessions and serves the clients until ctx ends, and returns when everything it
// started has ended. Call Shutdown first to let the clients end properly.
func (p *Proxy) Run(ctx context.Context) {
	p.reloading.Lock()
	p.mu.Lock()
	p.running = ctx
	p.mu.Unlock()
	for _, s := range p.inUse() {
		p.start(s) //nolint:contextcheck // it has just been given ctx
	}
	p.reloading.Unlock()
	p.feed.Run(ctx)
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.sessions.Wait()
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
func (p *Proxy) Users() *access.Users { return p.users.Load() }

// banner is the first line for a client: the version of the first server as last seen, so that a
// client knows what it talks to, or else what its door has for that.
func (p *Proxy) banner(fallback string) string {
	return cmp.Or(p.inUse()[0].banner(), fallback)
}

// server finds a server by name, compared without case.
func (p *Proxy) server(name string) *server {
	for _, s := range p.inUse() {
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
