package load

import "sync/atomic"

// A client is one connection and what is known of its events. One goroutine owns it: the reader
// that reads it, from that one's start until its stop.
type client struct {
	stream
	conn   source
	frozen bool // never read
	ended  bool // the connection is closed or broken
	opened bool // counted in the gate of the start marker
	done   bool // counted in the gate of the last event
}

// A source is where a client reads from: a rawConn or a secureConn.
type source interface {
	// read waits for bytes, but for a rawConn's, which returns errNothing when nothing is there.
	read(b []byte) (int, error)
	close()
}

// receive reads once into buffer, behind what the stream carries over, and checks it. It returns
// the bytes read; errNothing when there are none.
func (c *client) receive(buffer []byte) (int, error) {
	carried := copy(buffer, c.carry)
	n, err := c.conn.read(buffer[carried:])
	if err != nil {
		return 0, err
	}
	c.take(buffer[:carried+n], sinceEpoch())
	return n, nil
}

// A gate opens when as many clients as it was made for have arrived.
type gate struct {
	left atomic.Int64
	open chan struct{}
}

func newGate(n int) *gate {
	g := &gate{open: make(chan struct{})}
	g.left.Store(int64(n))
	if n == 0 {
		close(g.open)
	}
	return g
}

func (g *gate) arrive() {
	if g.left.Add(-1) == 0 {
		close(g.open)
	}
}

// progress is where a measurement's clients report to. A client whose connection ends has passed
// every gate: nobody needs to wait for it.
type progress struct {
	last    uint64 // number of the last event that will be sent
	started *gate  // clients that saw the start marker
	ended   *gate  // clients that got all they will get
}

// report passes the gates that c has reached.
func (p *progress) report(c *client) {
	if !c.opened && (c.started || c.ended) {
		c.opened = true
		p.started.arrive()
	}
	if !c.done && (c.ended || c.covers(p.last)) {
		c.done = true
		p.ended.arrive()
	}
}
