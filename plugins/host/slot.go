package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/agi"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
)

// maxPause is how long the pauses before a plugin begins again get.
const maxPause = time.Minute

// slot is one configured plugin: its instances, one after the other.
type slot struct {
	// set at construction
	host     *Host
	name     string
	setup    Setup
	log      *slog.Logger
	actions  []plugins.Action // of its first instance; the others' are of the same names
	routes   []plugins.Route
	scripts  []agi.Script
	first    *instance
	triggers map[string]bool // by name in lower case

	current atomic.Pointer[instance] // that runs; nil: none does

	begun     chan struct{} // closed when the first instance runs
	beginning sync.Once

	// set by start
	cancel context.CancelFunc
	ended  chan struct{}

	panics, restarts, missed atomic.Uint64
}

func newSlot(h *Host, setup Setup) (*slot, error) {
	s := &slot{host: h, name: setup.Kind.Name, setup: setup, log: h.log.With("plugin", setup.Kind.Name), triggers: map[string]bool{}, begun: make(chan struct{})}
	first, err := s.newInstance()
	if err != nil {
		return nil, err
	}
	s.first, s.actions, s.routes, s.scripts = first, first.actions, first.routes, first.scripts
	for _, name := range setup.Triggers {
		if err := CheckTrigger(s.actions, name); err != nil {
			return nil, err
		}
		s.triggers[strings.ToLower(name)] = true
	}
	return s, nil
}

// CheckTrigger tells what is wrong with the name of an action that the dialplan shall ask for.
func CheckTrigger(actions []plugins.Action, name string) error {
	var known []string
	for _, a := range actions {
		if a.FromDialplan {
			known = append(known, a.Name)
		}
	}
	if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
		return nil
	}
	return fmt.Errorf("%s is no action of the plugin's that the dialplan may ask for; there are %s", name, strings.Join(known, ", "))
}

// start has it run until stop is called or ctx ends, and returns when it has begun. It is called once, if ever.
func (s *slot) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		s.supervise(ctx)
	}()
	<-s.begun
}

// stop ends it and waits for that.
func (s *slot) stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.ended
	}
}

// errNotEnded is said of a plugin that is left to itself.
var errNotEnded = errors.New("it does not end")

// supervise runs one instance after the other.
func (s *slot) supervise(ctx context.Context) {
	next, pause := s.first, s.host.pause
	s.first = nil
	for {
		err := next.run(ctx)
		next = nil
		if ctx.Err() != nil {
			return
		}
		for next == nil {
			if err == nil {
				err = errors.New("it has returned")
			}
			s.log.Error("plugin failed and will begin again", "error", err, "seconds", pause.Seconds())
			if !s.sleep(ctx, pause) {
				return
			}
			pause = min(2*pause, maxPause)
			s.restarts.Add(1)
			next, err = s.newInstance()
		}
	}
}

// sleep waits, and tells whether ctx has not ended.
func (s *slot) sleep(ctx context.Context, d time.Duration) bool {
	passed := make(chan struct{})
	stop := s.host.clock.AfterFunc(d, func() { close(passed) })
	select {
	case <-passed:
		return true
	case <-ctx.Done():
		stop()
		return false
	}
}

