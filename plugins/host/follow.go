package host

import (
	"sync"

	"github.com/astproxy/astproxy/plugins"
)

// followingEvents is how many events of a call may wait to be received.
const followingEvents = 256

// following implements plugins.Following.
type following struct {
	hub    *hub
	owner  *instance
	what   followed
	events chan plugins.Event // has room for one more than followingEvents: a Missed

	// guarded by hub.mu
	missed bool // a Missed is the last in events

	once sync.Once
}

func (h *hub) follow(owner *instance, server, uniqueid string) *following {
	f := &following{hub: h, owner: owner, what: followed{server, uniqueid}, events: make(chan plugins.Event, followingEvents+1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.followings[f.what] == nil {
		h.followings[f.what] = map[*following]struct{}{}
	}
	h.followings[f.what][f] = struct{}{}
	h.renewInterest()
	return f
}

// tell never waits. With hub.mu held.
func (f *following) tell(e plugins.Event) {
	if len(f.events) < followingEvents {
		f.missed = false
		f.events <- e // nobody else sends
		return
	}
	if !f.missed {
		f.missed = true
		f.events <- plugins.Event{Occasion: plugins.Missed}
	}
}

// Events implements plugins.Following.
func (f *following) Events() <-chan plugins.Event { return f.events }

// Close implements plugins.Following.
func (f *following) Close() {
	f.once.Do(func() {
		f.hub.mu.Lock()
		defer f.hub.mu.Unlock()
		all := f.hub.followings[f.what]
		if delete(all, f); len(all) == 0 {
			delete(f.hub.followings, f.what)
		}
		f.hub.renewInterest()
		close(f.events)
	})
}
