package conference

import (
	"context"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// watch is somebody who waits for what happens on a server.
type watch struct {
	server     string
	signal     chan struct{} // holds one: something has changed
	invitation *Invitation   // whom it is about, if it is about one who is called

	// guarded by Plugin.mu

	hear   func(event ami.Message) (changed bool) // called with mu held
	missed bool                                   // events may be missing
}

// watch begins to hear, until unwatch.
func (p *Plugin) watch(server string, hear func(event ami.Message) bool) *watch {
	w := &watch{server: server, signal: make(chan struct{}, 1), hear: hear}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watches[w] = struct{}{}
	return w
}

func (p *Plugin) unwatch(w *watch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watches, w)
}

// wake tells the one who waits. It does not block.
func (w *watch) wake() {
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// takeMissed tells, once, whether events may be missing.
func (p *Plugin) takeMissed(w *watch) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	missed := w.missed
	w.missed = false
	return missed
}

// await waits until over says so, d has passed or ctx ends. over is called with mu held, afterwards step is, without. look is
// called where events may be missing, and before the time is said to be over.
func (p *Plugin) await(ctx context.Context, w *watch, d time.Duration, over func() bool, step, look func()) (inTime bool) {
	expired := make(chan struct{})
	stop := p.host.Clock().AfterFunc(d, func() { close(expired) })
	defer stop()
	done := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return over()
	}
	for {
		if p.takeMissed(w) {
			look()
		}
		ended := done()
		step()
		if ended {
			return true
		}
		select {
		case <-w.signal:
		case <-expired:
			look()
			ended := done()
			step()
			return ended
		case <-ctx.Done():
			return false
		}
	}
}
