package groupcall

import (
	"context"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// call is a group call while it goes on, and for a while after.
type call struct {
	// set at construction
	plugin  *Plugin
	by      plugins.Caller
	server  string
	request *request
	limit   *limit
	inbox   *inbox
	job     plugins.Job // set before run

	settled chan struct{} // closed when the gathering is at its end
	done    chan struct{} // closed when the call is over; legs are nobody's then, and only read

	// run's own
	legs     *legs.Call
	held     int   // of the server's limit
	turn     *turn // asked of it; nil: none is
	ids      []string
	isOver   bool
	told     bool // something has changed since the job's last progress
	progress bool // a timer will tell it

	ended time.Time // guarded by Plugin.mu
}

func newCall(p *Plugin, by plugins.Caller, r *request, l *legs.Call) *call {
	return &call{
		plugin: p, by: by, server: by.Server, request: r, limit: p.limit(by.Server), inbox: newInbox(), legs: l,
		settled: make(chan struct{}), done: make(chan struct{}),
	}
}

// isOf tells whether somebody may look at the call and end it.
func (c *call) isOf(by plugins.Caller) bool {
	switch {
	case by.User == nil:
		return c.by.User == nil && c.server == by.Server
	case by.User.Admin():
		return true
	}
	return c.by.User != nil && c.by.User.Name() == by.User.Name()
}

// await is the job: it ends with the gathering. Who cancels the job ends the call; that the plugin ends, life, is run's affair.
func (c *call) await(ctx, life context.Context) error {
	select {
	case <-c.settled:
		return nil
	case <-ctx.Done():
	}
	if life.Err() == nil {
		c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.Cancel(now, false, "the job was cancelled") })
	}
	<-c.settled
	return ctx.Err()
}

// run runs the call until every leg has ended, or ctx has.
func (c *call) run(ctx context.Context) {
	now := c.plugin.host.Clock().Now
	defer close(c.done)
	c.perform(ctx, c.legs.Begin(now()))
	for !c.isOver {
		c.share()
		select {
		case <-ctx.Done():
			c.abandon(context.WithoutCancel(ctx))
			c.isOver = true
			continue
		case <-c.inbox.ready:
		}
		for _, in := range c.inbox.take() {
			c.perform(ctx, in(c.legs, now()))
		}
	}
	c.leave(ctx)
}

// leave ends what the call has of others.
func (c *call) leave(ctx context.Context) {
	for _, in := range c.inbox.close() {
		c.perform(ctx, in(c.legs, c.plugin.host.Clock().Now()))
	}
	if c.turn != nil && !c.limit.forget(c.turn) {
		c.held++ // it was granted, and nobody has heard
	}
	c.limit.giveBack(c.held)
	c.plugin.end(c, c.ids)
}

// share gives back what is not needed of the server's limit, and asks for more.
func (c *call) share() {
	if surplus := c.held - c.legs.Calling(); surplus > 0 {
		c.held -= surplus
		c.limit.giveBack(surplus)
	}
	if c.turn == nil && c.legs.Ready() {
		t := &turn{}
		t.granted = func() { c.inbox.put(c.dial) }
		c.turn = t
		c.limit.want(t)
	}
}

// dial is an input: a leg more may be dialled.
func (c *call) dial(l *legs.Call, now time.Time) []legs.Effect {
	c.turn = nil
	c.held++
	return l.Dial(now)
}

// abandonTime is how long hanging up may take when the plugin ends.
const abandonTime = 5 * time.Second

// abandon is for when the plugin ends: whoever is still called is hung up, who has answered stays.
func (c *call) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, abandonTime)
	defer cancel()
	var hanging sync.WaitGroup
	for _, e := range c.legs.Abandon(c.plugin.host.Clock().Now(), "the proxy has ended the call") {
		switch e.Deed {
		case legs.Tell:
			c.tellLeg(e.Leg)
		case legs.Hangup:
			hanging.Go(func() { c.hangupSurely(ctx, e.Uniqueid) })
		}
	}
	c.settle()
	hanging.Wait()
}

// hangupSurely hangs up a channel that may not exist yet: an Originate that was just queued has none for some milliseconds.
func (c *call) hangupSurely(ctx context.Context, uniqueid string) {
	const tries, pause = 4, 50 * time.Millisecond
	for range tries {
		if c.hangup(ctx, uniqueid) {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// snapshot is how it stands with the legs. Any goroutine but run's.
func (c *call) snapshot() []legs.Leg {
	answer := make(chan []legs.Leg, 1)
	if c.inbox.put(func(l *legs.Call, _ time.Time) []legs.Effect {
		answer <- l.Legs()
		return nil
	}) {
		return <-answer
	}
	<-c.done
	return c.legs.Legs()
}

// totals adds the numbers of legs by their states.
func totals(b *ami.Builder, t legs.Totals) *ami.Builder {
	for _, s := range legs.States() {
		b.Add(headerOf[s], itoa(t[s]))
	}
	return b
}
