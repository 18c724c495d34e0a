package sim

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// session is one connection to the manager interface. It runs one action at a time; events wait
// until the action is answered.
type session struct {
	// Set at construction.
	server *Server
	conn   net.Conn
	id     string
	began  time.Time
	input  chan input    // from the reader; unbuffered, so that what nobody handles stays in the socket
	wake   chan struct{} // there is something in pending
	done   chan struct{} // closed by close
	once   sync.Once
	cut    atomic.Int64 // bytes that may still be written, below zero: any number
	mask   atomic.Uint32

	user *User // written under server.mu by run's goroutine, read by it and under server.mu

	// Owned by run's goroutine.
	challenge  string
	filters    eventFilters
	early      *input // came while WaitEvent was waiting
	inputEnded bool

	mu      sync.Mutex
	pending []event
	behind  int // bytes in pending
}

// event is a broadcast on its way.
type event struct {
	message ami.Message
	class   ami.Class
	blanks  int // empty lines after the one that ends the block; some of Asterisk's own have one
}

// maxBehind is how many bytes of events may wait for a session.
const maxBehind = 16 << 20

func newSession(s *Server, conn net.Conn) *session {
	c := &session{
		server: s,
		conn:   conn,
		id:     fmt.Sprintf("0x7fd4640%05x", s.sessionCount.Add(1)*0x950),
		began:  time.Now(),
		input:  make(chan input),
		wake:   make(chan struct{}, 1),
		done:   make(chan struct{}),
	}
	c.cut.Store(-1)
	return c
}

// run serves the connection until it ends or ctx does.
func (c *session) run(ctx context.Context) {
	var reader sync.WaitGroup
	defer reader.Wait()
	defer c.close()
	unhook := context.AfterFunc(ctx, c.close)
	defer unhook()

	c.write([]byte("Asterisk Call Manager/" + c.server.config.Version + "\r\n"))
	_ = c.conn.SetReadDeadline(c.began.Add(c.server.config.LoginTimeout))
	reader.Go(c.read)
	for !c.inputEnded {
		if in := c.early; in != nil {
			c.early = nil
			if !c.serve(*in) {
				return
			}
			continue
		}
		select {
		case in, more := <-c.input:
			// The end of the input is seen only behind the actions before it.
			if !more || !c.serve(in) {
				return
			}
		case <-c.wake:
			if !c.sendEvents() {
				return
			}
		case <-c.done:
			return
		}
	}
}

// serve runs what came in, behind the events that came before it, as Asterisk looks for events before each line it
// reads (do_message in manager.c), and sends those that it made or that came meanwhile; false: the session is over.
func (c *session) serve(in input) bool {
	if !c.open() || !c.sendEvents() || !c.handle(in) {
		return false
	}
	return in.message.Get("SuppressEvents") != "" || c.sendEvents()
}

// open waits while the server is stalled; false: the session is over.
func (c *session) open() bool {
	select {
	case <-c.server.faults.running():
	case <-c.done:
	}
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// wait holds the session, as an action does that takes its time, until the session is over.
func (c *session) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.done:
	}
}

// close ends the session, by whoever and however often.
func (c *session) close() {
	c.once.Do(func() {
		close(c.done)
		_ = c.conn.Close()
	})
}

// queue appends an event to what the session is to be sent, if it is to be.
func (c *session) queue(e event) {
	if !c.wants(e) {
		return
	}
	c.mu.Lock()
	c.pending = append(c.pending, e)
	c.behind += len(e.message.Raw())
	lost := c.behind > maxBehind
	c.mu.Unlock()
	if lost {
		c.close()
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// wants tells whether mask and rights hold all classes of e.
func (c *session) wants(e event) bool {
	mask := ami.Class(c.mask.Load())
	return mask != 0 && mask&e.class == e.class
}

// take empties the queue, when no event is on its way that has reached other sessions and not this one: Asterisk has
// one queue for all (append_event in manager.c), so that who has seen an event finds it gone out to everybody he asks by.
func (c *session) take() []event {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	events := c.pending
	c.pending, c.behind = nil, 0
	return events
}

// writeChunk is about how much goes out in one write when events have piled up.
const writeChunk = 32 << 10

// sendEvents writes what is queued. Mask and filters are those of now, as in Asterisk.
func (c *session) sendEvents() bool {
	var out []byte
	for _, e := range c.take() {
		if !c.wants(e) || !c.filters.pass(e.message) {
			continue
		}
		out = appendBlock(out, e)
		if len(out) >= writeChunk {
			if !c.write(out) {
				return false
			}
			out = out[:0]
		}
	}
	return len(out) == 0 || c.write(out)
}

func appendBlock(out []byte, e event) []byte {
	out = append(out, e.message.Raw()...)
	for range e.blanks + 1 {
		out = append(out, "\r\n"...)
	}
	return out
}

// write sends bytes, subject to the faults that are switched on; false: the session is over.
func (c *session) write(p []byte) bool {
	if !c.open() {
		return false
	}
	if left := c.cut.Load(); left >= 0 {
		if int64(len(p)) >= left {
			_, _ = c.conn.Write(p[:left])
			c.close()
			return false
		}
		c.cut.Add(-int64(len(p)))
	}
	if t := c.server.config.WriteTimeout; t > 0 {
		_ = c.conn.SetWriteDeadline(time.Now().Add(t))
	}
	if _, err := c.conn.Write(p); err != nil {
		c.close()
		return false
	}
	return true
}
