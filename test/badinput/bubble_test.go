package badinput_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/listen/live"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// inBubble runs a test with a clock of its own, which stands still while anybody has something to do. Who waits for a
// lock that is never given back would have it stand for ever, which is what the time of the real one is for.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	alarm := time.AfterFunc(proxytest.Patience, func() { panic(t.Name() + ": somebody waits for ever") })
	defer alarm.Stop()
	synctest.Test(t, test)
}

// bubble is a proxy with all its doors, without a network: nothing is held between two ends, and a write returns when
// the other end has read all of it.
type bubble struct {
	*proxy.Proxy
	asterisk *asterisk

	t              *testing.T
	ami, amis, web *simtest.Listener
}

// options say what a bubble's proxy is like.
type options struct {
	feed   feed.Config
	users  []access.UserConfig // besides user
	before func(*proxy.Proxy, *slog.Logger)
	// secured is the TLS of the door that has it.
	secured *tls.Config
}

// certificate is one for a listener. It is made before there is a bubble.
func certificate() *tls.Config {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}
}

// startBubble runs a proxy that is connected to its Asterisk, until the test ends.
func startBubble(t *testing.T, o options) *bubble {
	t.Helper()
	users, err := access.NewUsers(append([]access.UserConfig{proxytest.User()}, o.users...))
	if err != nil {
		t.Fatal(err)
	}
	b := &bubble{t: t, asterisk: newAsterisk(), ami: simtest.NewListener(), amis: simtest.NewListener(), web: simtest.NewListener()}
	server := proxytest.Server("pbx1", "192.0.2.1:5038", "astproxy", "secret")
	server.Dialer = b.asterisk
	log := slog.New(slog.DiscardHandler)
	b.Proxy = proxy.New(proxy.Config{Servers: []upstream.Config{server}, Users: users, Feed: o.feed}, log)
	if o.before != nil {
		o.before(b.Proxy, log)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	running.Go(func() { listen.NewAMI(b.Proxy, listen.AMIConfig{}, log).Serve(ctx, b.ami) })
	running.Go(func() {
		listen.NewAMI(b.Proxy, listen.AMIConfig{Security: listen.Security{TLS: o.secured}}, log).Serve(ctx, b.amis)
	})
	running.Go(func() {
		// Who does not answer a ping in time is not what is tried here.
		listen.NewHTTP(b.Proxy, listen.HTTPConfig{Live: live.Config{Keepalive: 1000 * time.Hour}}, log).Serve(ctx, b.web)
	})
	t.Cleanup(func() {
		cancel()
		b.asterisk.close()
		running.Wait()
		b.asterisk.serving.Wait()
	})
	<-b.asterisk.up
	c := b.login("user")
	for c.Ask("Ping").Response() != "Success" {
		c.Event("ProxyServerStatus")
	}
	c.Close()
	synctest.Wait()
	return b
}

func (b *bubble) dial(l *simtest.Listener) net.Conn {
	b.t.Helper()
	conn, err := l.Dial()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	return conn
}

// login is a manager client that has logged in.
func (b *bubble) login(user string, more ...string) *proxytest.Client {
	b.t.Helper()
	c := proxytest.NewClient(b.t, b.dial(b.ami))
	c.Login(user, proxytest.Secret, more...)
	return c
}

// entrances are the connections by which clients can have events, each of a user's. What comes back begins behind the login.
var entrances = map[string]func(b *bubble, user string) net.Conn{
	"ami":       func(b *bubble, user string) net.Conn { return patiently(b.login(user)) },
	"amis":      (*bubble).overTLS,
	"websocket": (*bubble).webSocket,
	"events":    (*bubble).eventStream,
}

func (b *bubble) overTLS(user string) net.Conn {
	b.t.Helper()
	c := proxytest.NewClient(b.t, tls.Client(b.dial(b.amis), &tls.Config{InsecureSkipVerify: true}))
	c.Login(user, proxytest.Secret)
	return patiently(c)
}

// patiently is a client's connection, without the time by which the client wants to have its answers.
func patiently(c *proxytest.Client) net.Conn {
	c.SetDeadline(time.Time{})
	return c.Conn
}

func basic(user string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+proxytest.Secret))}}
}

func (b *bubble) webSocket(user string) net.Conn {
	b.t.Helper()
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return b.web.Dial() }}
	conn, response, err := dialer.Dial("ws://pipe/ws", basic(user))
	if err != nil {
		b.t.Fatal(err)
	}
	response.Body.Close()
	b.t.Cleanup(func() { conn.Close() })
	return conn.NetConn()
}

func (b *bubble) eventStream(user string) net.Conn {
	b.t.Helper()
	conn := b.dial(b.web)
	if _, err := io.WriteString(conn, eventsRequest(user)); err != nil {
		b.t.Fatal(err)
	}
	if err := readTo(conn, "200 OK"); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// asterisk is one that a proxy logs in to. It implements upstream.Dialer.
type asterisk struct {
	up      chan struct{} // closed when the proxy has logged in
	held    chan ami.Message
	serving sync.WaitGroup

	mu   sync.Mutex
	conn net.Conn
}

func newAsterisk() *asterisk {
	return &asterisk{up: make(chan struct{}), held: make(chan ami.Message, 100)}
}

// DialContext implements upstream.Dialer.
func (a *asterisk) DialContext(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn = far
	a.serving.Go(func() { a.serve(far) })
	return near, nil
}

func (a *asterisk) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.Close()
}

// serve answers what a proxy asks, but for CoreStatus, which it puts into held.
func (a *asterisk) serve(conn net.Conn) {
	if _, err := conn.Write([]byte("Asterisk Call Manager/11.0.0\r\n")); err != nil {
		return
	}
	for reader := ami.NewReader(conn, ami.ActionLimits); ; {
		m, err := reader.Read()
		if err != nil {
			return
		}
		answer := ami.NewResponse("Success", m.ActionID())
		switch m.Action() {
		case "Challenge":
			answer.Add("Challenge", "843154")
		case "Ping":
			answer.Add("Ping", "Pong")
		case "ListCommands":
			answer.Add("Ping", "Keepalive command.  (Priv: <none>)").Add("CoreStatus", "Show.  (Priv: <none>)")
		case "CoreStatus":
			a.held <- m
			continue
		}
		if a.write(answer.Message().Raw()+"\r\n") != nil {
			return
		}
		if m.Action() == "Login" {
			if a.write("Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n") != nil {
				return
			}
			close(a.up)
		}
	}
}

// write returns when the proxy has read all of it.
func (a *asterisk) write(text string) error {
	a.mu.Lock()
	conn := a.conn
	a.mu.Unlock()
	_, err := conn.Write([]byte(text))
	return err
}

// event is the text of the event of a number.
func event(number string, size int) string {
	return "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Load\r\nNumber: " + number + "\r\nText: " + strings.Repeat("x", size) + "\r\n\r\n"
}
