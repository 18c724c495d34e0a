package proxy

import (
	"errors"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/upstream"
)

// setServers makes the servers those of the configurations: one that is configured as before keeps its
// session. With reloading held.
func (p *Proxy) setServers(configs []upstream.Config) {
	before := p.inUse()
	var now, begun []*server
	for _, c := range configs {
		i := slices.IndexFunc(before, func(s *server) bool { return strings.EqualFold(s.name, c.Name) })
		if i >= 0 && before[i].config == c {
			now = append(now, before[i])
			continue
		}
		s := newServer(p, c)
		if i >= 0 {
			s.greeting = before[i].banner()
		}
		now, begun = append(now, s), append(begun, s)
	}
	for _, s := range before {
		if !slices.Contains(now, s) {
			s.dropped.Store(true)
		}
	}
	p.useServers(now)
	for _, s := range before {
		if !slices.Contains(now, s) {
			p.end(s) // before another begins: an Asterisk may let each user in once only
			p.feed.AppendHidden(s.name, channels.ServerLost())
		}
	}
	for _, s := range begun {
		p.start(s)
	}
}

// Why the set of servers stays as it is.
var (
	errServerThere = errors.New("there is one called that")
	errNoServer    = errors.New("there is none called that")
	errLastServer  = errors.New("it is the only one")
)

// AddServer adds a server until the next Reload. Any goroutine but a session's.
func (p *Proxy) AddServer(c upstream.Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	p.reloading.Lock()
	defer p.reloading.Unlock()
	if p.server(c.Name) != nil {
		return errServerThere
	}
	p.setServers(append(p.serverConfigs(), c))
	return nil
}

// DropServer ends the session with a server, which is there again after the next Reload if it is
// configured. Any goroutine but a session's.
func (p *Proxy) DropServer(name string) error {
	p.reloading.Lock()
	defer p.reloading.Unlock()
	s := p.server(name)
	switch {
	case s == nil:
		return errNoServer
	case len(p.inUse()) == 1:
		return errLastServer
	}
	p.setServers(slices.DeleteFunc(p.serverConfigs(), func(c upstream.Config) bool { return c.Name == s.name }))
	return nil
}

func (p *Proxy) serverConfigs() []upstream.Config {
	var all []upstream.Config
	for _, s := range p.inUse() {
		all = append(all, s.config)
	}
	return all
}
