package load

import (
	"errors"
	"sync"
	"time"
)

// A slow client reads this much at each interval.
const (
	trickleBytes    = 1 << 10
	trickleInterval = 100 * time.Millisecond
)

// A trickle reads for all slow clients on one goroutine, which owns them until stop.
type trickle struct {
	clients []*client
	quit    chan struct{}
	wait    sync.WaitGroup
}

func newTrickle(clients []*client) *trickle {
	t := &trickle{clients: clients, quit: make(chan struct{})}
	if len(clients) > 0 {
		t.wait.Go(t.run)
	}
	return t
}

// stop ends the goroutine and waits for it; the clients are the caller's again.
func (t *trickle) stop() {
	close(t.quit)
	t.wait.Wait()
}

func (t *trickle) run() {
	ticker := time.NewTicker(trickleInterval)
	defer ticker.Stop()
	buffer := make([]byte, maxCarry+trickleBytes)
	for {
		select {
		case <-t.quit:
			return
		case <-ticker.C:
		}
		for _, c := range t.clients {
			if c.ended {
				continue
			}
			if _, err := c.receive(buffer[:len(c.carry)+trickleBytes]); err != nil && !errors.Is(err, errNothing) {
				c.ended = true
			}
		}
	}
}
