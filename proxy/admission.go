package proxy

import (
	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Admission says how a client begins whom its door has authenticated.
type Admission struct {
	User    *access.User
	Mask    ami.Class   // the classes of events it wants, of those it may see
	Filters filters.Set // narrow them further
	Since   EventID     // the last event it had, if it comes back: what it missed is sent first
}

// Admit lets a client in that needs no Login. What it missed is sent as its rights of now let it; if
// not all of that is kept any more, a ProxyGap says so. It returns when the client has caught up or
// has gone. The door calls it once, on the goroutine that reads.
func (c *Client) Admit(a Admission) {
	c.admit(a.User, a.Mask, a.Filters)
	if !c.connect(a.User) {
		c.Dismiss(tooManyConnections(a.User))
		return
	}
	e := c.encoding.Load()
	switch {
	case a.Since == EventID{}:
		c.selectEvents(e, func(dst []byte) []byte { return dst })
		c.sendFullyBooted()
	case a.Since.epoch != c.proxy.epoch:
		gap := feed.GapEvent(0, feed.GapForgotten)
		c.selectEvents(e, func(dst []byte) []byte { return e.append(dst, gap, formats.Options{}, "") })
	default:
		c.resume(e, a.Since.sequence)
	}
}

// resume sends what the client missed. While it does, which can take as long as the client reads, the
// rights are those it began with; then they are those of now.
func (c *Client) resume(e *Encoding, since uint64) {
	began := c.user.Load()
	c.stream.Resume(c.proxy.selection(began.Read(), c.mask, c.filters, *e), since, nil)
	c.selecting.Lock()
	c.selected = true
	now := c.selection(*e)
	if !c.proxy.selection(began.Read(), c.mask, c.filters, *e).Equal(now) {
		c.stream.SetSelection(now, func(dst []byte) []byte { return dst })
	}
	c.selecting.Unlock()
}
