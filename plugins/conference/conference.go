package conference

import (
	"context"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Kind is the plugin.
var Kind = plugins.Kind{
	Name:    "conference",
	Summary: "takes calls, people and groups into ConfBridge conferences, and rules those",
	Config:  func() any { return DefaultConfig() },
	New:     func(h plugins.Host, config any) (plugins.Plugin, error) { return New(h, *config.(*Config)) },
}

// Plugin is the conference plugin.
type Plugin struct {
	// Set at construction.
	host   plugins.Host
	config Config
	pool   pool
	wake   chan struct{} // there is a server whose rooms are to be asked for

	mu       sync.Mutex
	rooms    map[string]*Rooms // by server
	stale    map[string]bool   // servers whose rooms are to be asked for
	reserved map[roomKey]int   // rooms that are being made, by how many
	pins     map[roomKey]string
	watches  map[*watch]struct{}
}

// roomKey is a room of all servers'.
type roomKey struct{ server, name string }

// New makes the plugin. Run begins it.
func New(h plugins.Host, c Config) (*Plugin, error) {
	numbers, err := parsePool(c.Pool)
	if err != nil {
		return nil, err
	}
	return &Plugin{
		host: h, config: c, pool: numbers, wake: make(chan struct{}, 1),
		rooms: make(map[string]*Rooms), stale: make(map[string]bool), reserved: make(map[roomKey]int),
		pins: make(map[roomKey]string), watches: make(map[*watch]struct{}),
	}, nil
}

// Run implements plugins.Plugin: it keeps the rooms of all servers.
func (p *Plugin) Run(ctx context.Context) error {
	for _, s := range p.host.Servers() {
		if s.Up {
			p.expire(s.Name)
		}
	}
	var asking sync.WaitGroup
	defer asking.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.wake:
		}
		for _, server := range p.takeStale() {
			asking.Go(func() {
				if err := p.refresh(ctx, server); err != nil && ctx.Err() == nil {
					p.host.Log().Warn("conferences not listed", "server", server, "error", err)
				}
			})
		}
	}
}

// Hears implements plugins.Chooser.
func (p *Plugin) Hears() []string {
	return append([]string{"OriginateResponse", "Newstate"}, concerning...)
}

// Hear implements plugins.Hearer.
func (p *Plugin) Hear(_ context.Context, e plugins.Event) {
	switch e.Occasion {
	case plugins.Happened:
		p.happened(e.Server, e.Message)
	case plugins.Connected:
		p.forget(e.Server)
		p.expire(e.Server)
		p.alarm(e.Server)
	case plugins.Missed:
		for _, s := range p.host.Servers() {
			p.expire(s.Name)
			p.alarm(s.Name)
		}
	}
}

// happened takes an event of a server's.
func (p *Plugin) happened(server string, event ami.Message) {
	concerns := Concerns(event)
	switch event.Event() {
	case "OriginateResponse", "Newstate":
	default:
		if !concerns {
			return
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if concerns {
		rooms := p.of(server)
		if event.Event() == "Hangup" && rooms.in[event.Get("Uniqueid")] != nil {
			// He did not leave before: a transfer may have put another channel in his place.
			p.staleLocked(server)
		}
		rooms.Apply(event, p.now())
		if event.Event() == "ConfbridgeEnd" {
			delete(p.pins, roomKey{server, event.Get("Conference")})
		}
	}
	for w := range p.watches {
		if w.server == server && w.hear(event) {
			w.wake()
		}
	}
}

// of are the rooms of a server, with mu held.
func (p *Plugin) of(server string) *Rooms {
	if p.rooms[server] == nil {
		p.rooms[server] = NewRooms(p.config.numberOf)
	}
	return p.rooms[server]
}

// forget drops the rooms of a server that may be another one by now. Lists that are under way end with what they have.
func (p *Plugin) forget(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of(server).Forget()
}

// expire makes Run ask a server for its rooms.
func (p *Plugin) expire(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.staleLocked(server)
}

func (p *Plugin) staleLocked(server string) {
	p.stale[server] = true
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *Plugin) takeStale() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var servers []string
	for server := range p.stale {
		servers = append(servers, server)
	}
	clear(p.stale)
	return servers
}

// alarm tells all who watch a server that events may be missing.
func (p *Plugin) alarm(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.watches {
		if w.server == server {
			w.missed = true
			w.wake()
		}
	}
}

func (p *Plugin) now() time.Time { return p.host.Clock().Now() }
