package simtest

import (
	"context"
	"net"
	"sync"
)

// Listener is a net.Listener without a network: its connections are net.Pipes, which work inside a
// testing/synctest bubble. Nothing is buffered on the way: a write waits for the other end to read.
type Listener struct {
	accept chan net.Conn
	once   sync.Once
	done   chan struct{}
}

// NewListener makes a Listener.
func NewListener() *Listener {
	return &Listener{accept: make(chan net.Conn), done: make(chan struct{})}
}

// Dial connects to whoever accepts.
func (l *Listener) Dial() (net.Conn, error) { return l.DialContext(context.Background()) }

// DialContext is Dial with a way to give up.
func (l *Listener) DialContext(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.accept <- far:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accept:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Connections stay open.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
