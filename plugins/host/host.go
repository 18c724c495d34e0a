package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/store"
)

// Setup is a plugin that is to run, and how.
type Setup struct {
	Kind   plugins.Kind
	Config any // what Kind.Config made, filled in and valid; nil where there is none
	// Triggers are the names of its actions that the dialplan may ask for.
	Triggers []string
}

// Options are where plugins keep things, and what tests change.
type Options struct {
	Clock    plugins.Clock // SystemClock
	Store    store.Store   // what plugins keep; nil: one that wants to is an error
	Patience time.Duration // how long a plugin may take to end; 10 s
	Pause    time.Duration // before one that has failed begins again, the first time; 1 s, and twice as long each time, up to a minute
}

// Host runs plugins on a proxy.
type Host struct {
	proxy    *proxy.Proxy
	log      *slog.Logger
	clock    plugins.Clock
	store    store.Store
	patience time.Duration
	pause    time.Duration
	hub      *hub
	jobs     *jobs
	triggers triggers
	ready    chan struct{} // closed when Run has begun the plugins

	changing sync.Mutex // held by Apply and by Run's begin and end

	// guarded by mu, and changed with changing held
	mu      sync.Mutex
	slots   []*slot // in the order of the configuration
	running context.Context
	ended   bool
}

// New makes a Host of p's plugins, of which there are none yet. It becomes p's Extension and observer, so there is
// one a proxy, and that does not run yet.
func New(p *proxy.Proxy, log *slog.Logger, o Options) *Host {
	h := &Host{
		proxy: p, log: log, hub: newHub(), clock: o.Clock, store: o.Store, ready: make(chan struct{}),
		patience: cmp.Or(o.Patience, 10*time.Second), pause: cmp.Or(o.Pause, time.Second),
	}
	if h.clock == nil {
		h.clock = SystemClock
	}
	h.jobs = newJobs(h)
	h.hub.triggers = h.trigger
	h.hub.connected = func(server string) { h.warnOfHidden(h.snapshot(), server) }
	p.Observe(h.hub.observe)
	h.publish()
	return h
}

// Change is what Prepare has made: plugins that have not begun.
type Change struct{ slots []*slot }

// Prepare makes the plugins of setups, those that are not as they are already. Nothing begins, and with an
// error nothing is changed.
func (h *Host) Prepare(setups []Setup) (*Change, error) {
	var c Change
	var wrong []error
	present := h.snapshot()
	for _, setup := range setups {
		if i := slices.IndexFunc(present, func(s *slot) bool { return s.is(setup) }); i >= 0 {
			c.slots = append(c.slots, present[i])
			continue
		}
		s, err := newSlot(h, setup)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("plugin %s: %w", setup.Kind.Name, err))
			continue
		}
		c.slots = append(c.slots, s)
	}
	for _, w := range clashes(c.slots) {
		wrong = append(wrong, fmt.Errorf("plugin %s: %s", w.Plugin, w.Text))
	}
	return &c, errors.Join(wrong...)
}

// is tells whether a slot is what a setup would make.
func (s *slot) is(setup Setup) bool {
	return s.name == setup.Kind.Name && reflect.DeepEqual(s.setup.Config, setup.Config) && slices.Equal(s.setup.Triggers, setup.Triggers)
}

// Apply ends the plugins that are not in c any more, waits for them, and begins those that are new: they have begun when it
// returns. Before Run they begin with that.
func (h *Host) Apply(c *Change) {
	h.changing.Lock()
	defer h.changing.Unlock()
	before := h.snapshot()
	for _, s := range before {
		if !slices.Contains(c.slots, s) {
			s.stop()
		}
	}
	h.mu.Lock()
	h.slots = c.slots
	ctx, ended := h.running, h.ended
	h.mu.Unlock()
	h.publish()
	if ctx == nil || ended {
		return
	}
	for _, s := range c.slots {
		if slices.Contains(before, s) {
			continue
		}
		s.start(ctx)
		for _, server := range h.proxy.Servers() {
			h.warnOfHidden([]*slot{s}, server.Name)
		}
	}
}

// Run runs the plugins until ctx ends, and returns when they have ended, or have taken longer for that than they may.
// Whatever ends them should end before the proxy does, so that they can still act.
func (h *Host) Run(ctx context.Context) {
	var hearing sync.WaitGroup
	hearing.Go(func() { h.hub.run(ctx) })
	endTriggers := h.triggers.begin(ctx, h.proxy)
	h.changing.Lock()
	h.mu.Lock()
	h.running = ctx
	h.mu.Unlock()
	for _, s := range h.snapshot() {
		s.start(ctx)
	}
	h.changing.Unlock()
	close(h.ready)
	<-ctx.Done()
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	h.ended = true
	h.mu.Unlock()
	var ending sync.WaitGroup
	for _, s := range h.snapshot() {
		ending.Go(s.stop)
	}
	ending.Wait()
	hearing.Wait()
	endTriggers()
}

func (h *Host) snapshot() []*slot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.slots)
}

// warnOfHidden warns of actions of a server's that nobody reaches any more.
func (h *Host) warnOfHidden(slots []*slot, server string) {
	for _, s := range slots {
		for _, action := range s.actions {
			if slices.ContainsFunc(h.proxy.AsteriskHas(action.Name), func(has string) bool { return has == server }) {
				h.log.Warn("a plugin's action hides one of Asterisk's: switch the plugin off to reach that",
					"plugin", s.name, "action", action.Name, "server", server)
			}
		}
	}
}

// Ready is closed when Run has begun the plugins: from then on there is somebody to be asked. Any goroutine.
func (h *Host) Ready() <-chan struct{} { return h.ready }

// Running tells whether the plugin of that name runs. Any goroutine.
func (h *Host) Running(name string) bool {
	for _, s := range h.snapshot() {
		if s.name == name {
			return s.current.Load() != nil
		}
	}
	return false
}
