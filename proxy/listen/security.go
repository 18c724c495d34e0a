package listen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/astproxy/astproxy/internal/socket"
)

// Security says how the clients of a listener are told apart from those who listen in. The zero
// Security is plain text.
type Security struct {
	TLS *tls.Config // nil: plain text
	// Sniff lets a client choose: one that begins with a TLS handshake within this time has TLS, any
	// other plain text. A manager client waits for the banner, so each plain one waits as long. 0: all
	// have TLS.
	Sniff time.Duration
}

// handshakeRecord is how TLS begins (RFC 8446, 5.1). No AMI line begins so.
const handshakeRecord = 22

// secure makes of an accepted connection what is read and written. It waits for the handshake, until
// patience is over or ctx ends.
func (s Security) secure(ctx context.Context, conn net.Conn, patience time.Duration) (net.Conn, error) {
	if s.TLS == nil {
		return conn, nil
	}
	if s.Sniff > 0 {
		first, err := sniff(conn, s.Sniff)
		if err != nil {
			return nil, err
		}
		if first == nil || first[0] != handshakeRecord {
			return withFirst(conn, first), nil
		}
		conn = withFirst(conn, first)
	}
	secured := tls.Server(carried(conn), s.TLS)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secured, nil
}

// sniff waits for a client's first byte; nil: it says nothing by itself.
func sniff(conn net.Conn, wait time.Duration) ([]byte, error) {
	first := make([]byte, 1)
	conn.SetReadDeadline(time.Now().Add(wait))
	defer conn.SetReadDeadline(time.Time{})
	n, err := conn.Read(first)
	switch {
	case n == 1:
		return first, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, nil
	}
	return nil, cmp.Or(err, io.ErrNoProgress)
}

// sniffed is a connection of which a byte was read already. Only reading goes through it: see
// writable.
type sniffed struct {
	net.Conn
	first []byte
}

func withFirst(conn net.Conn, first []byte) net.Conn {
	if len(first) == 0 {
		return conn
	}
	return &sniffed{Conn: conn, first: first}
}

// Read implements io.Reader.
func (s *sniffed) Read(p []byte) (int, error) {
	if len(s.first) > 0 && len(p) > 0 {
		n := copy(p, s.first)
		s.first = s.first[n:]
		return n, nil
	}
	return s.Conn.Read(p)
}

// writable is the connection to write to: the feed writes a plain TCP connection without waiting.
func writable(conn net.Conn) net.Conn {
	if s, ok := conn.(*sniffed); ok {
		return s.Conn
	}
	return conn
}

// carried is what TLS is spoken over, so that it can be written without waiting, too.
func carried(conn net.Conn) net.Conn {
	return socket.NewCarrier(conn, socket.NewWriter(writable(conn)))
}

// carrying is a listener for TLS to be spoken over.
type carrying struct{ net.Listener }

// Accept implements net.Listener.
func (l carrying) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return carried(conn), nil
}
