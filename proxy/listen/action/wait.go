package action

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
)

const (
	// defaultMaxtime is how long X-Until-Event waits (astmanproxy's documentation).
	defaultMaxtime = 30 * time.Second
	// maxEvents is about how many bytes of events one answer has; what comes behind is not waited for.
	maxEvents = 8 << 20
	// maxWaiting is how many requests of one user may wait for events at once, and maxUserEvents about how
	// many bytes of events all of them may have gathered; who gathers then waits no longer.
	maxWaiting    = 100
	maxUserEvents = 32 << 20
)

// askUntil has the action run and returns its answer with every event that the user may see, up to the
// one the request waits for, or what has come when its time is over. An error is not followed by anything.
func (h *Handler) askUntil(ctx context.Context, by proxy.Caller, q request) ([]formats.Item, error) {
	watch, done, err := h.watch(by.User)
	if err != nil {
		return nil, err
	}
	defer done()
	timed, cancel := context.WithTimeout(ctx, cmp.Or(q.maxtime, defaultMaxtime))
	defer cancel()
	if q.maxtime > 0 {
		ctx = timed // else the action may take its own time
	}
	items, err := h.answer(ctx, by, q)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 || items[0].Message.Response() == "Error" {
		return items, nil
	}
	for _, item := range items {
		if q.waitsFor(item.Message, item.Options.ActionID) {
			return items, nil
		}
	}
	waiting, stop := h.untilStopping(timed)
	defer stop()
	return h.eventsUntil(waiting, watch, items, q, by.User), nil
}

// eventsUntil appends events as they come.
func (h *Handler) eventsUntil(ctx context.Context, watch *proxy.Watch, items []formats.Item, q request, user *access.User) []formats.Item {
	size := 0
	defer func() { h.waiting.gather(user, -size) }()
	for enough := false; !enough && size < maxEvents && watch.Wait(ctx); {
		came := 0
		for _, item := range watch.ReadItems() {
			items = append(items, item)
			if q.waitsFor(item.Message, item.Message.ActionID()) {
				return items
			}
			came += len(item.Message.Raw())
		}
		size += came
		enough = h.waiting.gather(user, came)
	}
	return items
}

// waitsFor tells whether the request waits for an event. One of the ActionID of another action is
// another's.
func (q request) waitsFor(m ami.Message, actionID string) bool {
	return m.Event() != "" && strings.EqualFold(m.Event(), q.until) && (actionID == "" || actionID == q.id())
}

// waitEvent returns the events that come from now on: the first, and those there are with it, or none
// when the time is over.
func (h *Handler) waitEvent(ctx context.Context, user *access.User, q request) ([]formats.Item, error) {
	watch, done, err := h.watch(user)
	if err != nil {
		return nil, err
	}
	defer done()
	timeout, limited := proxy.WaitEventTimeout(q.action)
	if q.maxtime > 0 && (!limited || q.maxtime < timeout) {
		timeout, limited = q.maxtime, true
	}
	if limited {
		timed, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		ctx = timed
	}
	waiting, stop := h.untilStopping(ctx)
	defer stop()
	items := own(proxy.WaitEventAnswer(q.action))
	if watch.Wait(waiting) {
		items = append(items, watch.ReadItems()...)
	}
	return append(items, own(proxy.WaitEventComplete(q.action))...), nil
}

// untilStopping is ctx, ended when the proxy stops.
func (h *Handler) untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(h.proxy.Stopping(), cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// watch is a Watch of all that the user may see. done closes it.
func (h *Handler) watch(user *access.User) (watch *proxy.Watch, done func(), err error) {
	if !h.waiting.begin(user) {
		return nil, nil, refused(http.StatusTooManyRequests, "As many requests of this user wait for events as may: %d", maxWaiting)
	}
	watch = h.proxy.NewWatch(user, ami.ClassAll, filters.Set{})
	return watch, func() {
		watch.Close()
		h.waiting.end(user)
	}, nil
}

// waiting are the requests of each user that wait for events.
type waiting struct {
	mu   sync.Mutex
	user map[string]gathering // by his name
}

type gathering struct {
	requests int
	bytes    int // of events, of all of them
}

// begin counts one more, unless there are as many as may be.
func (w *waiting) begin(user *access.User) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.user[user.Name()]
	if g.requests >= maxWaiting {
		return false
	}
	if w.user == nil {
		w.user = map[string]gathering{}
	}
	g.requests++
	w.user[user.Name()] = g
	return true
}

func (w *waiting) end(user *access.User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.user[user.Name()]
	if g.requests--; g.requests == 0 {
		delete(w.user, user.Name())
		return
	}
	w.user[user.Name()] = g
}

// gather counts events that one of a user's requests has got, and tells whether it is enough for all of
// them. The user has one.
func (w *waiting) gather(user *access.User, bytes int) (enough bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.user[user.Name()]
	g.bytes += bytes
	w.user[user.Name()] = g
	return g.bytes >= maxUserEvents
}
