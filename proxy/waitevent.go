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
	for c.waitForLists() {
		hold, begun := c.stream.PrepareHold(), false
		if !c.unlessListing(func() { begun = hold.Begin() }) {
			hold.Drop()
		}
		if begun {
			go c.endWaitEvent(w, hold, m)
			c.waiting = w
			break
		}
	}
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
	if wait, bounded := WaitEventTimeout(m); bounded {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		timeout = timer.C
	}
	sequence := uint64(0)
	select {
	case sequence = <-hold.Event:
	case <-timeout:
	case <-w.input:
	case <-c.stream.Done():
	case <-c.proxy.stopping.Done():
	}
	hold.Release(sequence,
		c.own(WaitEventAnswer(m)),
		c.own(WaitEventComplete(m)))
}

// WaitEventAnswer is the response to a WaitEvent, WaitEventComplete the event behind what it waited
// for (manager.c, action_waitevent).
func WaitEventAnswer(m ami.Message) ami.Message {
	return ami.NewResponse("Success", m.ActionID()).Add("Message", "Waiting for Event completed.").Message()
}

// WaitEventComplete is told at WaitEventAnswer.
func WaitEventComplete(m ami.Message) ami.Message {
	return ami.NewEvent("WaitEventComplete").AddNonEmpty("ActionID", m.ActionID()).Message()
}

// WaitEventTimeout is how long a WaitEvent waits; false: without end.
func WaitEventTimeout(m ami.Message) (wait time.Duration, bounded bool) {
	n, err := strconv.Atoi(m.Get("Timeout"))
	if err != nil || n < 0 {
		return 0, false
	}
	return time.Duration(min(n, 1<<30)) * time.Second, true
}
