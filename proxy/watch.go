package proxy

import (
	"context"
	"strings"
	"sync"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Watch is the events of somebody who has no connection to be written to, and asks for them: an
// HTTP session. Events that it leaves unread for too long are replaced by a ProxyGap. A reload changes
// which events come as it does for clients. One goroutine at a time may use it, but for what a reload
// does to it.
type Watch struct {
	proxy  *Proxy
	forget func() // what it is told of reloads by

	mu      sync.Mutex
	user    *access.User
	mask    ami.Class
	filters filters.Set
	reader  *feed.Reader
	changed chan struct{} // closed when other events come
	over    bool          // the user is nobody any more
	closed  bool

	searching search // what its filters count as
}

// NewWatch begins behind the events so far; one of a moment ago may still come. Close it.
func (p *Proxy) NewWatch(user *access.User, mask ami.Class, set filters.Set) *Watch {
	w := &Watch{proxy: p, user: user, mask: mask, filters: set, changed: make(chan struct{})}
	w.reader = p.feed.NewReader(w.selection())
	w.forget = p.OnReload(w.renew)
	w.renew(p.Users()) // if there was a reload since he was looked for
	return w
}

func (w *Watch) selection() *feed.Selection {
	if w.over {
		return nil
	}
	return w.proxy.selection(w.user, w.mask, w.filters, StandardEncoding)
}

// Select changes which events come from here on. The error is what its filters are refused with.
func (w *Watch) Select(mask ami.Class, set filters.Set) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.mayAdd(set); err != nil {
		return err
	}
	w.mask, w.filters = mask, set
	w.selectLocked()
	return nil
}

func (w *Watch) selectLocked() {
	w.reader.Select(w.selection())
	close(w.changed)
	w.changed = make(chan struct{})
}

// Mask is the classes asked for, Filters what narrows them.
func (w *Watch) Mask() ami.Class { return w.mask }

// Filters is told at Mask.
func (w *Watch) Filters() filters.Set { return w.filters }

// Wait waits until there are events, or ctx ends, and tells which. It does not wait for a user who is
// nobody any more.
func (w *Watch) Wait(ctx context.Context) bool {
	for {
		ready, changed, cancel := w.Next()
		if changed == nil {
			return false
		}
		select {
		case <-ready:
			cancel()
			return true
		case <-changed:
			cancel()
		case <-ctx.Done():
			cancel()
			select {
			case <-ready:
				return true
			default:
				return false
			}
		}
	}
}

// Next is for who waits for other things too: ready is when there are events, of the present selection;
// what comes out of it means nothing. changed is closed when another selection has taken its place, and
// nil when none ever will have events: the user is nobody any more. cancel ends the wait, and either may
// be used by a goroutine of its own.
func (w *Watch) Next() (ready <-chan uint64, changed <-chan struct{}, cancel func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ready, cancel = w.reader.Next()
	if w.over {
		return ready, nil, cancel
	}
	return ready, w.changed, cancel
}

// maxRead is about how many bytes of events Read returns; what is left comes next time.
const maxRead = 1 << 20

// Read returns the events that came since the last Read, each with its Server header.
func (w *Watch) Read() (events []ami.Message) {
	w.mu.Lock()
	text := string(w.reader.Read(nil, maxRead))
	w.mu.Unlock()
	r := ami.NewReplyReader(strings.NewReader(text), ami.ReplyLimits)
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
func (w *Watch) Close() {
	w.forget()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.reader.Close()
	w.proxy.limits.replaceSearch(w.searching, search{})
}
