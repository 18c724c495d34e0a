package load

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A secureConn is a connection over TLS, which a poller cannot read.
type secureConn struct{ net.Conn }

func (c secureConn) read(b []byte) (int, error) { return c.Read(b) }
func (c secureConn) close()                     { _ = c.Close() }

// followerBytes is the buffer of a follower, which has one client alone: a record, and what is carried over.
const followerBytes = 16<<10 + maxCarry

// followers read for the clients over TLS, each on a goroutine that owns it until stop.
type followers struct {
	clients []*client
	stopped atomic.Bool
	wait    sync.WaitGroup
}

// follow begins to read.
func follow(clients []*client, p *progress) *followers {
	f := &followers{clients: clients}
	for _, c := range clients {
		f.wait.Go(func() { f.read(c, p) })
	}
	return f
}

func (f *followers) read(c *client, p *progress) {
	buffer := make([]byte, followerBytes)
	for {
		_, err := c.receive(buffer)
		if f.stopped.Load() {
			return
		}
		c.ended = err != nil
		p.report(c)
		if c.ended {
			return
		}
	}
}

// stop ends the goroutines and waits for them; the clients are the caller's again.
func (f *followers) stop() {
	f.stopped.Store(true)
	for _, c := range f.clients {
		if s, ok := c.conn.(secureConn); ok {
			_ = s.SetReadDeadline(time.Now()) // of one that is closed there is nothing to end
		}
	}
	f.wait.Wait()
}
