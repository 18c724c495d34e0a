package live

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// lingering is how long the other side may take to read what it was sent, and to close, when the proxy
// has said all. A connection closed with input unread is reset, and what was sent last may be lost.
const lingering = 2 * time.Second

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// farewell is a connection as the feed has it. When the feed closes it nothing is written any more, and
// its reader, who is woken, closes it in truth: see connection.close.
type farewell struct {
	net.Conn
	said atomic.Bool
}

// Close implements net.Conn. Whoever writes is woken.
func (f *farewell) Close() error {
	f.said.Store(true)
	_ = f.SetReadDeadline(past)
	return f.Conn.SetWriteDeadline(past)
}

// SetWriteDeadline implements net.Conn.
func (f *farewell) SetWriteDeadline(t time.Time) error {
	err := f.Conn.SetWriteDeadline(t)
	if f.said.Load() {
		err = f.Conn.SetWriteDeadline(past)
	}
	return err
}

// farewellTCP is one that can be written without waiting.
type farewellTCP struct {
	*farewell
	syscall.Conn
}

// forFeed is the connection as the feed may have it.
func (c *connection) forFeed() net.Conn {
	c.feeds = &farewell{Conn: c.conn}
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		return farewellTCP{c.feeds, tcp}
	}
	return c.feeds
}

// close ends the connection when it is read to its end: it says that nothing more comes, and waits for
// the other side to say so, too.
func (c *connection) close(reason error) {
	c.client.Close(reason)
	c.conn.SetDeadline(time.Now().Add(lingering))
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // it may be closed already
		_, _ = io.Copy(io.Discard, wire(c.conn))
	}
	c.conn.Close()
}

// wire is what a connection's bytes go over.
func wire(conn net.Conn) net.Conn {
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return secured.NetConn()
	}
	return conn
}
