package groupcall

import (
	"sync"
	"time"

	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// input is something that a call is told.
type input func(c *legs.Call, now time.Time) []legs.Effect

// inbox is what a call was told and has not taken up yet. Any goroutine may put something in; it never waits. It is bounded by
// what it is used for: events that are about the call's legs, and few for each.
type inbox struct {
	ready chan struct{} // there is something to take

	mu     sync.Mutex
	inputs []input
	closed bool
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

// put adds something; false: nobody will take it.
func (b *inbox) put(in input) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.inputs = append(b.inputs, in)
	select {
	case b.ready <- struct{}{}:
	default:
	}
	return true
}

func (b *inbox) take() []input {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.inputs
	b.inputs = nil
	return all
}

// close is for when nothing is taken any more. It returns what was not.
func (b *inbox) close() []input {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return b.inputs
}
