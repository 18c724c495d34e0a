package live_test

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/proxy/listen/live"
	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// ownDoor is a proxy with a Door of the test's own.
type ownDoor struct {
	*live.Door
	gate   *login.Gate
	server *httptest.Server
}

// serveDoor starts one by start, a method of its server. Nothing happens by itself on it.
func serveDoor(t *testing.T, start func(*httptest.Server)) (*proxytest.Proxy, ownDoor) {
	t.Helper()
	p := *startProxy(t)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	gate := login.New(p.Proxy, nil, log)
	d := live.New(p.Proxy, gate, live.Config{Keepalive: time.Hour}, log)
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", d.WebSocket)
	mux.HandleFunc("/events", d.Events)
	server := httptest.NewUnstartedServer(mux)
	start(server)
	stop := d.Start(t.Context())
	t.Cleanup(func() {
		p.Stop() // so that the clients go
		server.Close()
		stop()
	})
	p.URL = server.URL
	return &p, ownDoor{d, gate, server}
}

// door is a proxy with a Door whose time is the test's.
func door(t *testing.T) (*proxytest.Proxy, ownDoor) {
	t.Helper()
	return serveDoor(t, (*httptest.Server).Start)
}

func TestClientsOverTLSAreServedAlike(t *testing.T) {
	p, d := serveDoor(t, (*httptest.Server).StartTLS)
	trusted := d.server.Client()
	dialer := websocket.Dialer{TLSClientConfig: trusted.Transport.(*http.Transport).TLSClientConfig.Clone()}
	conn, response, err := dialer.Dial("wss"+strings.TrimPrefix(p.URL, "https")+"/ws", basic(proxytest.Secret))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(proxytest.Patience))
	c := &webSocket{conn, t}
	c.next("Event", "ProxyPosition")

	request, err := http.NewRequest(http.MethodGet, p.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = basic(proxytest.Secret)
	far, err := tls.Dial("tcp", strings.TrimPrefix(p.URL, "https://"), dialer.TLSClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	s := &eventStream{raw: rawOver(t, far, request)}
	s.next("Event", "ProxyPosition")

	c.send(`{"Action":"UserEvent","UserEvent":"Hello","ActionID":"1"}`)
	c.next("Event", "UserEvent")
	s.next("Event", "UserEvent")
	for range 3 { // and nobody answers a ping meanwhile
		d.Beat()
	}
	if got := c.end(); got.Code != 4001 {
		t.Errorf("closed with %v", got)
	}
	go p.Stop()
	for {
		if _, err := s.block(); err != nil {
			break
		}
	}
}

func TestAConnectionThatStaysIsCountedUntilItEnds(t *testing.T) {
	p := startProxy(t)
	open := func() int {
		for _, d := range p.Doors() { // in the order in which they happen to have opened
			if d.Name == p.URL {
				return d.Connections
			}
		}
		return -1
	}
	c := dial(t, p, "ami.json")
	s := listen(t, p, "")
	if n := open(); n != 2 {
		t.Errorf("%d are open, not 2", n)
	}
	c.Close()
	s.Close()
	for begin := time.Now(); open() > 0; runtime.Gosched() {
		if time.Since(begin) > proxytest.Patience {
			t.Fatalf("%d are open when all have gone", open())
		}
	}
}
