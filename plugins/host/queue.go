package host

import (
	"sync"

	"github.com/astproxy/astproxy/plugins"
)

// queue is events on their way to somebody who may be slow. What finds no room is dropped, and Missed stands in
// its place.
type queue struct {
	most, mostBytes int
	ready           chan struct{} // there is something to take

	mu     sync.Mutex
	events []plugins.Event
	bytes  int
	missed bool // something was dropped behind events
	drops  uint64

	pushed, told uint64 // how many events ever came, and of those how many are done with
	waiting      []waiter
}

// waiter waits until what came before it is done with.
type waiter struct {
	pushed uint64
	done   chan struct{}
}

func newQueue(most, mostBytes int) *queue {
	return &queue{most: most, mostBytes: mostBytes, ready: make(chan struct{}, 1)}
}

// push adds events at the end. It never waits, and keeps none of the slice.
func (q *queue) push(events ...plugins.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range events {
		q.pushLocked(e)
	}
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) pushLocked(e plugins.Event) {
	q.pushed++
	if size := cost(e); e.Occasion == plugins.Missed || q.missed || len(q.events) >= q.most || q.bytes+size > q.mostBytes {
		if e.Occasion != plugins.Missed {
			q.drops++
		}
		q.missed = true
	} else {
		q.events, q.bytes = append(q.events, e), q.bytes+size
	}
}

// take empties the queue. Where somebody waits by all, done is called with upTo when everything it gave is done with. One
// goroutine takes.
func (q *queue) take() (events []plugins.Event, upTo uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	events = q.events
	if q.missed {
		events = append(events, plugins.Event{Occasion: plugins.Missed})
	}
	q.events, q.bytes, q.missed = nil, 0, false
	return events, q.pushed
}

// done tells those who wait.
func (q *queue) done(upTo uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.told = upTo
	for len(q.waiting) > 0 && q.waiting[0].pushed <= upTo {
		close(q.waiting[0].done)
		q.waiting = q.waiting[1:]
	}
}

// all is closed when everything is done with that has come so far.
func (q *queue) all() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := waiter{q.pushed, make(chan struct{})}
	if w.pushed == q.told {
		close(w.done)
	} else {
		q.waiting = append(q.waiting, w)
	}
	return w.done
}

// dropped is how many events ever found no room.
func (q *queue) dropped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.drops
}

// cost is about what an event takes while it waits.
func cost(e plugins.Event) int { return len(e.Message.Raw()) + 16*e.Message.Len() + 128 }
