package sim

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

var _ = simulates(map[string]func(*session, ami.Message) bool{
	"CoreShowChannels": (*session).coreShowChannels,
	"Hangup":           (*session).hangup,
})

func (c *session) coreShowChannels(m ami.Message) bool {
	p := c.server.pbx
	var items []*ami.Builder
	p.do(func() {
		for _, ch := range p.channels {
			b := ch.describe(item(m, "CoreShowChannel"), "")
			seconds := int(time.Since(ch.created).Seconds())
			b.Add("Application", ch.application).
				Add("ApplicationData", ch.data).
				Add("Duration", fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)).
				Add("BridgeId", ch.bridgeID())
			items = append(items, b)
		}
	})
	return c.list(m, "Channels will follow", "CoreShowChannelsComplete", items)
}

// hangup hangs up one channel by name or Uniqueid, or all whose name matches a regular expression.
func (c *session) hangup(m ami.Message) bool {
	name := m.Get("Channel")
	if name == "" {
		return c.fail(m, "No channel specified")
	}
	cause, ok := leadingInt(m.Get("Cause"))
	if !ok || cause < 0 || cause > 127 {
		cause = 0
	}
	if strings.HasPrefix(name, "/") {
		return c.hangupMatching(m, name, cause)
	}
	p := c.server.pbx
	found := false
	p.do(func() {
		if ch := p.find(name); ch != nil {
			found = true
			p.requestHangup(ch, cause)
		}
	})
	if !found {
		return c.fail(m, "No such channel")
	}
	return c.ack(m, "Channel Hungup")
}

func (c *session) hangupMatching(m ami.Message, text string, cause int) bool {
	pattern, ok := strings.CutSuffix(text[1:], "/")
	if !ok {
		return c.fail(m, "Regex format invalid, Channel param should be /regex/")
	}
	expression, err := regexp.CompilePOSIX(pattern)
	if err != nil {
		return c.fail(m, "Regex compile failed on: "+text)
	}
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, ch := range p.channels {
			if expression.MatchString(ch.name) {
				items = append(items, ami.NewEvent("ChannelHungup").Add("Channel", ch.name).AddNonEmpty("ActionID", m.ActionID()))
				p.requestHangup(ch, cause)
			}
		}
	})
	return c.list(m, "Channels hung up will follow", "ChannelsHungupListComplete", items)
}

// requestHangup asks a channel to hang up, which it does as its next step.
func (p *pbx) requestHangup(c *channel, cause int) {
	if cause > 0 {
		c.cause = cause
	}
	p.tell("SoftHangupRequest", "call", c, "Cause", softHangupExplicit)
	p.next(func() {
		if d := c.dial; d != nil {
			p.dialFailed(d, reasonFailed, "")
			return
		}
		p.hangup(c)
	})
}
