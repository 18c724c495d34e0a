package listen

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// limited is a listener whose door has at most so many connections at once. The connections are
// net/http's own and wrapped in nothing, so that who takes one over can write it without waiting.
type limited struct {
	net.Listener
	door *HTTP
}

// Accept implements net.Listener. Who is one too many is closed at once.
func (l limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.door.crowd.enter(networkOf(conn), l.door.setup.Load().config.ConnectionLimit) {
			l.door.door.Enter()
			return conn, nil
		}
		l.door.door.Refuse()
		if attributes, tell := l.door.refusals.attributes("client", conn.RemoteAddr()); tell {
			l.door.log.Warn("client refused: too many are connected", attributes...)
		}
		conn.Close()
	}
}

// connectionState counts those that end. For one that was taken over see Hijack.
func (d *HTTP) connectionState(conn net.Conn, state http.ConnState) {
	if state == http.StateClosed {
		d.left(networkOf(conn))
	}
}

// left counts a connection that has ended.
func (d *HTTP) left(network netip.Prefix) {
	d.crowd.leave(network)
	d.door.Leave()
}

// boundBody makes a request's body one that is not longer than it may be, and does not take longer.
func (d *HTTP) boundBody(a *answer, r *http.Request) {
	r.Body = http.MaxBytesReader(a.ResponseWriter, r.Body, maxBody)
	a.bodyUntil = time.Now().Add(d.setup.Load().config.BodyTimeout)
	// net/http takes the deadline away when the body has been read.
	_ = http.NewResponseController(a.ResponseWriter).SetReadDeadline(a.bodyUntil)
}

// leftover is how long the rest of a body may take that nobody wants.
const leftover = time.Second

// drain reads what a handler has left of a request's body: a connection that is closed with input
// unread is reset, and the answer may be lost.
func (a *answer) drain(r *http.Request) {
	if a.taken || r.Header.Get("Expect") != "" { // who waits to be told to go on sends nothing
		return
	}
	until := time.Now().Add(leftover)
	if until.After(a.bodyUntil) {
		return // it has had its time
	}
	_ = http.NewResponseController(a.ResponseWriter).SetReadDeadline(until)
	_, _ = io.Copy(io.Discard, r.Body) // as far as it goes: see boundBody
}

// answer is a response whose client must go on accepting it.
type answer struct {
	http.ResponseWriter
	door   *HTTP
	remote string // the client's address
	begun  bool   // something was written, or the connection has become something else
	taken  bool   // it has
	kept   bool   // and stays when the handler has returned

	network netip.Prefix // that a connection that was taken counts to

	bodyUntil time.Time // when the request's body must be there

	cut bool // nothing more is written; guarded by door.unread.mu
}

// piece is how much of an answer has the door's WriteTimeout to itself.
const piece = 64 << 10

// Write implements io.Writer.
func (a *answer) Write(p []byte) (written int, err error) {
	a.begun = true
	if len(p) > smallAnswer {
		a.door.unread.begin(a, len(p))
		defer a.door.unread.end(a)
	}
	for {
		a.extend()
		n, err := a.ResponseWriter.Write(p[:min(piece, len(p))])
		written += n
		if len(p) > n {
			a.door.unread.wrote(a, n)
		}
		if p = p[n:]; err != nil || len(p) == 0 {
			return written, err
		}
	}
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

// Flush implements http.Flusher.
func (a *answer) Flush() {
	a.begun = true
	a.extend()
	_ = http.NewResponseController(a.ResponseWriter).Flush() // the next Write tells
}

// Hijack implements http.Hijacker. Who takes the connection over has it counted until his handler
// returns, unless he calls Keep.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil {
		a.begun, a.taken, a.network = true, true, networkOf(conn)
	}
	return conn, buffered, err
}

// Keep has a connection that was taken over counted until left is called.
func (a *answer) Keep() (left func()) {
	a.kept = true
	return func() { a.door.left(a.network) }
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// extend lets the next write take its time, unless the answer was cut off.
func (a *answer) extend() {
	a.door.unread.mu.Lock()
	defer a.door.unread.mu.Unlock()
	if !a.cut {
		a.setWriteDeadline(time.Now().Add(a.door.setup.Load().config.WriteTimeout))
	}
}

func (a *answer) setWriteDeadline(at time.Time) {
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(at)
}

// end is called when the handler has returned; what it has left in buffers is written then.
func (a *answer) end() {
	switch {
	case a.kept:
		return
	case a.taken:
		a.door.left(a.network)
		return
	}
	a.extend()
}
