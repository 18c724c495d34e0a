package upstream

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/internal/socket"
)

// link is one connection with an Asterisk.
type link struct {
	conn   net.Conn
	source *timedConn
	reader *ami.Reader    // of source
	socket *socket.Writer // of conn; nil where writing may have to wait

	stop  func() bool   // no longer close it when the context ends
	ended chan struct{} // closed when the context has closed it

	once  sync.Once
	cause error // why it was closed, once it is
}

// newLink makes a link that is closed when ctx ends.
func (s *Session) newLink(ctx context.Context, conn net.Conn) *link {
	l := &link{
		conn:   conn,
		source: &timedConn{session: s, conn: conn, gatherer: socket.NewGatherer(conn)},
		socket: socket.NewWriter(conn),
		ended:  make(chan struct{}),
	}
	l.reader = ami.NewReplyReader(l.source, ami.ReplyLimits)
	l.stop = context.AfterFunc(ctx, func() {
		defer close(l.ended)
		_ = l.fail(context.Cause(ctx))
	})
	return l
}

// fail closes the connection because of err, and returns why it was closed first of all: who
// reads next only learns that it is closed.
func (l *link) fail(err error) error {
	l.once.Do(func() {
		l.cause = err
		_ = l.conn.Close() // there is nobody to tell
	})
	return l.cause
}

// end waits until nobody closes the connection any more.
func (l *link) end() {
	if !l.stop() {
		<-l.ended
	}
}

// dialNetwork connects by TCP or TLS, or as the configuration says.
func (s *Session) dialNetwork(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ConnectTimeout)
	defer cancel()
	if s.config.Dialer != nil {
		return s.config.Dialer.DialContext(ctx, "tcp", s.config.Address)
	}
	dialer := &net.Dialer{
		// A lost host is silent. Pings find it when they are sent, the kernel in any case. Go sets
		// TCP_NODELAY by itself.
		KeepAliveConfig: net.KeepAliveConfig{
			Enable:   true,
			Idle:     atLeastASecond(s.config.Keepalive),
			Interval: atLeastASecond(s.config.Keepalive / 3),
			Count:    3,
		},
		Control: setUserTimeout(2 * s.config.Keepalive),
	}
	if s.config.TLS == nil {
		return dialer.DialContext(ctx, "tcp", s.config.Address)
	}
	return (&tls.Dialer{NetDialer: dialer, Config: s.config.TLS}).DialContext(ctx, "tcp", s.config.Address)
}

// atLeastASecond is d as the kernel can count it.
func atLeastASecond(d time.Duration) time.Duration { return max(d, time.Second) }
