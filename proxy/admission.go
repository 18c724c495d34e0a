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
	selection := c.proxy.selection(a.User, c.mask, c.filters, *c.encoding.Load())
	switch {
	case a.Since == EventID{}:
		c.stream.SetSelection(selection, func(dst []byte) []byte { return dst })
		c.sendFullyBooted()
	case a.Since.epoch != c.proxy.epoch:
		gap := feed.GapEvent(0, feed.GapForgotten)
		c.stream.SetSelection(selection, func(dst []byte) []byte {
			return c.encoding.Load().append(dst, gap, formats.Options{}, "")
		})
	default:
		c.stream.Resume(selection, a.Since.sequence, nil)
	}
}
