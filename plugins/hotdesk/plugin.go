package hotdesk

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/store"
)

// Kind is the plugin.
var Kind = plugins.Kind{
	Name:    "hotdesk",
	Summary: "people log in at any phone, and their calls, queues and lamps follow",
	Config:  defaults,
	New: func(h plugins.Host, config any) (plugins.Plugin, error) {
		return newPlugin(h, config.(*Config)), nil
	},
}

// plugin is one life of the plugin.
type plugin struct {
	// set at construction, and store by Keep
	host      plugins.Host
	log       *slog.Logger
	config    *Config
	store     store.Store
	directory *directory
	lockout   *lockout
	desk      *desk
	devices   *devices
	ready     chan struct{} // closed when the sessions have been read

	// guarded by mu
	mu      sync.Mutex
	workers map[string]*worker
	running context.Context // nil before Run, and after it
	group   *sync.WaitGroup // of the workers
}

func newPlugin(h plugins.Host, c *Config) *plugin {
	sources := []source{&configured{all: c.Users}}
	if c.UsersFile != "" {
		sources = append(sources, &file{path: c.UsersFile})
	}
	for _, d := range c.Databases {
		sources = append(sources, newDatabaseUsers(d))
	}
	return &plugin{
		host: h, log: h.Log(), config: c, directory: newDirectory(h.Log(), h.Clock(), sources...),
		lockout: newLockout(c.PINFailures, c.Lock), desk: newDesk(), devices: newDevices(),
		ready: make(chan struct{}), workers: map[string]*worker{},
	}
}

// Keep implements plugins.Keeper.
func (p *plugin) Keep(s store.Store) { p.store = s }

// Run implements plugins.Plugin.
func (p *plugin) Run(ctx context.Context) error {
	if !p.config.anybody() { // nobody could log in: Asterisk is left alone
		close(p.ready)
		<-ctx.Done()
		return nil
	}
	all, wrong, err := load(ctx, p.store)
	if err != nil {
		return fmt.Errorf("the sessions cannot be read: %w", err)
	}
	if wrong != nil {
		p.log.Error("some sessions cannot be read, and are left where they are", "error", wrong)
	}
	p.desk.swap(nil, all)
	people, err := p.directory.people(ctx)
	if err != nil {
		return err
	}
	if people.clear > 0 {
		p.log.Warn("PINs are not hashed: `astproxy passwd` makes hashes of them", "users", people.clear)
	}
	p.log.Info("sessions read", "sessions", len(all), "users", len(people.byExtension))

	defer p.directory.close()
	var group sync.WaitGroup
	defer group.Wait()
	running, stop := context.WithCancel(ctx)
	defer stop()
	p.mu.Lock()
	p.running, p.group = running, &group
	for _, w := range p.workers {
		w.start(running, &group)
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.running = nil
		p.mu.Unlock()
	}()
	for _, s := range p.host.Servers() {
		if s.Up {
			p.worker(s.Name).wantSync()
		}
	}
	close(p.ready)
	p.lookAfter(running)
	return nil
}

// lookAfter does what is done from time to time, until ctx ends.
func (p *plugin) lookAfter(ctx context.Context) {
	checked := p.host.Clock().Now()
	for p.pause(ctx, time.Second) {
		now := p.host.Clock().Now()
		p.expire(ctx, now)
		if now.Sub(checked) < p.config.Check {
			continue
		}
		checked = now
		p.dismiss(ctx)
		for _, s := range p.host.Servers() {
			if s.Up {
				p.worker(s.Name).wantSync()
			}
		}
	}
}

// pause waits, and tells whether ctx has not ended.
func (p *plugin) pause(ctx context.Context, d time.Duration) bool {
	passed := make(chan struct{})
	stop := p.host.Clock().AfterFunc(d, func() { close(passed) })
	select {
	case <-passed:
		return true
	case <-ctx.Done():
		stop()
		return false
	}
}

// Hears implements plugins.Chooser.
func (p *plugin) Hears() []string { return []string{"DeviceStateChange"} }

// Hear implements plugins.Hearer.
func (p *plugin) Hear(_ context.Context, e plugins.Event) {
	switch e.Occasion {
	case plugins.Connected:
		p.devices.forget(e.Server)
		p.worker(e.Server).wantSync()
	case plugins.Missed:
		for _, s := range p.host.Servers() {
			p.devices.forget(s.Name)
			p.worker(s.Name).wantSync()
		}
	case plugins.Happened:
		device := e.Message.Get("Device")
		p.devices.told(e.Server, device, e.Message.Get("State"), p.host.Clock().Now())
		if s := p.desk.sessionAt(place{e.Server, deviceName(device)}); s != nil && sameDevice(s.Device, device) {
			p.worker(e.Server).wantLamp(s.User)
		}
	}
}

// emit tells everybody who sees events of agents.
func (p *plugin) emit(server string, event *ami.Builder) {
	p.host.Emit(server, ami.ClassAgent, "", event)
}

// wait waits until the sessions have been read.
func (p *plugin) wait(ctx context.Context) error {
	select {
	case <-p.ready:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
