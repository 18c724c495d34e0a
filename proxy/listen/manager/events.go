package manager

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
)

// maxUnread is about how many bytes of events are kept that were unread when the session changed which
// events it wants. (What is unread otherwise is kept by the feed, within its bounds.)
const maxUnread = 1 << 20

// events are those a session has not read yet. Any goroutine may use them.
type events struct {
	over chan struct{} // closed when the session has ended

	mu      sync.Mutex
	user    *access.User
	watch   *proxy.Watch  // nil before the login and when all is over
	unread  []ami.Message // that came before the last change of what the session wants, and pass it
	waiter  chan struct{} // of the WaitEvent that waits, closed when another takes its place; nil: none waits
	changed chan struct{} // closed when what the session wants has changed
}

func (e *events) init() {
	e.over, e.changed = make(chan struct{}), make(chan struct{})
}

// begin has a user's events come.
func (e *events) begin(user *access.User, watch *proxy.Watch) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.user, e.watch = user, watch
}

// end is called once. Who waits reads what there is, and then all is let go.
func (e *events) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.over)
	if e.waiter == nil {
		e.letGo()
	}
}

func (e *events) letGo() {
	if e.watch != nil {
		e.watch.Close()
	}
	e.watch, e.unread = nil, nil
}

// setMask makes the session one that wants events of these classes, and those only (manager.c,
// set_eventmask).
func (e *events) setMask(mask ami.Class) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watch != nil {
		_ = e.selectLocked(mask, e.watch.Filters()) // which it has already
	}
}

// addFilter adds what the action Filter says, and returns its answer.
func (e *events) addFilter(m ami.Message) ami.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watch == nil {
		return ami.NewError(m.ActionID(), permissionDenied)
	}
	set, answer := proxy.AddFilter(e.watch.Filters(), m)
	if answer.Response() != "Error" {
		if err := e.selectLocked(e.watch.Mask(), set); err != nil {
			return ami.NewError(m.ActionID(), err.Error())
		}
	}
	return answer
}

// selectLocked changes which events come, and, since Asterisk looks at mask and filters when events are
// read, which are left of those that have come. A mask of nothing leaves those that the user may see: the next
// WaitEvent makes one of everything of it. The error is what filters are refused with.
func (e *events) selectLocked(mask ami.Class, set filters.Set) error {
	if err := e.watch.Select(mask, set); err != nil {
		return err
	}
	seen := e.user.Read()
	if mask != 0 {
		seen &= mask
	}
	e.keep(func(m ami.Message) bool {
		class, classed := m.Privilege()
		return !classed || class&^seen == 0 && set.Passes(m) && e.user.Filters().Passes(m) && e.user.SeesEventsNamed(m.Event())
	})
	close(e.changed)
	e.changed = make(chan struct{})
	return nil
}

// keep reads what is unread and keeps of it what passes; if that is more than maxUnread, a ProxyGap
// instead that says how much it was.
func (e *events) keep(passes func(ami.Message) bool) {
	var unread []ami.Message
	bytes, missed := 0, uint64(0)
	for _, m := range slices.Concat(e.unread, e.watch.Read()) {
		if !passes(m) {
			continue
		}
		unread = append(unread, m)
		bytes += len(m.Raw())
		missed += eventsOf(m)
	}
	if bytes > maxUnread {
		unread = []ami.Message{feed.GapEvent(missed, feed.GapTooSlow)}
	}
	e.unread = unread
}

// eventsOf is how many events a message stands for: one, unless it says how many are missing.
func eventsOf(m ami.Message) uint64 {
	if m.Event() != "ProxyGap" {
		return 1
	}
	missed, _ := strconv.ParseUint(m.Get("Missed"), 10, 64) // what was never counted is not told
	return missed
}

// wait waits until there are events, for as long as timeout, and returns them. ok is false if another
// wait has begun meanwhile, which gets them instead, or if ctx has ended. A session that wanted no
// events wants all from now on (manager.c, action_waitevent_http).
func (e *events) wait(ctx context.Context, timeout time.Duration) (came []ami.Message, ok bool) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	mine := e.beginWait()
	for e.pause(ctx, mine, timer.C) {
		continue
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiter != mine {
		return nil, false
	}
	e.waiter = nil
	if ok = ctx.Err() == nil; ok && e.watch != nil {
		came, e.unread = slices.Concat(e.unread, e.watch.Read()), nil
	}
	select {
	case <-e.over:
		e.letGo()
	default:
	}
	return came, ok
}

// beginWait takes the place of who waits.
func (e *events) beginWait() (mine chan struct{}) {
	mine = make(chan struct{})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiter != nil {
		close(e.waiter)
	}
	e.waiter = mine
	if e.watch != nil && e.watch.Mask()&e.user.Read() == 0 {
		_ = e.watch.Select(ami.ClassAll, e.watch.Filters()) // which it has already
	}
	return mine
}

// pause waits for anything that could end a wait; again says that it was not one of those.
func (e *events) pause(ctx context.Context, mine <-chan struct{}, timeout <-chan time.Time) (again bool) {
	e.mu.Lock()
	if e.watch == nil || len(e.unread) > 0 {
		e.mu.Unlock()
		return false
	}
	ready, reloaded, cancel := e.watch.Next()
	changed := e.changed
	e.mu.Unlock()
	defer cancel()
	select {
	case <-changed:
		return true
	case <-reloaded:
		return true
	case <-ready:
	case <-timeout:
	case <-mine:
	case <-e.over:
	case <-ctx.Done():
	}
	return false
}
