package groupcall

import (
	"context"
	"errors"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// perform does what is to be done.
func (c *call) perform(ctx context.Context, effects []legs.Effect) {
	for _, e := range effects {
		switch e.Deed {
		case legs.Adopt:
			c.ids = append(c.ids, e.ID)
			c.plugin.hears(c, e.ID)
		case legs.Dial:
			c.plugin.work.Go(func() { c.send(ctx, e) })
		case legs.Hangup:
			c.plugin.work.Go(func() {
				c.hangup(ctx, e.Uniqueid)
				c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.HungUp(now, e.Uniqueid) })
			})
		case legs.Ask:
			c.plugin.work.Go(func() { c.ask(ctx) })
		case legs.Wake:
			c.plugin.host.Clock().AfterFunc(e.After, func() {
				c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.Woken(now, e.Timer) })
			})
		case legs.Tell:
			c.tellLeg(e.Leg)
			c.tellProgress()
		case legs.Settled:
			c.settle()
		case legs.Over:
			c.isOver = true
		}
	}
}

// send sends a leg's Originate.
func (c *call) send(ctx context.Context, e legs.Effect) {
	reply, err := c.plugin.host.Send(ctx, c.server, c.by.Rewritten(c.request.action(e.Leg.Channel, e.Uniqueid, e.Token)))
	outcome, reason := legs.Accepted, ""
	switch {
	case errors.Is(err, plugins.ErrDown), errors.Is(err, plugins.ErrNotSent):
		outcome, reason = legs.Unsent, "the server is not connected"
	case err != nil:
		outcome = legs.Doubtful
	case !reply.OK():
		outcome, reason = legs.Refused, reply.Response.Get("Message")
	}
	c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.Replied(now, e.Token, outcome, reason) })
}

// hangup hangs up a channel by its Uniqueid, and tells whether Asterisk had one. While the call goes on, whether that was of use
// is seen by its events, or asked.
func (c *call) hangup(ctx context.Context, uniqueid string) bool {
	reply, err := c.plugin.host.Send(ctx, c.server, ami.NewAction("Hangup").Add("Channel", uniqueid).Message())
	if err != nil && ctx.Err() == nil {
		c.plugin.host.Log().Warn("leg not hung up", "server", c.server, "uniqueid", uniqueid, "error", err)
	}
	return err == nil && reply.OK()
}

// ask asks for the channels there are.
func (c *call) ask(ctx context.Context) {
	reply, err := c.plugin.host.Send(ctx, c.server, ami.NewAction("CoreShowChannels").Message())
	failed := err != nil || !reply.OK()
	channels := map[string]legs.Channel{}
	for _, item := range reply.Items {
		channels[item.Get("Uniqueid")] = legs.Channel{
			Uniqueid: item.Get("Uniqueid"), Name: item.Get("Channel"), State: item.Get("ChannelState"),
			Application: item.Get("Application"), Data: item.Get("ApplicationData"),
		}
	}
	c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.Found(now, channels, failed) })
}
