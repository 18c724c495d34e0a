package live

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/proxy"
)

// connection is a client's, whatever it speaks.
type connection struct {
	conn   net.Conn // its reader's
	feeds  *farewell
	client *proxy.Client
	beat   []byte // what is sent now and then to see whether it holds
	echoes bool   // that is answered

	told proxy.EventID // the place in the log it was told; the keeper's

	// silent is how many beats were sent since something came, busy that the reader does not read and
	// nothing can come, missing that it was given up.
	silent  atomic.Int32
	busy    atomic.Bool
	missing atomic.Bool
}

// Read implements io.Reader for who reads the connection.
func (c *connection) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	c.silent.Store(0)
	return n, err
}

// working has nothing expected from the client while f runs.
func (c *connection) working(f func()) {
	c.busy.Store(true)
	f()
	c.silent.Store(0)
	c.busy.Store(false)
}

// keepAlive sends a beat, unless too many were not answered: then the reader is told. If the log has
// moved, by events of its own or not, the client learns how far it is.
func (c *connection) keepAlive(position proxy.EventID) {
	switch {
	case c.busy.Load():
	case c.echoes && c.silent.Add(1) > 2:
		c.missing.Store(true)
		c.conn.SetReadDeadline(past)
		return
	case c.told != position:
		c.told = position
		c.client.SendPosition()
	}
	c.client.Write(c.beat)
}

// controlled is a connection as gorilla's reader has it. It reads; what it would write, pongs and close
// frames, is whole frames: the client's stream gets them, so that they do not come into the middle of
// a message.
type controlled struct {
	net.Conn
	of   *connection // nil during the handshake, which is written as it is
	last []byte      // the close frame, which is the connection's last
}

// Read implements net.Conn.
func (c *controlled) Read(p []byte) (int, error) {
	if c.of == nil {
		return c.Conn.Read(p)
	}
	return c.of.Read(p)
}

// Write implements net.Conn. The reader of the client waits here, as anybody who makes it something
// to read, while the client reads nothing.
func (c *controlled) Write(whole []byte) (int, error) {
	switch {
	case c.of == nil:
		return c.Conn.Write(whole)
	case whole[0]&opMask == opClose:
		c.last = bytes.Clone(whole)
	default:
		c.of.client.WaitForRoom()
		c.of.client.Write(whole)
	}
	return len(whole), nil
}

// SetWriteDeadline implements net.Conn. The feed has deadlines of its own.
func (c *controlled) SetWriteDeadline(t time.Time) error {
	if c.of == nil {
		return c.Conn.SetWriteDeadline(t)
	}
	return nil
}

// hijacker is a ResponseWriter whose connection is controlled when it is taken over.
type hijacker struct {
	http.ResponseWriter
	conn *controlled
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = &controlled{Conn: conn}
	return h.conn, buffers, nil
}
