package proxy

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// trackers is the feed's Labeller: each server's events are its tracker's.
type trackers struct {
	// replaced as a whole, with Proxy.reloading held
	servers atomic.Pointer[map[string]*server] // by name
	tenants atomic.Pointer[access.Tenants]     // nil: there are none
}

// Label implements feed.Labeller.
func (t *trackers) Label(e *feed.Event) {
	if s := (*t.servers.Load())[e.Server]; s != nil {
		s.tracker.Label(e)
		labelForTenant(t.tenants.Load(), s, e)
	} else {
		e.Tags = tagsOfOwn(e)
	}
	e.Tags = e.Tags.With(e.Given())
}

// Lost implements feed.Labeller: whoever has events missing begins anew.
func (t *trackers) Lost() {
	for _, s := range *t.servers.Load() {
		s.tracker.Reset()
		s.fillTracker(fillPause)
	}
}

// useServers makes the servers those that are asked and listened to from now on.
func (p *Proxy) useServers(servers []*server) {
	byName := map[string]*server{}
	for _, s := range servers {
		byName[s.name] = s
	}
	p.trackers.servers.Store(&byName)
	p.servers.Store(&servers)
}

// Tracker knows the channels of a server; nil: there is no server of that name. Any goroutine.
func (p *Proxy) Tracker(server string) *channels.Tracker {
	if s := p.server(server); s != nil {
		return s.tracker
	}
	return nil
}

// fillPause is how long the channels are not asked for again when events were lost: that happens when there are
// more than can be handled, and again and again.
const fillPause = time.Second

// fillTracker has the channels that are there come through the log, into the tracker, after a pause. It never
// waits.
func (s *server) fillTracker(pause time.Duration) {
	if s.filling.CompareAndSwap(false, true) && !s.proxy.background(func(ctx context.Context) { s.askForChannels(ctx, pause) }) {
		s.filling.Store(false)
	}
}

// background does something on a goroutine that Run waits for, unless the proxy does not run. It must end when ctx
// does.
func (p *Proxy) background(do func(ctx context.Context)) (begun bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.ended {
		return false
	}
	ctx := p.running
	p.checks.Go(func() { do(ctx) })
	return true
}

// askForChannels asks once; what makes it necessary again from here on makes it be asked again.
func (s *server) askForChannels(ctx context.Context, pause time.Duration) {
	if pause > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	s.filling.Store(false)
	if !s.session.Status().Up {
		return // when it comes back it is asked
	}
	if _, known := s.session.Action(showChannels); !known {
		s.warnOfChannels("the proxy's user may not run CoreShowChannels")
		return
	}
	requester := s.session.NewRequester()
	defer requester.Close()
	list := channelList{s, make(chan struct{}, 1)}
	if requester.Send(ctx, upstream.Request{Action: ami.NewAction(showChannels).Message(), Receiver: list, Client: "astproxy"}) != nil {
		return
	}
	select {
	case <-ctx.Done():
	case <-list.ended:
	}
}

const showChannels = "CoreShowChannels"

func (s *server) warnOfChannels(why string) {
	s.proxy.log.Warn("channels from before the connection are not known, and nobody's, until they hang up: add system and reporting to the write line in manager.conf",
		"server", s.name, "user", s.config.Username, "reason", why)
}

// channelList puts the answer to CoreShowChannels into the log, where nobody but the tracker sees it.
type channelList struct {
	server *server
	ended  chan struct{}
}

// Receive implements upstream.Receiver.
func (l channelList) Receive(r upstream.Reply) {
	switch {
	case r.Message.IsEvent():
		l.server.proxy.feed.AppendHidden(l.server.name, r.Message)
	case r.Message.Response() == "Error":
		l.server.warnOfChannels(r.Message.Get("Message"))
	}
	if r.Last {
		select {
		case l.ended <- struct{}{}:
		default:
		}
	}
}
