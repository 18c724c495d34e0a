package access

import (
	"net/netip"
	"sync"
)

// Turns has the logins of one address that take long come one behind the other, so that one address with
// any number of them keeps another waiting for one. The zero Turns is ready; it holds as many entries as
// addresses have a login under way. Any goroutine.
type Turns struct {
	mu     sync.Mutex
	queues map[netip.Prefix]*turnQueue
}

// turnQueue is one address's.
type turnQueue struct {
	turn  chan struct{} // holds one while a login has its turn
	count int           // of those that wait or have it; guarded by Turns.mu
}

// Take waits for an address's turn, which lasts until done is called. Addresses are told apart as a
// Lockout does.
func (t *Turns) Take(address netip.Addr) (done func()) {
	network := NetworkOf(address)
	t.mu.Lock()
	q := t.queues[network]
	if q == nil {
		if t.queues == nil {
			t.queues = map[netip.Prefix]*turnQueue{}
		}
		q = &turnQueue{turn: make(chan struct{}, 1)}
		t.queues[network] = q
	}
	q.count++
	t.mu.Unlock()
	q.turn <- struct{}{}
	return func() {
		<-q.turn
		t.mu.Lock()
		defer t.mu.Unlock()
		if q.count--; q.count == 0 {
			delete(t.queues, network)
		}
	}
}
