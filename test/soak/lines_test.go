package soak_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// line is a connection that stays. One goroutine reads it, and one does everything else.
type line interface {
	read() (message, error)
	// send sends actions, all at once.
	send(questions ...*question) error
	// cut breaks it off.
	cut()
	// finish says that no more comes, in order; false: there is no such thing, or only the action Logoff.
	finish() bool
}

// opener connects a client of one kind, which has been let in when it returns. since is its place, as the first message tells it;
// "" for who was never there, and for those without places. narrow keeps what the kernel holds for it small.
type opener func(p *proxy, r *role, since string, narrow bool) (line, error)

// dial connects.
func dial(address string, narrow bool) (*net.TCPConn, error) {
	dialer := net.Dialer{Timeout: patience}
	if narrow {
		dialer.Control = narrowSocket
	}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	return conn.(*net.TCPConn), nil
}

// managerLine is AMI, over TCP or TLS.
type managerLine struct {
	net.Conn
	tcp    *net.TCPConn
	reader *ami.Reader
}

func newManager(conn net.Conn, tcp *net.TCPConn) (*managerLine, error) {
	m := &managerLine{Conn: conn, tcp: tcp, reader: ami.NewReplyReader(conn, ami.ReplyLimits)}
	if _, err := m.reader.ReadLine(); err != nil {
		return nil, errors.Join(fmt.Errorf("no banner: %w", err), conn.Close())
	}
	return m, nil
}

// login logs in. What comes before the answer is nobody's business yet.
func (m *managerLine) login(user, password string, more ...string) error {
	_, err := io.WriteString(m.Conn, proxytest.Block("Login", append([]string{"Username: " + user, "Secret: " + password}, more...)...))
	if err != nil {
		return err
	}
	r, err := m.reader.Read()
	if err == nil && r.Get("Message") != "Authentication accepted" {
		err = fmt.Errorf("login of %s: %s", user, r)
	}
	return err
}

func openManager(p *proxy, r *role, _ string, narrow bool) (line, error) {
	tcp, err := dial(p.manager, narrow)
	if err != nil {
		return nil, err
	}
	return openOver(tcp, tcp, r)
}

func openSecured(p *proxy, r *role, _ string, narrow bool) (line, error) {
	tcp, err := dial(p.secured, narrow)
	if err != nil {
		return nil, err
	}
	return openOver(tls.Client(tcp, &tls.Config{InsecureSkipVerify: true}), tcp, r) //nolint:gosec // whose it is is not what is tried here
}

func openOver(conn net.Conn, tcp *net.TCPConn, r *role) (line, error) {
	m, err := newManager(conn, tcp)
	if err != nil {
		return nil, err
	}
	if err := m.login(r.name, secret); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return m, nil
}

func (m *managerLine) read() (message, error) {
	m.SetReadDeadline(time.Now().Add(patience))
	return m.reader.Read()
}

func (m *managerLine) send(questions ...*question) error {
	var b strings.Builder
	for _, q := range questions {
		lines := q.headers
		if q.id != "" {
			lines = append([]string{"ActionID: " + q.id}, lines...)
		}
		b.WriteString(proxytest.Block(q.action, lines...))
	}
	m.SetWriteDeadline(time.Now().Add(patience))
	_, err := io.WriteString(m.Conn, b.String())
	return err
}

func (m *managerLine) cut() { reset(m.tcp) }

func (m *managerLine) finish() bool {
	half, ok := m.Conn.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}

func reset(tcp *net.TCPConn) {
	_ = tcp.SetLinger(0)
	tcp.Close()
}

// webSocketLine is a WebSocket with JSON.
type webSocketLine struct {
	*websocket.Conn
	writing sync.Mutex // the reader answers pings
}

func openWebSocket(p *proxy, r *role, since string, narrow bool) (line, error) {
	dialer := websocket.Dialer{
		Subprotocols: []string{"ami.json"}, HandshakeTimeout: patience,
		NetDialContext: func(context.Context, string, string) (net.Conn, error) { return dial(p.web, narrow) },
	}
	conn, response, err := dialer.Dial("ws://"+p.web+"/ws"+place(since), basic(r.name)) //nolint:bodyclose // the dialer has read it
	if err != nil {
		if response != nil {
			body, _ := io.ReadAll(response.Body)
			err = fmt.Errorf("%w: %s %s", err, response.Status, body)
		}
		return nil, err
	}
	l := &webSocketLine{Conn: conn}
	conn.SetPingHandler(func(data string) error {
		l.writing.Lock()
		defer l.writing.Unlock()
		return conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(patience))
	})
	return l, nil
}

func place(since string) string {
	if since == "" {
		return ""
	}
	return "?since=" + url.QueryEscape(since)
}

func basic(user string) http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, secret)
	return r.Header
}

func (l *webSocketLine) read() (message, error) {
	l.SetReadDeadline(time.Now().Add(patience))
	_, text, err := l.ReadMessage()
	if err != nil {
		return nil, err
	}
	return parseObject(text)
}

func (l *webSocketLine) send(questions ...*question) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	for _, q := range questions {
		o := map[string]string{"Action": q.action}
		if q.id != "" {
			o["ActionID"] = q.id
		}
		for _, header := range q.headers {
			name, value, _ := strings.Cut(header, ": ")
			o[name] = value
		}
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		l.SetWriteDeadline(time.Now().Add(patience))
		if err := l.WriteMessage(websocket.TextMessage, text); err != nil {
			return err
		}
	}
	return nil
}

func (l *webSocketLine) cut()         { reset(l.UnderlyingConn().(*net.TCPConn)) }
func (l *webSocketLine) finish() bool { return false }

// eventsLine is server-sent events.
type eventsLine struct {
	tcp    *net.TCPConn
	reader *bufio.Reader
}

func openEvents(p *proxy, r *role, since string, narrow bool) (line, error) {
	tcp, err := dial(p.web, narrow)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodGet, "http://"+p.web+"/events", nil)
	if err != nil {
		return nil, err
	}
	request.Header = basic(r.name)
	if since != "" {
		request.Header.Set("Last-Event-ID", since)
	}
	if err := request.Write(tcp); err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	response, err := http.ReadResponse(bufio.NewReader(tcp), request) //nolint:bodyclose // it ends with the connection
	if err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(errors.New(response.Status), tcp.Close())
	}
	return &eventsLine{tcp, bufio.NewReader(response.Body)}, nil
}

// read passes what is no event.
func (l *eventsLine) read() (message, error) {
	for {
		l.tcp.SetReadDeadline(time.Now().Add(patience))
		text, err := l.reader.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if data, is := strings.CutPrefix(text, "data: "); is {
			return parseObject([]byte(data))
		}
	}
}

func (l *eventsLine) send(...*question) error { return errors.New("there are no actions here") }
func (l *eventsLine) cut()                    { reset(l.tcp) }
func (l *eventsLine) finish() bool            { return false }
