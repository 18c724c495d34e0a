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
	secured := tls.Server(conn, s.TLS)
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
