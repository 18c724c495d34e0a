package soak_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
)

// read reads the connection to its end, but not while the client is frozen.
func (c *client) read() {
	defer close(c.ended)
	for {
		c.thaw()
		m, err := c.line.read()
		if err != nil {
			c.judgeEnd(err)
			return
		}
		c.mu.Lock()
		if err := c.take(m); err != nil {
			c.fail(err)
		}
		c.mu.Unlock()
		select {
		case c.tick <- struct{}{}:
		default:
		}
	}
}

func (c *client) thaw() {
	c.mu.Lock()
	until := c.frozen
	c.mu.Unlock()
	if left := time.Until(until); left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		<-timer.C
	}
}

// judgeEnd is the end of the connection, which has to be the client's own wish, or what its user wants for who does not read.
func (c *client) judgeEnd(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var closed *websocket.CloseError
	coded := errors.As(err, &closed)
	switch {
	case c.leaving:
		return
	case c.role.slow == "disconnect" && (!coded || closed.Code == 4000 || closed.Code == websocket.CloseAbnormalClosure):
		c.counts.cutOff++
		return
	}
	c.fail(fmt.Errorf("the connection has ended: %w", err))
}
