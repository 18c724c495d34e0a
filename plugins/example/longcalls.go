// Package example is the plugin of docs/plugins.md: it tells of calls that last long, lists them, and ends them.
package example

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Kind is what app/plugins.go lists.
var Kind = plugins.Kind{
	Name:    "longcalls",
	Summary: "Tells of channels that are up for long, and hangs them up.",
	Config:  func() any { return &Config{After: time.Hour} },
	New: func(h plugins.Host, config any) (plugins.Plugin, error) {
		return &plugin{host: h, config: config.(*Config), channels: map[key]*channel{}}, nil
	},
}

// Config is the table [plugin.longcalls].
type Config struct {
	After time.Duration `toml:"after"`
}

// Validate implements plugins.Validator.
func (c *Config) Validate() error {
	if c.After <= 0 {
		return plugins.Wrong("after", "after must be more than nothing")
	}
	return nil
}

type plugin struct {
	host   plugins.Host
	config *Config

	mu       sync.Mutex // guards channels
	channels map[key]*channel
}

type key struct{ server, uniqueid string }

type channel struct {
	name string
	long bool
	stop func() bool // the timer that makes it long
}

// Run implements plugins.Plugin. All this one does is to hear and to answer.
func (p *plugin) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Hear implements plugins.Hearer.
func (p *plugin) Hear(_ context.Context, e plugins.Event) {
	at := key{e.Server, e.Message.Get("Uniqueid")}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.Occasion == plugins.Disconnected:
		for other := range p.channels {
			if other.server == e.Server {
				p.forget(other)
			}
		}
	case e.Message.Event() == "Newchannel":
		p.channels[at] = &channel{
			name: e.Message.Get("Channel"),
			stop: p.host.Clock().AfterFunc(p.config.After, func() { p.isLong(at) }),
		}
	case e.Message.Event() == "Hangup":
		p.forget(at)
	}
}

func (p *plugin) forget(at key) {
	if c := p.channels[at]; c != nil {
		c.stop()
		delete(p.channels, at)
	}
}

// isLong is called by the timer of a channel that was not hung up.
func (p *plugin) isLong(at key) {
	p.mu.Lock()
	c := p.channels[at]
	if c != nil {
		c.long = true
	}
	p.mu.Unlock()
	if c != nil {
		p.host.Emit(at.server, ami.ClassCall, "", ami.NewEvent("LongCall").Add("Channel", c.name).Add("Uniqueid", at.uniqueid))
	}
}

// long are the channels of a server that are.
func (p *plugin) long(server string) (names []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, c := range p.channels {
		if c.long && at.server == server {
			names = append(names, c.name)
		}
	}
	return names
}

// Actions implements plugins.Actor.
func (p *plugin) Actions() []plugins.Action {
	return []plugins.Action{{
		Name: "LongCallList", Class: ami.ClassCall, Summary: "List the channels that are up for long.",
		Run: p.list,
	}, {
		Name: "LongCallHangup", Class: ami.ClassCall, Summary: "Hang up the channels that are up for long.",
		Headers:      []plugins.Header{{Name: "Cause", Description: "The cause, as in Hangup."}},
		FromDialplan: true,
		Run:          p.hangup,
	}}
}

func (p *plugin) list(_ context.Context, by plugins.Caller, _ ami.Message) (plugins.Answer, error) {
	items := []ami.Message{}
	for _, name := range p.long(by.Server) {
		items = append(items, ami.NewEvent("LongCallEntry").Add("Channel", name).Message())
	}
	return plugins.Answer{List: items, Complete: "LongCallListComplete"}, nil
}

// hangup is answered at once; what it does goes on as a job.
func (p *plugin) hangup(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	names := p.long(by.Server)
	if len(names) == 0 {
		return plugins.Answer{}, plugins.Refuse("no_long_calls", "There is no channel that is up for long")
	}
	job, err := p.host.NewJob("LongCallHangup", by, func(ctx context.Context, j plugins.Job) error {
		for _, name := range names {
			hangup := ami.NewAction("Hangup").Add("Channel", name).AddNonEmpty("Cause", m.Get("Cause"))
			reply, err := p.host.Send(ctx, by.Server, hangup.Message())
			switch {
			case errors.Is(err, plugins.ErrDown), ctx.Err() != nil:
				return err
			case err != nil, !reply.OK(): // it has just hung up, for one
				continue
			}
			j.Tell(new(ami.Builder).Add("Channel", name))
		}
		return nil
	})
	return plugins.Answer{Job: job}, err
}
