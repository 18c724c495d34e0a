package socket

import (
	"crypto/tls"
	"net"
	"syscall"
)

// heldBack is how many bytes end a Hold early: then there is enough to read.
const heldBack = 32 << 10

// Gatherer lets bytes come together at a connection without anybody being woken for each segment. A nil Gatherer does
// nothing. Only one goroutine at a time may use it: who reads the connection.
type Gatherer struct {
	raw   syscall.RawConn
	plain bool // the bytes are those of the connection, and no TLS
}

// NewGatherer makes a Gatherer for conn, or returns nil if it is no connection of the system's own.
func NewGatherer(conn net.Conn) *Gatherer {
	g := &Gatherer{plain: true}
	if secure, ok := conn.(*tls.Conn); ok {
		conn, g.plain = secure.NetConn(), false
	}
	own, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := own.SyscallConn()
	if err != nil {
		return nil // it is closed already; whoever reads next finds out
	}
	g.raw = raw
	return g
}

// Hold begins to let bytes come together: the runtime's poller, which hears of every segment though nobody waits to read, is
// woken for many at once (SO_RCVLOWAT of socket(7)). Take must end it before anybody waits for bytes.
func (g *Gatherer) Hold() {
	if g != nil {
		g.setLeast(heldBack)
	}
}

// Take ends Hold, and gives what has come, which may be nothing: then a Read tells why. It does not wait.
func (g *Gatherer) Take(p []byte) (n int) {
	if g == nil {
		return 0
	}
	// Before the end of Hold, which wakes the poller if there are bytes.
	if g.plain {
		_ = g.raw.Read(func(fd uintptr) bool {
			n, _ = syscall.Read(int(fd), p)
			return true
		})
	}
	g.setLeast(1)
	return max(n, 0)
}

// setLeast says how many bytes wake who waits. Of a connection that is closed nobody is told: whoever reads it is.
func (g *Gatherer) setLeast(bytes int) {
	_ = g.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, bytes)
	})
}
