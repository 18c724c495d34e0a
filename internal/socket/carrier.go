package socket

import (
	"errors"
	"net"
	"sync"
)

// Carrier is a connection that TLS is spoken over, so that its records can be written without waiting: put it
// between a listener's connection and tls.Server. It is that connection until NewWriter is given the
// tls.Conn; from then on what TLS writes is taken at once, and what the socket does not take is held until
// the Writer goes on.
type Carrier struct {
	net.Conn

	raw *Writer // of Conn; nil: it cannot be written without waiting

	// guarded by mu, under which nothing waits
	mu      sync.Mutex
	holding bool   // NewWriter was called
	batch   bool   // the Writer has TLS make several records, and flushes itself
	held    []byte // records, or the rest of them, that are not written
	busy    bool   // somebody writes what was held before: nothing may be written but behind it
	err     error  // of the socket
}

// NewCarrier makes a Carrier of conn, which is written by raw, where that is not nil: a Writer of conn, or of
// what conn writes to.
func NewCarrier(conn net.Conn, raw *Writer) *Carrier { return &Carrier{Conn: conn, raw: raw} }

// Write implements io.Writer. TLS calls it with whole records: those of a Writer, and by itself to answer a
// handshake, a KeyUpdate, or at the end.
func (c *Carrier) Write(p []byte) (int, error) {
	c.mu.Lock()
	if !c.holding {
		c.mu.Unlock()
		return c.Conn.Write(p)
	}
	defer c.mu.Unlock()
	if c.err == nil && !c.batch && len(c.held)+len(p) > maxCarried {
		c.err = errUnread
	}
	if c.err != nil {
		return 0, c.err
	}
	if c.held == nil {
		c.held = *(buffers.Get().(*[]byte))
	}
	c.held = append(c.held, p...)
	if c.batch || c.busy {
		return len(p), nil
	}
	if err := c.tryFlushLocked(); err != nil { // what TLS says by itself waits for nobody
		return 0, err
	}
	return len(p), nil
}

// Close implements io.Closer. What TLS says at its end is written if that needs no waiting.
func (c *Carrier) Close() error {
	c.mu.Lock()
	if c.err == nil && !c.busy {
		_ = c.tryFlushLocked() // nobody is there for what does not go
	}
	c.mu.Unlock()
	return c.Conn.Close()
}

// hold has Write take everything from now on.
func (c *Carrier) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = true
}

// setBatch says whether the Writer writes.
func (c *Carrier) setBatch(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batch = on
}

// tryFlush writes what is held as far as the socket takes it at once, and tells whether nothing is left.
func (c *Carrier) tryFlush() (empty bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.busy {
		return false, c.err
	}
	err = c.tryFlushLocked()
	return len(c.held) == 0, err
}

func (c *Carrier) tryFlushLocked() error {
	if len(c.held) == 0 {
		return nil
	}
	n, err := c.raw.TryWrite(c.held)
	c.written(n, err)
	return err
}

// flush writes some of what is held, waiting for the socket, within Conn's write deadline.
func (c *Carrier) flush() (n int, err error) {
	c.mu.Lock()
	if c.err != nil || len(c.held) == 0 {
		defer c.mu.Unlock()
		return 0, c.err
	}
	c.busy = true
	held := c.held // what is appended meanwhile stands behind it, there or in a copy of it
	c.mu.Unlock()
	n, err = c.Conn.Write(held)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	c.written(n, nil) // a deadline that has passed spoils nothing
	return n, err
}

// written takes away what is written. With mu held.
func (c *Carrier) written(n int, err error) {
	if err != nil {
		c.err = err
	}
	if n < len(c.held) {
		c.held = append(c.held[:0], c.held[n:]...)
		return
	}
	if cap(c.held) <= keptBuffer && c.held != nil {
		kept := c.held[:0]
		buffers.Put(&kept)
	}
	c.held = nil
}

// maxCarried bounds what is held. A Writer gives nothing more while something is; but TLS answers each KeyUpdate of the other
// end by itself, and who sends those without reading the answers would have them held without end.
const maxCarried = 4 * maxHeld

var errUnread = errors.New("the other end does not read what it has asked TLS for")

// keptBuffer is what a Writer's turn becomes as records, with room for those of TLS itself.
const keptBuffer = maxHeld + 4<<10

// buffers are for what is held, while it is.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, keptBuffer)
	return &buffer
}}
