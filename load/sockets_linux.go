package load

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
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
// that comes from upstream to all of them, without looking at it; or, where clients want the events of one channel each,
// each event to the one it is for, whom its number tells. Nothing that fans out through the
// kernel's sockets can do less.
type socketsServer struct {
	accept func(net.Conn) (bareClient, error) // of who has logged in

	mu      sync.Mutex
	clients []bareClient
	narrow  []bareClient // by their numbers; nil: all get everything
}

// A bareClient is written to by one goroutine, which waits for it.
type bareClient interface {
	write(b []byte) error // all of b
	close()
}

// serve runs a bare writer until ctx ends or upstream does.
func (s *socketsServer) serve(ctx context.Context, l net.Listener, upstream string) error {
	conn, rest, err := amiClients{address: upstream, username: "load"}.open(ctx, 0)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
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
	if s.narrow == nil {
		err = s.copyAll(conn, rest)
	} else {
		err = s.copyEach(conn, rest)
	}
	l.Close()
	return err
}

// greet takes a client's login and makes it one of those who are written to.
func (s *socketsServer) greet(conn net.Conn) {
	client, err := s.accept(conn)
	if err != nil {
		conn.Close()
		return
	}
	s.mu.Lock()
	s.clients = append(s.clients, client)
	s.mu.Unlock()
}

// copyAll gathers bytes from upstream and writes them to all clients.
func (s *socketsServer) copyAll(upstream net.Conn, rest []byte) error {
	buffer := make([]byte, socketsChunk)
	filled := copy(buffer, rest)
	for {
		n, err := gather(upstream, buffer[filled:])
		s.writeAll(buffer[:filled+n])
		filled = 0
		if over, err := atEnd(err); over {
			return err
		}
	}
}

// atEnd tells whether an error is to end it all, and whether it is none.
func atEnd(err error) (over bool, failed error) {
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return true, nil
	}
	return err != nil, err
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
	if len(b) == 0 {
		return
	}
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
