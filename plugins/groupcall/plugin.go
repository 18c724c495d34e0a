package groupcall

import (
	"context"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/groups"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// Kind is the plugin.
var Kind = plugins.Kind{
	Name:    "groupcall",
	Summary: "calls a whole group at once",
	Config:  func() any { return DefaultConfig() },
	New: func(h plugins.Host, config any) (plugins.Plugin, error) {
		return newPlugin(h, config.(*Config)), nil
	},
}

// keep is for how long a call that is over can be asked for, and mostKept how many are.
const (
	keep     = 10 * time.Minute
	mostKept = 1000
)

// Plugin is the plugin groupcall.
type Plugin struct {
	// set at construction
	host   plugins.Host
	config *Config
	groups *groups.Directory

	work sync.WaitGroup

	// guarded by mu
	mu     sync.Mutex
	ended  bool             // nothing begins any more
	calls  map[string]*call // by JobID
	over   []*call          // of those, in the order in which they have ended
	limits map[string]*limit
	heard  map[heard]*call // by what events name
}

// heard is a Uniqueid or an ActionID of a leg's.
type heard struct{ server, id string }

func newPlugin(h plugins.Host, c *Config) *Plugin {
	return &Plugin{
		host: h, config: c, groups: c.directory(func() time.Time { return h.Clock().Now() }),
		calls: map[string]*call{}, limits: map[string]*limit{}, heard: map[heard]*call{},
	}
}

// Run implements plugins.Plugin.
func (p *Plugin) Run(ctx context.Context) error {
	<-ctx.Done()
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.work.Wait() // each call ends with ctx
	return p.groups.Close()
}

// Hears implements plugins.Chooser.
func (p *Plugin) Hears() []string { return legs.Concerning() }

// Hear implements plugins.Hearer. It waits for nobody.
func (p *Plugin) Hear(_ context.Context, e plugins.Event) {
	switch e.Occasion {
	case plugins.Happened:
		p.happened(e.Server, e.Message)
	case plugins.Connected:
		p.tellAll(e.Server, (*legs.Call).Back)
	case plugins.Disconnected:
		p.tellAll(e.Server, (*legs.Call).Lost)
	case plugins.Missed:
		p.tellAll("", (*legs.Call).Missed)
	}
}

// happened takes an event to the call whose leg it is about, if it is about one.
func (p *Plugin) happened(server string, m ami.Message) {
	ids := legs.Concerns(m)
	if ids[0] == "" {
		return
	}
	p.mu.Lock()
	c := p.heard[heard{server, ids[0]}]
	if c == nil && ids[1] != "" {
		c = p.heard[heard{server, ids[1]}]
	}
	p.mu.Unlock()
	if c != nil {
		c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.Hear(now, m) })
	}
}

// tellAll tells all calls of a server, or of every one.
func (p *Plugin) tellAll(server string, what func(*legs.Call, time.Time) []legs.Effect) {
	p.mu.Lock()
	var all []*call
	for _, c := range p.calls {
		if server == "" || c.server == server {
			all = append(all, c)
		}
	}
	p.mu.Unlock()
	for _, c := range all {
		c.inbox.put(what)
	}
}

// hears has events that name id told to c.
func (p *Plugin) hears(c *call, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[heard{c.server, id}] = c
}

// limit is what a server may be asked to call.
func (p *Plugin) limit(server string) *limit {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.limits[server]
	if l == nil {
		l = newLimit(p.host.Clock(), p.config.LegsAtOnce, p.config.LegsPerSecond)
		p.limits[server] = l
	}
	return l
}

// begin adds a call and runs it; false: the plugin ends.
func (p *Plugin) begin(ctx context.Context, c *call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.calls[c.job.ID()] = c
	p.work.Go(func() { c.run(ctx) })
	return true
}

// room tells whether there may be one call more, and forgets those that were over long ago.
func (p *Plugin) room() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest := p.host.Clock().Now().Add(-keep)
	for len(p.over) > mostKept || len(p.over) > 0 && p.over[0].ended.Before(oldest) {
		delete(p.calls, p.over[0].job.ID())
		p.over = p.over[1:]
	}
	return len(p.calls)-len(p.over) < p.config.Calls
}

// end is when a call is over: it hears nothing any more.
func (p *Plugin) end(c *call, ids []string) {
	now := p.host.Clock().Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		delete(p.heard, heard{c.server, id})
	}
	c.ended = now
	p.over = append(p.over, c)
}

// find is the call of a JobID, if who asks may know of it.
func (p *Plugin) find(id string, by plugins.Caller) (*call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.calls[id]
	if c == nil || !c.isOf(by) {
		return nil, plugins.Refuse(CodeUnknownJob, "There is no group call %s", id)
	}
	return c, nil
}
