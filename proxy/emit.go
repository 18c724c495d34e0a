package proxy

import (
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Observe has f told of everything in the log, in its order, and of how much was dropped behind that. f is called by
// the goroutine that everybody's events go through: it must not wait, nor keep the slice. Call it
// before Run, once.
func (p *Proxy) Observe(f func(events []feed.Event, dropped uint64)) { p.feed.Observe(f) }

// Emit puts an event of the proxy's own into the log, for who may see all of its classes, and if it names channels of
// the server, those. server is the one it is about, or "". Of the users of tenants those of the one that is named see
// it; "" is of none. Any goroutine.
func (p *Proxy) Emit(server string, class ami.Class, tenant string, m ami.Message) {
	var given feed.Tags
	if tag := p.Users().Tenants().NamedTag(tenant); tag != "" {
		given = feed.Tags{tag}
	}
	p.feed.AppendOwn(server, class, given, m)
}

// TellUser tells a user of an event that Emit does not show him, because its classes are not among those that he
// may see, on each of his connections that has asked for such events, but for those by a token that may do less than he.
// Any goroutine but a session's reader.
func (p *Proxy) TellUser(name, server string, class ami.Class, m ami.Message) {
	himself, is := p.Users().Named(name)
	if !is {
		return
	}
	for _, c := range p.snapshot() {
		user := c.user.Load()
		if user != nil && user.Name() == name && user.Write() == himself.Write() && !user.MaySee(class) && c.wants(class, m) {
			c.output.queue(user.Redaction().Apply(m), formats.Options{Server: server}, "")
			c.output.wake()
		}
	}
}

// wants tells whether the client has asked for an event, whatever he may see.
func (c *Client) wants(class ami.Class, m ami.Message) bool {
	c.selecting.Lock()
	defer c.selecting.Unlock()
	user := c.user.Load()
	return c.selected && class&^c.mask == 0 && user.SeesEventsNamed(m.Event()) &&
		user.Filters().Plus(c.filters).Passes(user.Redaction().Apply(m))
}
