package load

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// A kind is a way to be a client. There is AMI over TCP; a kind over TLS, WebSocket or
// server-sent events needs an open of its own, and a receiver that reads what it returns, since a
// poller can read only plain sockets.
type kind interface {
	// open connects and logs in client number n. From then on events may arrive on the
	// connection; rest is what was read of them already.
	open(ctx context.Context, n int) (conn net.Conn, rest []byte, err error)
}

// amiClients are AMI clients over TCP, all with the same user.
type amiClients struct {
	address, username, secret string
}

func (k amiClients) open(ctx context.Context, n int) (net.Conn, []byte, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", k.address)
	if err != nil {
		return nil, nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(deadline)
	}
	var rest []byte
	if err == nil {
		rest, err = k.login(conn, n)
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("client %d: log in to %s: %w", n, k.address, err)
	}
	return conn, rest, nil
}

// login waits for the banner, as clients do, and logs in; it returns what came behind the reply.
func (k amiClients) login(conn net.Conn, n int) (rest []byte, err error) {
	r := bufio.NewReaderSize(conn, 1024)
	if _, err := r.ReadString('\n'); err != nil {
		return nil, fmt.Errorf("no banner: %w", err)
	}
	id := fmt.Sprintf("load-%d", n)
	login := "Action: Login\r\nActionID: " + id + "\r\nUsername: " + k.username + "\r\nSecret: " + k.secret + "\r\n\r\n"
	if _, err := conn.Write([]byte(login)); err != nil {
		return nil, err
	}
	if err := readReply(r, id); err != nil {
		return nil, err
	}
	rest, err = r.Peek(r.Buffered())
	return append([]byte(nil), rest...), err
}

// A client is one connection and what is known of its events. One goroutine owns it: the reader
// that reads it, from that one's start until its stop.
type client struct {
	stream
	conn   *rawConn
	frozen bool // never read
	ended  bool // the connection is closed or broken
	opened bool // counted in the gate of the start marker
	done   bool // counted in the gate of the last event
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
