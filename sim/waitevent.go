package sim

import (
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"WaitEvent": (*session).waitEvent,
	})
}

// waitEvent holds the session until there is an event or any input, for Timeout seconds at most (below zero: for
// ever), and sends what events there are as a part of its answer.
func (c *session) waitEvent(m ami.Message) bool {
	var timeout <-chan time.Time
	if seconds, ok := leadingInt(m.Get("Timeout")); ok && seconds >= 0 {
		t := time.NewTimer(time.Duration(seconds) * time.Second)
		defer t.Stop()
		timeout = t.C
	}
	if !c.hasEvents() {
		select {
		case <-c.wake:
		case in, more := <-c.input:
			c.early = &in
			c.inputEnded = !more
		case <-timeout:
		case <-c.done:
			return false
		}
	}
	return c.ack(m, "Waiting for Event completed.") && c.sendEvents() && c.send(item(m, "WaitEventComplete"))
}

// hasEvents tells whether something is queued.
func (c *session) hasEvents() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.pending) > 0
}
