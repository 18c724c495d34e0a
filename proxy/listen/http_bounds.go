package listen

import (
	"bufio"
	"net"
	"net/http"
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
		if l.door.connections.Add(1) <= int64(l.door.setup.Load().config.ConnectionLimit) {
			return conn, nil
		}
		l.door.connections.Add(-1)
		l.door.log.Warn("client refused: too many are connected", "client", conn.RemoteAddr())
		conn.Close()
	}
}

// connectionState counts those that end. One that was taken over counts until its handler returns.
func (d *HTTP) connectionState(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed {
		d.connections.Add(-1)
	}
}

// boundBody makes a request's body one that is not longer than it may be, and does not take longer.
func (d *HTTP) boundBody(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	// net/http takes the deadline away when the body has been read.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d.setup.Load().config.BodyTimeout))
}

// answer is a response whose client must go on accepting it.
type answer struct {
	http.ResponseWriter
	door  *HTTP
	begun bool // something was written, or the connection has become something else
	taken bool // it has
}

// piece is how much of an answer has the door's WriteTimeout to itself.
const piece = 64 << 10

// Write implements io.Writer.
func (a *answer) Write(p []byte) (written int, err error) {
	a.begun = true
	for {
		a.extend()
		n, err := a.ResponseWriter.Write(p[:min(piece, len(p))])
		written += n
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

// Hijack implements http.Hijacker. Who takes the connection over keeps his handler until it ends.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil {
		a.begun, a.taken = true, true
	}
	return conn, buffered, err
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// extend lets the next write take its time.
func (a *answer) extend() {
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(time.Now().Add(a.door.setup.Load().config.WriteTimeout))
}

// end is called when the handler has returned; what it has left in buffers is written then.
func (a *answer) end() {
	if a.taken {
		a.door.connections.Add(-1)
		return
	}
	a.extend()
}
