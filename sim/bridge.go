package sim

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// bridge joins channels. All of it is guarded by the pbx's mu.
type bridge struct {
	id, kind, technology, creator, name string
	announcer                           string // the far half of a conference's CBAnn channel, or ""
	channels                            []*channel
}

func (p *pbx) newBridge(kind, technology, creator, name string) *bridge {
	b := &bridge{id: uuid(), kind: kind, technology: technology, creator: creator, name: name}
	p.bridges = append(p.bridges, b)
	p.tellBridge("BridgeCreate", b, b.count())
	return b
}

func (p *pbx) destroyBridge(b *bridge) {
	p.bridges = slices.DeleteFunc(p.bridges, func(o *bridge) bool { return o == b })
	b.announcer = ""
	p.tellBridge("BridgeDestroy", b, b.count())
}

// uuid is a random one.
func uuid() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// count is how many channels are in the bridge, a conference's announcer among them.
func (b *bridge) count() int {
	n := len(b.channels)
	if b.announcer != "" {
		n++
	}
	return n
}

// describe adds the headers every event about a bridge has (stasis_bridges.c).
func (b *bridge) describe(to *ami.Builder, count int) *ami.Builder {
	return to.Add("BridgeUniqueid", b.id).
		Add("BridgeType", b.kind).
		Add("BridgeTechnology", b.technology).
		Add("BridgeCreator", b.creator).
		Add("BridgeName", b.name).
		Add("BridgeNumChannels", strconv.Itoa(count)).
		Add("BridgeVideoSourceMode", "none")
}

func (p *pbx) tellBridge(name string, b *bridge, count int) {
	p.send(b.describe(begin(name, "call"), count))
}

// peers are the channels of a bridge but one, separated by commas, as BRIDGEPEER has them.
func (b *bridge) peers(c *channel) string {
	var names []string
	if b.announcer != "" {
		names = append(names, b.announcer)
	}
	for _, o := range b.channels {
		if o != c {
			names = append(names, o.name)
		}
	}
	return strings.Join(names, ",")
}

// enter puts a channel into a bridge.
func (p *pbx) enter(b *bridge, c *channel) {
	b.channels = append(b.channels, c)
	c.bridge = b
	p.celBridge("BRIDGE_ENTER", b, c)
	p.send(c.describe(b.describe(begin("BridgeEnter", "call"), b.count()), ""))
}

// tellPeers sets BRIDGEPEER of all channels in a bridge.
func (p *pbx) tellPeers(b *bridge) {
	for _, c := range slices.Clone(b.channels) {
		if peers := b.peers(c); peers != c.variables.get("BRIDGEPEER") {
			p.setVariable(c, "BRIDGEPEER", peers)
		}
	}
}

// exit takes a channel out of its bridge.
func (p *pbx) exit(c *channel) {
	b := c.bridge
	p.setVariable(c, "BRIDGEPEER", "")
	peer := b.peers(c)
	b.channels = slices.DeleteFunc(b.channels, func(o *channel) bool { return o == c })
	p.send(c.describe(b.describe(begin("BridgeLeave", "call"), b.count()), ""))
	p.cel("BRIDGE_EXIT", c, peer, b.extra())
	c.bridge = nil
	if c.bridgedTo == "" && len(b.channels) > 0 {
		c.bridgedTo = b.channels[0].name
	}
}

func (p *pbx) celBridge(name string, b *bridge, c *channel) {
	p.cel(name, c, b.peers(c), b.extra())
}

// extra is what a record about a bridge says of it.
func (b *bridge) extra() string {
	return fmt.Sprintf(`{"bridge_id":%q,"bridge_technology":%q}`, b.id, b.technology)
}

func (c *channel) bridgeID() string {
	if c.bridge == nil {
		return ""
	}
	return c.bridge.id
}

// talk bridges a caller and who answered. When either hangs up or is redirected the bridge is gone and ended is
// called with who it was; the other one then is still up.
func (p *pbx) talk(caller, callee *channel, ended func(who *channel)) {
	b := p.newBridge("basic", "simple_bridge", "<unknown>", "<unknown>")
	p.enter(b, callee)
	p.enter(b, caller)
	p.tellPeers(b)
	for _, c := range []*channel{caller, callee} {
		c.leave = func() {
			caller.leave, callee.leave = nil, nil
			if c.gone && c == callee && !c.threaded {
				p.tell("HangupRequest", "call", c, "Cause", strconv.Itoa(c.cause))
			}
			p.exit(callee)
			p.exit(caller)
			p.destroyBridge(b)
			ended(c)
		}
	}
}
