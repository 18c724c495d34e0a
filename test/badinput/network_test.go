package badinput_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/listen/live"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

// network is a proxy whose clients come by the network, and whose Asterisk is the test.
type network struct {
	*proxytest.Proxy
	asterisk *asterisk
	t        *testing.T
}

// startNetwork runs one in which the user patient may skip what he has missed.
func startNetwork(t *testing.T, f feed.Config) *network {
	t.Helper()
	f.WriteTimeout = time.Hour // whoever is behind is so until he reads, however slow the machine is
	n := &network{asterisk: newAsterisk(), t: t}
	server := proxytest.Server("pbx1", "192.0.2.1:5038", "astproxy", "secret")
	server.Dialer = n.asterisk
	t.Cleanup(n.asterisk.serving.Wait)
	n.Proxy = proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server}, Feed: f, Log: io.Discard, HTTP: listen.HTTPConfig{Live: live.Config{Keepalive: 1000 * time.Hour}},
		Users: []access.UserConfig{
			proxytest.User(),
			proxytest.User(proxytest.Named("patient"), func(u *access.UserConfig) { u.SlowClient = access.SlowClientSkip }),
		},
	})
	t.Cleanup(n.asterisk.close)
	n.Up(t, "pbx1")
	return n
}

// send is what Asterisk sends.
func (n *network) send(text string) {
	n.t.Helper()
	if err := n.asterisk.write(text); err != nil {
		n.t.Fatal(err)
	}
}

// listener is a client that wants the events of class user. next is what it is sent next.
type listener struct {
	name string
	next func() ami.Message
}

func (n *network) manager() listener {
	n.t.Helper()
	return listener{"manager", n.Login(n.t, "patient", "Events: user").Read}
}

func (n *network) webSocket() listener {
	n.t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(n.URL, "http")+"/ws?mask=user", basic("patient"))
	if err != nil {
		n.t.Fatal(err)
	}
	response.Body.Close()
	n.t.Cleanup(func() { conn.Close() })
	return listener{"websocket", func() ami.Message {
		conn.SetReadDeadline(time.Now().Add(proxytest.Patience))
		_, text, err := conn.ReadMessage()
		if err != nil {
			n.t.Fatal(err)
		}
		return fromJSON(n.t, text)
	}}
}

func (n *network) eventStream() listener {
	n.t.Helper()
	request, err := http.NewRequest(http.MethodGet, n.URL+"/events?mask=user", nil)
	if err != nil {
		n.t.Fatal(err)
	}
	request.Header = basic("patient")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		n.t.Fatal(err, response)
	}
	n.t.Cleanup(func() { response.Body.Close() })
	lines := bufio.NewReader(response.Body)
	return listener{"events", func() ami.Message {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				n.t.Fatal(err)
			}
			if text, is := strings.CutPrefix(line, "data: "); is {
				return fromJSON(n.t, []byte(text))
			}
		}
	}}
}

// fromJSON is what of an event in JSON a tally wants to know.
func fromJSON(t *testing.T, text []byte) ami.Message {
	var o struct{ Event, Number, Missed, Reason string }
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%v: %.200q", err, text)
	}
	return ami.NewEvent(o.Event).AddNonEmpty("Number", o.Number).AddNonEmpty("Missed", o.Missed).AddNonEmpty("Reason", o.Reason).Message()
}

// freeze connects clients of every kind that log in, and read nothing at all. They end with the test.
func (n *network) freeze(user string, each int) {
	n.t.Helper()
	for range each {
		n.Login(n.t, user)
		for _, request := range []string{eventsRequest(user), upgradeRequest(user)} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(n.URL, "http://"))
			if err != nil {
				n.t.Fatal(err)
			}
			n.t.Cleanup(func() { conn.Close() })
			if _, err := io.WriteString(conn, request); err != nil {
				n.t.Fatal(err)
			}
			if err := readTo(conn, "HTTP/1.1"); err != nil {
				n.t.Fatal(err)
			}
		}
	}
}

// liveHeap is what the collector cannot give back.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
