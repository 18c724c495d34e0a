package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// socketsChunk is the most the bare writer hands to a socket at once.
	socketsChunk = 64 << 10
	// socketsGather is how long it lets bytes come together: the bound on added latency that the
	// proxy has too, so that both may write several events at once.
	socketsGather = 5 * time.Millisecond
)

// A socketsServer is the baseline: it logs in to upstream, accepts every client, and writes all
// that comes from upstream to all of them, without looking at it. Nothing that fans out through the
// kernel's sockets can do less.
type socketsServer struct {
	mu      sync.Mutex
	clients []*rawConn
}

// serveSockets runs a bare writer until ctx ends or upstream does.
func serveSockets(ctx context.Context, l net.Listener, upstream string) error {
	conn, rest, err := amiClients{address: upstream, username: "load"}.open(ctx, 0)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	s := &socketsServer{}
	var wait sync.WaitGroup
	defer wait.Wait()
	wait.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { s.greet(client) })
		}
	})
	err = s.copyAll(conn, rest)
	l.Close()
	return err
}

// greet takes a client's login and makes it one of those who are written to.
func (s *socketsServer) greet(conn net.Conn) {
	raw, err := acceptLogin(conn)
	if err != nil {
		conn.Close()
		return
	}
	s.mu.Lock()
	s.clients = append(s.clients, raw)
	s.mu.Unlock()
}

// copyAll gathers bytes from upstream and writes them to all clients.
func (s *socketsServer) copyAll(upstream net.Conn, rest []byte) error {
	buffer := make([]byte, socketsChunk)
	filled := copy(buffer, rest)
	for {
		n, err := gather(upstream, buffer[filled:])
		filled += n
		if filled > 0 {
			s.writeAll(buffer[:filled])
			filled = 0
		}
		if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// gather waits for the first byte, then until b is full or socketsGather has passed.
func gather(conn net.Conn, b []byte) (n int, err error) {
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return 0, err
	}
	if n, err = conn.Read(b); err != nil || n == len(b) {
		return n, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(socketsGather)); err != nil {
		return n, err
	}
	more, err := io.ReadFull(conn, b[n:])
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n + more, err
}

// writeAll writes b to every client, one after the other, and forgets those that are gone.
func (s *socketsServer) writeAll(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.clients[:0]
	for _, c := range s.clients {
		if c.write(b) != nil {
			c.close()
			continue
		}
		kept = append(kept, c)
	}
	s.clients = kept
}

// write waits until the socket has taken all of b; the descriptor is a blocking one.
func (c *rawConn) write(b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(c.fd, b)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// acceptLogin answers a client's login with success and takes its connection over.
func acceptLogin(conn net.Conn) (*rawConn, error) {
	if err := greetClient(conn); err != nil {
		return nil, err
	}
	raw, err := takeConn(conn)
	if err != nil {
		return nil, err
	}
	return raw, syscall.SetNonblock(raw.fd, false)
}
