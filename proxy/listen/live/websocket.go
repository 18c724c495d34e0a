package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"syscall"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// maxMessage is how long a message from a client may be: an action as long as Asterisk takes it, and
// room for what escapes cost.
const maxMessage = 4 * (ami.MaxLine + 2) * ami.MaxHeaders

// upgrade is of the answer alone: of what the connection holds afterwards it has only a small buffer for
// reading. gorilla writes no messages, so that the pool stays empty.
var upgrade = websocket.Upgrader{
	HandshakeTimeout: handshakeTimeout,
	ReadBufferSize:   1 << 10,
	WriteBufferPool:  new(sync.Pool),
	CheckOrigin:      func(*http.Request) bool { return true }, // it was
}

// WebSocket serves /ws.
func (d *Door) WebSocket(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		http.Error(w, "this is for WebSocket clients", http.StatusUpgradeRequired)
		return
	}
	spoken, selected, token, err := choose(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	user, asked, ok := d.admit(w, r, token)
	if !ok {
		return
	}
	taken := &hijacker{ResponseWriter: w}
	upgrader := upgrade
	upgrader.Subprotocols = []string{selected}
	socket, err := upgrader.Upgrade(taken, r, nil)
	if err != nil {
		d.log.Debug("no WebSocket", "client", r.RemoteAddr, "error", err)
		return
	}
	socket.SetReadLimit(maxMessage)
	e := proxy.Encoding{Format: spoken.format, Frame: spoken.frame, Sequence: spoken.sequence || asked.sequence}
	c := &connection{conn: taken.conn.Conn, beat: ping, echoes: true}
	c.client = d.proxy.NewClient(c.forFeed(), e)
	c.client.SetInput(spoken.input, nil)
	taken.conn.of = c
	s := &session{c, taken.conn, socket, spoken} // and nothing that holds w
	d.serve(w, c, asked.admission(user), func() error { return d.read(s) })
}

// admit tells who a request is from and what it asks for, or answers why not.
func (d *Door) admit(w http.ResponseWriter, r *http.Request, token string) (*access.User, parameters, bool) {
	if origin := r.Header.Get("Origin"); origin != "" && !d.gate.Origin(r, origin) {
		http.Error(w, login.ErrCrossSite.Error(), http.StatusForbidden)
		return nil, parameters{}, false
	}
	shown := r
	if token != "" {
		shown = r.Clone(r.Context())
		shown.Header.Set("Authorization", "Bearer "+token)
	}
	user, err := d.gate.Identify(shown, ami.Message{})
	switch {
	case errors.Is(err, login.ErrTooMany):
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusTooManyRequests)
		return nil, parameters{}, false
	case errors.Is(err, login.ErrCrossSite):
		http.Error(w, err.Error(), http.StatusForbidden)
		return nil, parameters{}, false
	case err != nil:
		d.gate.Challenge(w, r)
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return nil, parameters{}, false
	}
	asked, err := parseParameters(r.URL.RawQuery)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, parameters{}, false
	}
	return user, asked, true
}

// session is a WebSocket being read.
type session struct {
	*connection
	control *controlled
	socket  *websocket.Conn
	spoken  protocol
}

// read takes actions until no more come, and returns why.
func (d *Door) read(s *session) error {
	for {
		document, err := s.next()
		if err != nil {
			return s.end(err)
		}
		more := true
		s.working(func() { more = s.handle(d.context, document) })
		if !more {
			<-s.client.Done()
			return nil
		}
	}
}

func (s *session) next() ([]byte, error) {
	kind, message, err := s.socket.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, errBinary
	}
	return io.ReadAll(message)
}

// handle takes an action; where it is none, its sender is told, and goes on.
func (s *session) handle(ctx context.Context, document []byte) (more bool) {
	m, err := s.spoken.decode(document)
	if err != nil {
		s.client.Refuse(ctx, m, err)
		return true
	}
	return s.client.Handle(ctx, m)
}

// end says why the connection ends to the other side, if it is there, and returns it for the log.
func (s *session) end(err error) error {
	var closed *websocket.CloseError
	switch {
	case s.missing.Load():
		s.control.last = endSilent.append(nil)
		err = errSilent
	case errors.Is(err, errBinary):
		s.control.last = endBinary.append(nil)
	case errors.Is(err, websocket.ErrReadLimit):
		s.control.last = endTooBig.append(nil)
	case s.feeds.said.Load():
		return nil
	case errors.As(err, &closed), errors.Is(err, syscall.ECONNRESET):
		err = proxy.ErrDisconnected
	case s.control.last != nil:
		err = fmt.Errorf("%w: %w", errProtocol, err)
	}
	if s.control.last != nil {
		s.client.End(s.control.last)
	}
	return err
}
