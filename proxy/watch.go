package proxy

import (
	"context"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Watch is the events of somebody who has no connection to be written to, and asks for them: an
// HTTP session. Events that it leaves unread for too long are replaced by a ProxyGap. One goroutine
// at a time may use it.
type Watch struct {
	proxy   *Proxy
	user    *access.User
	mask    ami.Class
	filters filters.Set
	reader  *feed.Reader
}

// NewWatch begins behind all events so far. Close it.
func (p *Proxy) NewWatch(user *access.User, mask ami.Class, set filters.Set) *Watch {
	w := &Watch{proxy: p, user: user, mask: mask, filters: set}
	w.reader = p.feed.NewReader(w.selection())
	return w
}

func (w *Watch) selection() *feed.Selection {
	return w.proxy.selection(w.user, w.mask, w.filters, StandardEncoding)
}

// Select changes which events come from here on.
func (w *Watch) Select(mask ami.Class, set filters.Set) {
	w.mask, w.filters = mask, set
	w.reader.Select(w.selection())
}

// Mask is the classes asked for, Filters what narrows them.
func (w *Watch) Mask() ami.Class { return w.mask }

// Filters is told at Mask.
func (w *Watch) Filters() filters.Set { return w.filters }

// Wait waits until there are events, or ctx ends, and tells which.
func (w *Watch) Wait(ctx context.Context) bool { return w.reader.Wait(ctx) }

// Next is for who waits for other things too: ready is when there are events, of the present Select;
// what comes out of it means nothing. cancel ends the wait, and either may be used by a goroutine of
// its own.
func (w *Watch) Next() (ready <-chan uint64, cancel func()) { return w.reader.Next() }

// maxRead is about how many bytes of events Read returns; what is left comes next time.
const maxRead = 1 << 20

// Read returns the events that came since the last Read, each with its Server header.
func (w *Watch) Read() (events []ami.Message) {
	r := ami.NewReplyReader(strings.NewReader(string(w.reader.Read(nil, maxRead))), ami.ReplyLimits)
	for {
		m, err := r.Read()
		if err != nil { // io.EOF: it was written by us
			return events
		}
		events = append(events, m)
	}
}

// ReadItems is Read for who writes the events in a format: the server is in the options, not in a
// header.
func (w *Watch) ReadItems() (items []formats.Item) {
	for _, m := range w.Read() {
		var o formats.Options
		// The server stands last where there is one. What the proxy itself has to say has none, and
		// never ends in a header of that name.
		last := m.Len() - 1
		if name, value := m.Header(last); name == "Server" || name == "ProxyServer" {
			m, o.Server = m.Replacing(last, ""), value
		}
		items = append(items, formats.Item{Message: m, Options: o})
	}
	return items
}

// Close ends it.
func (w *Watch) Close() { w.reader.Close() }
