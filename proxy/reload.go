package proxy

import (
	"context"
	"sync"

	"github.com/astproxy/astproxy/access"
)

// Reload makes the proxy one of another configuration, or returns what is wrong with that and changes
// nothing. Who is connected has the rights of now from his present place in the log on, and loses
// nothing; who could not log in again is disconnected. Sessions with servers that are configured as
// before go on. It returns when those with others have ended. The pause for failed logins stays as it
// was. Any goroutine but a session's.
func (p *Proxy) Reload(c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	p.reloading.Lock()
	defer p.reloading.Unlock()
	p.feed.Configure(c.Feed)
	p.lockout.Configure(c.Lockout)
	p.users.Store(c.Users) // first: who logs in from here on looks by himself whether it was too late
	p.useRule()
	p.setServers(c.Servers)
	p.setCache(c.Cache)
	for _, client := range p.snapshot() {
		client.renew(c.Users)
	}
	p.renewals.tell(c.Users)
	return nil
}

// renewals are those who want to know when the users have changed.
type renewals struct {
	mu    sync.Mutex
	tells map[*func(*access.Users)]struct{}
}

// OnReload has f called when the users have changed, on the goroutine that has changed them, until
// cancel is called. f may be running then. It must not wait.
func (p *Proxy) OnReload(f func(*access.Users)) (cancel func()) {
	r := &p.renewals
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tells == nil {
		r.tells = map[*func(*access.Users)]struct{}{}
	}
	r.tells[&f] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.tells, &f)
	}
}

func (r *renewals) tell(users *access.Users) {
	r.mu.Lock()
	all := make([]*func(*access.Users), 0, len(r.tells))
	for f := range r.tells {
		all = append(all, f)
	}
	r.mu.Unlock()
	for _, f := range all {
		(*f)(users)
	}
}

// renew gives the client its user's rights of now, or closes it. Any goroutine.
func (c *Client) renew(users *access.Users) {
	c.selecting.Lock()
	defer c.selecting.Unlock()
	old := c.user.Load()
	if old == nil {
		return // what it logs in with is judged then
	}
	user, err := users.Renewed(old)
	if err == nil && !user.MayComeFrom(addressOf(c.remote)) {
		err = ErrNetwork
	}
	if err != nil {
		c.dismissLocked(err)
		return
	}
	c.setUser(user)
	if !c.selected {
		return
	}
	before, now := c.proxy.selection(old, c.mask, c.filters, *c.encoding.Load()), c.selection(*c.encoding.Load())
	if !before.Equal(now) {
		c.stream.SetSelection(now, func(dst []byte) []byte { return dst })
	}
}

// inUse is the servers of now, in the configuration's order; there is always one.
func (p *Proxy) inUse() []*server { return *p.servers.Load() }

// start runs a server's session until the server is stopped, or the proxy. Before Run it waits for that.
func (p *Proxy) start(s *server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.ended {
		return
	}
	ctx, cancel := context.WithCancel(p.running)
	s.stop, s.ended = cancel, make(chan struct{})
	p.sessions.Go(func() {
		defer close(s.ended)
		_ = s.session.Run(ctx) // ends with ctx alone
	})
}

// end ends a server's session and waits for that.
func (p *Proxy) end(s *server) {
	s.dropped.Store(true)
	p.mu.Lock()
	stop, ended := s.stop, s.ended
	p.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}
