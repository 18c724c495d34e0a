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
//
// Whose encoding has the Sequence is told first from where in the log it is served, by a ProxyPosition.
func (c *Client) Admit(a Admission) {
	c.admit(a.User, a.Mask, a.Filters)
	if !c.connect(a.User) {
		c.Dismiss(tooManyConnections(a.User))
		return
	}
	if !c.mayAdd(a.User, a.Mask, a.Filters) {
		c.Dismiss(ErrSearches)
		return
	}
	e := c.encoding.Load()
	now := c.proxy.Position() // before the selection begins: no event is between the two
	switch {
	case a.Since == EventID{}:
		c.selectEvents(e, func(dst []byte) []byte { return append(dst, e.position(now)...) })
		c.sendFullyBooted()
	case a.Since.epoch != c.proxy.epoch:
		gap := feed.GapEvent(0, feed.GapForgotten)
		c.selectEvents(e, func(dst []byte) []byte {
			return append(e.append(dst, gap, formats.Options{}, ""), e.position(now)...)
		})
	default:
		// Nobody has seen what is to come.
		c.resume(e, EventID{now.epoch, min(a.Since.sequence, now.sequence)})
	}
}

// resume sends what the client missed. While it does, which can take as long as the client reads, the
// rights are those it began with; then they are those of now.
func (c *Client) resume(e *Encoding, since EventID) {
	began := c.proxy.selection(c.user.Load(), c.mask, c.filters, *e)
	c.stream.Resume(began, since.sequence, e.position(since))
	c.selecting.Lock()
	defer c.selecting.Unlock()
	c.selected = true
	if now := c.selection(*e); !began.Equal(now) {
		c.stream.SetSelection(now, func(dst []byte) []byte { return dst })
	}
}

// SendPosition tells a client whose encoding has the Sequence how far it is: all its events up to there
// have been sent when it reads this. It must not be called before Admit has returned. Any goroutine.
func (c *Client) SendPosition() {
	if position := c.encoding.Load().position(c.proxy.Position()); position != nil {
		c.Write(position)
	}
}

// Position is the place of the latest event in the log. Any goroutine.
func (p *Proxy) Position() EventID { return EventID{p.epoch, p.feed.Sequence()} }
