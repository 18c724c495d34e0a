package proxy

import (
	"context"
	"strconv"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// eventWait is a WaitEvent that has not ended: until the next event, its time, any input,
// or the proxy's end.
type eventWait struct {
	input chan struct{} // closed when the client sends something
	ended chan struct{} // closed when the answer is written
}

func (c *Client) waitEvent(_ context.Context, m ami.Message) bool {
	w := &eventWait{input: make(chan struct{}), ended: make(chan struct{})}
	hold := c.stream.Hold()
	go c.endWaitEvent(w, hold, m)
	c.waiting = w
	return true
}

// endWait ends a WaitEvent, since input has come.
func (c *Client) endWait() {
	if w := c.waiting; w != nil {
		close(w.input)
		<-w.ended
		c.waiting = nil
	}
}

// endWaitEvent waits and answers: the response, what has come, and WaitEventComplete (manager.c,
// action_waitevent_tcp).
func (c *Client) endWaitEvent(w *eventWait, hold *feed.Hold, m ami.Message) {
	defer close(w.ended)
	var timeout <-chan time.Time
	if seconds := waitEventTimeout(m.Get("Timeout")); seconds >= 0 {
		timer := time.NewTimer(time.Duration(seconds) * time.Second)
		defer timer.Stop()
		timeout = timer.C
	}
	sequence := uint64(0)
	select {
	case sequence = <-hold.Event:
	case <-timeout:
	case <-w.input:
	case <-c.stream.Done():
	case <-c.proxy.stopping:
	}
	id := m.ActionID()
	hold.Release(sequence,
		encode(ami.NewResponse("Success", id).Add("Message", "Waiting for Event completed.").Message(), ""),
		encode(ami.NewEvent("WaitEventComplete").AddNonEmpty("ActionID", id).Message(), ""))
}

// waitEventTimeout is the wait in seconds, below zero without end.
func waitEventTimeout(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return min(n, 1<<30)
}