// safely calls what is the plugin's, and makes an error of a panic.
func (s *slot) safely(what string, call func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			s.panics.Add(1)
			s.log.Error("plugin panicked", "in", what, "reason", fmt.Sprint(value), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return call()
}

var (
	errPanic   = errors.New("the plugin panicked")
	errNowhere = errors.New("the plugin keeps something over restarts, and there is nowhere to keep it")
)

// newInstance makes the plugin, which does not run yet.
func (s *slot) newInstance() (*instance, error) {
	i := &instance{slot: s, questions: map[*question]struct{}{}, queue: newQueue(hearEvents, hearBytes)}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	err := s.safely("New", func() (err error) {
		if i.plugin, err = s.setup.Kind.New(i, s.setup.Config); err != nil {
			return err
		}
		if actor, is := i.plugin.(plugins.Actor); is {
			i.actions = actor.Actions()
		}
		if router, is := i.plugin.(plugins.Router); is {
			i.routes = router.Routes()
		}
		if scripter, is := i.plugin.(plugins.Scripter); is {
			i.scripts = scripter.Scripts()
		}
		if keeper, is := i.plugin.(plugins.Keeper); is {
			if s.host.store == nil {
				return errNowhere
			}
			keeper.Keep(s.host.store)
		}
		if hearer, is := i.plugin.(plugins.Hearer); is {
			i.hearer, i.interest = hearer, interestOf(hearer)
		}
		return nil
	})
	if err != nil {
		i.cancel()
		return nil, err
	}
	return i, nil
}

// How much may wait for a plugin that hears.
const (
	hearEvents = 1 << 14
	hearBytes  = 16 << 20
)

// instance is one life of a plugin. It implements plugins.Host.
type instance struct {
	*slot

	// set before run
	plugin  plugins.Plugin
	actions []plugins.Action
	routes  []plugins.Route
	scripts []agi.Script
	hearer  plugins.Hearer
	queue   *queue
	// what hearer wants
	interest *interest

	sender *proxy.Sender // set by run

	ctx    context.Context // what the plugin does ends with it
	cancel context.CancelFunc
	work   sync.WaitGroup // everything of it that runs

	// guarded by mu
	mu        sync.Mutex
	began     bool
	over      bool // nothing more may begin
	questions map[*question]struct{}
}

// run runs it until ctx ends or it has failed, and waits for all that it has begun, up to a bound.
func (i *instance) run(ctx context.Context) error {
	i.sender = i.host.proxy.NewSender("plugin " + i.name)
	defer context.AfterFunc(ctx, i.cancel)()
	i.mu.Lock()
	i.began = true
	i.mu.Unlock()
	returned := make(chan error, 1)
	if i.hearer != nil {
		i.host.hub.add(i.queue, i.interest)
	}
	i.work.Add(2)
	go func() {
		defer i.work.Done()
		returned <- i.safely("Run", func() error { return i.plugin.Run(i.ctx) })
	}()
	go func() {
		defer i.work.Done()
		i.hear()
	}()
	i.current.Store(i)
	i.beginning.Do(func() { close(i.begun) })
	var err error
	select {
	case err = <-returned:
	case <-i.ctx.Done():
	}
	i.current.CompareAndSwap(i, nil)
	i.end()
	return err
}

// end ends all that it has begun, and waits for that. What does not end is left to itself, so that nobody else
// waits for it.
func (i *instance) end() {
	i.cancel()
	i.mu.Lock()
	i.over = true
	i.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		i.work.Wait()
		close(ended)
	}()
	late := make(chan struct{})
	stop := SystemClock.AfterFunc(i.host.patience, func() { close(late) })
	select {
	case <-ended:
		stop()
	case <-late:
		i.log.Error("plugin is left to itself", "error", errNotEnded)
		i.abandon()
	}
	i.host.hub.remove(i.queue)
	i.host.hub.forget(i)
	i.sender.Close()
	i.missed.Add(i.queue.dropped())
}

// begin counts something of the plugin's that runs from now on, until work.Done; false: it may not any more.
func (i *instance) begin() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over || !i.began {
		return false
	}
	i.work.Add(1)
	return true
}

// hear tells the plugin what happens.
func (i *instance) hear() {
	if i.hearer == nil {
		return
	}
	for {
		select {
		case <-i.ctx.Done():
			return
		case <-i.queue.ready:
		}
		events, upTo := i.queue.take()
		for _, e := range events {
			if i.ctx.Err() != nil {
				return
			}
			_ = i.safely("Hear", func() error {
				i.hearer.Hear(i.ctx, e)
				return nil
			})
		}
		i.queue.done(upTo)
	}
}
