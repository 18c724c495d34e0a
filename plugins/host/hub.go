package host

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy/feed"
)

// How much may wait for the hub, which never waits itself.
const (
	hubEvents = 1 << 16
	hubBytes  = 32 << 20
)

// hub takes the log to everybody in here who wants to hear it.
type hub struct {
	queue *queue
	piece []plugins.Event // of observe alone

	interest atomic.Pointer[interest] // what anybody wants; written under mu

	// set before run; neither may wait, and mu is held
	triggers  func(plugins.Event) // is asked for every UserEvent
	connected func(server string) // a server has come up

	// guarded by mu
	mu         sync.Mutex
	up         map[string]bool // the servers that are connected, as the log has told
	triggering bool            // there is a plugin with triggers
	hearers    map[*queue]*interest
	followings map[followed]map[*following]struct{}
}

// followed is a call that somebody follows.
type followed struct{ server, uniqueid string }

func newHub() *hub {
	h := &hub{
		queue: newQueue(hubEvents, hubBytes), up: map[string]bool{}, hearers: map[*queue]*interest{},
		followings: map[followed]map[*following]struct{}{},
	}
	h.interest.Store(&interest{})
	return h
}

// observe takes a piece of the log. The feed's matcher calls it.
func (h *hub) observe(events []feed.Event, dropped uint64) {
	wanted := h.interest.Load()
	piece := h.piece[:0]
	for i := range events {
		e := &events[i]
		switch {
		case e.Hidden():
		case !e.Own():
			if wanted.has(e.Message.Event()) {
				piece = append(piece, plugins.Event{Occasion: plugins.Happened, Server: e.Server, Message: e.Message, Class: e.Class})
			}
		case e.Server == "" && e.Message.Event() == "ProxyServerStatus":
			occasion := plugins.Disconnected
			if e.Message.Get("Status") == "Connected" {
				occasion = plugins.Connected
			}
			piece = append(piece, plugins.Event{Occasion: occasion, Server: strings.Clone(e.Message.Get("Server"))})
		}
	}
	if dropped > 0 {
		piece = append(piece, plugins.Event{Occasion: plugins.Missed})
	}
	if len(piece) > 0 {
		h.queue.push(piece...)
	}
	clear(piece)
	h.piece = piece
}

// run takes everything on until ctx ends.
func (h *hub) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.queue.ready:
		}
		events, _ := h.queue.take()
		for _, e := range events {
			h.mu.Lock()
			h.tell(e)
			h.mu.Unlock()
		}
	}
}

// tell takes one event to all. With mu held.
func (h *hub) tell(e plugins.Event) {
	switch e.Occasion {
	case plugins.Connected, plugins.Disconnected:
		h.up[e.Server] = e.Occasion == plugins.Connected
		if h.connected != nil && e.Occasion == plugins.Connected {
			h.connected(e.Server)
		}
		h.tellFollowers(e)
	case plugins.Missed:
		h.tellFollowers(e)
	case plugins.Happened:
		h.tellFollowersOf(e)
		if h.triggers != nil && e.Message.Event() == "UserEvent" {
			h.triggers(e)
		}
	}
	name := e.Message.Event()
	for q, wants := range h.hearers {
		if e.Occasion != plugins.Happened || wants.has(name) {
			q.push(e)
		}
	}
}

// tellFollowers tells all who follow a call of that server, or of any.
func (h *hub) tellFollowers(e plugins.Event) {
	for what, followings := range h.followings {
		if e.Server == "" || e.Server == what.server {
			for f := range followings {
				f.tell(e)
			}
		}
	}
}

// tellFollowersOf tells who follows a call that the event is about.
func (h *hub) tellFollowersOf(e plugins.Event) {
	if len(h.followings) == 0 {
		return
	}
	var told []*following // an event has few Uniqueids
	for name, value := range e.Message.All() {
		if !isUniqueid(name) {
			continue
		}
	each:
		for f := range h.followings[followed{e.Server, value}] {
			for _, t := range told {
				if t == f {
					continue each
				}
			}
			told = append(told, f)
			f.tell(e)
		}
	}
}

// isUniqueid tells whether a header has a channel's Uniqueid: Uniqueid, DestUniqueid, TransfererUniqueid...
func isUniqueid(name string) bool {
	const end = "Uniqueid"
	at := len(name) - len(end)
	return at >= 0 && strings.EqualFold(name[at:], end) && !strings.EqualFold(name, "BridgeUniqueid")
}

// add has a queue hear what it wants from here on, and first which servers are connected.
func (h *hub) add(q *queue, wants *interest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for server, up := range h.up {
		if up {
			q.push(plugins.Event{Occasion: plugins.Connected, Server: server})
		}
	}
	h.hearers[q] = wants
	h.renewInterest()
}

func (h *hub) remove(q *queue) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.hearers, q)
	h.renewInterest()
}

// setTriggering says whether there is a plugin with triggers.
func (h *hub) setTriggering(is bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.triggering = is
	h.renewInterest()
}

// forget ends all that an instance follows still.
func (h *hub) forget(i *instance) {
	h.mu.Lock()
	var left []*following
	for _, all := range h.followings {
		for f := range all {
			if f.owner == i {
				left = append(left, f)
			}
		}
	}
	h.mu.Unlock()
	for _, f := range left {
		f.Close()
	}
}
