package socket

import (
	"crypto/tls"
	"errors"
	"net"
	"syscall"
)

// Writer writes to one connection. Only one goroutine at a time may use it, or write to the connection
// otherwise.
type Writer struct {
	conn net.Conn
	raw  syscall.RawConn // nil: secure is not
	// The connection that TLS is spoken on, and what carries it.
	secure  *tls.Conn
	carrier *Carrier
}

// NewWriter makes a Writer for conn, or returns nil if conn cannot be written without waiting:
// if it is none of the system's own, such as a *net.TCPConn or what embeds one, whose bytes are those
// on the wire, nor a *tls.Conn over a Carrier of one, or the system is none that Write knows.
func NewWriter(conn net.Conn) *Writer {
	if secure, ok := conn.(*tls.Conn); ok {
		return newSecureWriter(secure)
	}
	own, ok := conn.(syscall.Conn)
	if !ok || !supported {
		return nil
	}
	raw, err := own.SyscallConn()
	if err != nil {
		return nil // it is closed already; whoever writes next finds out
	}
	return &Writer{conn: conn, raw: raw}
}

func newSecureWriter(secure *tls.Conn) *Writer {
	carrier, ok := secure.NetConn().(*Carrier)
	if !ok || carrier.raw == nil {
		return nil
	}
	carrier.hold()
	return &Writer{conn: secure, secure: secure, carrier: carrier}
}

// maxHeld is how much a Writer has TLS take at once: all of that is held when the socket takes nothing.
const maxHeld = 64 << 10

// TryWrite takes as much of p as goes without waiting, which may be nothing; that is no error. Of what it has
// taken some may be held: see Held.
func (w *Writer) TryWrite(p []byte) (n int, err error) {
	if w.secure == nil {
		return w.tryWrite(p)
	}
	if empty, err := w.carrier.tryFlush(); !empty || err != nil {
		return 0, err
	}
	if n, err = w.encrypt(p); err != nil {
		return n, err
	}
	_, err = w.carrier.tryFlush()
	return n, err
}

// encrypt has TLS take p, or its beginning.
func (w *Writer) encrypt(p []byte) (n int, err error) {
	w.carrier.setBatch(true)
	n, err = w.secure.Write(p[:min(len(p), maxHeld)])
	w.carrier.setBatch(false)
	return n, err
}

// Held tells whether something that was taken is not written: it goes with the next TryWrite or Write.
func (w *Writer) Held() bool {
	if w.secure == nil {
		return false
	}
	w.carrier.mu.Lock()
	defer w.carrier.mu.Unlock()
	return len(w.carrier.held) > 0
}

// Write writes some of p, or where something is held nothing of p and some of that, waiting for the socket within the
// connection's write deadline. progress tells whether the socket has taken anything at all; a deadline that has passed
// is an error and spoils nothing.
func (w *Writer) Write(p []byte) (n int, progress bool, err error) {
	if w.secure == nil {
		n, err = w.conn.Write(p)
		return n, n > 0, err
	}
	if !w.Held() {
		if n, err = w.encrypt(p); err != nil {
			return n, false, err
		}
	}
	written, err := w.carrier.flush()
	return n, written > 0, err
}

func (w *Writer) tryWrite(p []byte) (n int, err error) {
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
