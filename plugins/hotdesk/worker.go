package hotdesk

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// worker keeps a server what it should be: one goroutine syncs it, and one sets lamps.
type worker struct {
	plugin *plugin
	server string

	mu    sync.Mutex
	lamps map[string]bool // the users whose lamps may be wrong

	sync  chan struct{} // has one while a sync is wanted
	light chan struct{} // has one while lamps has any
	turn  chan struct{} // has one while no sync is under way
}

// worker is that of a server, which begins with Run or, if that has begun, at once.
func (p *plugin) worker(server string) *worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.workers[server]
	if w == nil {
		w = &worker{
			plugin: p, server: server, lamps: map[string]bool{},
			sync: make(chan struct{}, 1), light: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		}
		w.turn <- struct{}{}
		p.workers[server] = w
		if p.running != nil {
			w.start(p.running, p.group)
		}
	}
	return w
}

// start begins its goroutines, which end with ctx.
func (w *worker) start(ctx context.Context, group *sync.WaitGroup) {
	group.Go(func() { w.keepSynced(ctx) })
	group.Go(func() { w.keepLit(ctx) })
}

// keepSynced syncs whenever that is wanted, until ctx ends.
func (w *worker) keepSynced(ctx context.Context) {
	for {
		select {
		case <-w.sync:
		case <-ctx.Done():
			return
		}
		// One whose server is gone comes again when it is back.
		if _, err := w.plugin.sync(ctx, w.server); err != nil && !isGone(err) && ctx.Err() == nil {
			w.plugin.log.Warn("sync failed", "server", w.server, "error", err)
		}
	}
}

// keepLit sets lamps whenever some may be wrong, until ctx ends.
func (w *worker) keepLit(ctx context.Context) {
	var freed <-chan struct{} // nil: nobody is waited for
	for {
		select {
		case <-w.light:
		case <-freed:
		case <-ctx.Done():
			return
		}
		freed = w.setLamps(ctx)
	}
}

// wantSync has the server synced soon. It does not wait.
func (w *worker) wantSync() { signal(w.sync) }

// wantLamp has a user's lamp looked at soon. It does not wait.
func (w *worker) wantLamp(user string) {
	w.mu.Lock()
	w.lamps[user] = true
	w.mu.Unlock()
	signal(w.light)
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// setLamps sets the lamps that may be wrong. A user is claimed meanwhile, so that nobody sets his to something else who is
// changing his sessions just now. Where somebody is, the lamp is left for when freed is closed.
func (w *worker) setLamps(ctx context.Context) (freed <-chan struct{}) {
	w.mu.Lock()
	users := slices.Sorted(maps.Keys(w.lamps))
	clear(w.lamps)
	w.mu.Unlock()
	p := w.plugin
	for _, user := range users {
		release, wait := p.desk.tryClaim(func() []string { return []string{userClaim(user)} })
		if release == nil {
			if freed == nil { // the first: others that are freed later are looked at again then
				freed = wait
			}
			w.mu.Lock()
			w.lamps[user] = true
			w.mu.Unlock()
			continue
		}
		err := p.do(ctx, p.config.light(w.server, user, p.lampState(w.server, user)))
		release()
		if err != nil && !isGone(err) && ctx.Err() == nil {
			p.log.Warn("a lamp could not be set", "server", w.server, "user", user, "error", err)
		}
	}
	return freed
}

// lampState is what a user's lamp should show at a server.
func (p *plugin) lampState(server, user string) string {
	var at []string
	for _, s := range p.desk.sessionsOf(user) {
		if s.Server == server {
			at = append(at, s.Device)
		}
	}
	return p.devices.combined(server, at)
}
