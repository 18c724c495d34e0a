package socket

import (
	"errors"
	"net"
	"syscall"
)

// Writer writes to one connection. Only one goroutine at a time may use it, or write to the connection
// otherwise.
type Writer struct {
	raw syscall.RawConn
}

// NewWriter makes a Writer for conn, or returns nil if conn cannot be written without waiting:
// if it is none of the system's own, such as a *net.TCPConn or what embeds one, whose bytes are those
// on the wire, or the system is none that Write knows.
func NewWriter(conn net.Conn) *Writer {
	own, ok := conn.(syscall.Conn)
	if !ok || !supported {
		return nil
	}
	raw, err := own.SyscallConn()
	if err != nil {
		return nil // it is closed already; whoever writes next finds out
	}
	return &Writer{raw}
}

// TryWrite writes as much of p as the socket takes at once, which may be nothing; that is no error.
func (w *Writer) TryWrite(p []byte) (n int, err error) {
	closed := w.raw.Write(func(fd uintptr) bool {
		for {
			if n, err = write(fd, p); !errors.Is(err, syscall.EINTR) {
				return true // do not wait for the socket
			}
		}
	})
	n = max(n, 0)
	switch {
	case closed != nil:
		return n, closed
	case errors.Is(err, syscall.EAGAIN):
		return n, nil
	}
	return n, err
}
