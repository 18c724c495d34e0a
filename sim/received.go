package sim

import (
	"context"
	"slices"
	"sync"

	"github.com/astproxy/astproxy/ami"
)

// received are the latest actions that came in, for tests.
type received struct {
	mu       sync.Mutex
	messages []ami.Message
	dropped  int           // how many older ones are gone
	arrived  chan struct{} // closed at the next arrival
}

// maxReceived is how many actions are kept at least.
const maxReceived = 10_000

func (r *received) add(m ami.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.messages) == 2*maxReceived {
		r.messages = slices.Clone(r.messages[maxReceived:])
		r.dropped += maxReceived
	}
	r.messages = append(r.messages, m)
	close(r.arrived)
	r.arrived = make(chan struct{})
}

// since returns what arrived from number on, the next number, and what is closed at the next arrival.
func (r *received) since(number int) ([]ami.Message, int, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := max(number-r.dropped, 0)
	return slices.Clone(r.messages[from:]), r.dropped + len(r.messages), r.arrived
}

// Received are the actions that came in, in order: the latest 10,000 at least. Each is recorded before it is
// run, refused ones too.
func (s *Server) Received() []ami.Message {
	messages, _, _ := s.received.since(0)
	return messages
}

// Await returns the first action that came in, from the beginning on, for which match is true; it waits
// until there is one.
func (s *Server) Await(ctx context.Context, match func(ami.Message) bool) (ami.Message, error) {
	for next := 0; ; {
		messages, following, arrived := s.received.since(next)
		if i := slices.IndexFunc(messages, match); i >= 0 {
			return messages[i], nil
		}
		next = following
		select {
		case <-arrived:
		case <-ctx.Done():
			return ami.Message{}, context.Cause(ctx)
		}
	}
}
