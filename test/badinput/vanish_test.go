package badinput_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// a visit is what somebody does before he vanishes: what he sends, and a text that he waits for behind each part of it.
type visit struct {
	name  string
	parts [][2]string
}

var (
	loginText = proxytest.Block("Login", "Username: user", "Secret: "+proxytest.Secret)
	loggedIn  = [2]string{loginText, "Authentication accepted"}
	managers  = []visit{
		{"at once", nil},
		{"behind the banner", [][2]string{{"", "Manager"}}},
		{"in the middle of the login", [][2]string{{loginText[:20], ""}}},
		{"between challenge and login", [][2]string{{proxytest.Block("Challenge", "AuthType: MD5"), "Challenge: "}}},
		{"behind a login whose answer he does not read", [][2]string{{loginText, ""}}},
		{"behind the login", [][2]string{loggedIn}},
		{"in the middle of an action", [][2]string{loggedIn, {"Action: CoreStatus\r\nActionID: 1\r\nVaria", ""}}},
		{"with actions unanswered", [][2]string{loggedIn, {strings.Repeat(proxytest.Block("CoreStatus", "ActionID: 1"), 5), ""}}},
		{"with a list unread", [][2]string{loggedIn, {proxytest.Block("PJSIPShowEndpoints", "ActionID: 1"), "Event: EndpointList"}}},
		{"while it waits for an event", [][2]string{loggedIn, {proxytest.Block("WaitEvent", "ActionID: 1"), ""}}},
		{"when it has changed its events", [][2]string{loggedIn, {proxytest.Block("Filter", "Operation: Add", "Filter: Event: X", "ActionID: 1") + proxytest.Block("Events", "EventMask: call", "ActionID: 2"), ""}}},
	}
	browsers = []visit{
		{"in the middle of the headers", [][2]string{{"GET /ws HTTP/1.1\r\nHost: x\r\nUpg", ""}}},
		{"in the middle of the body", [][2]string{{"POST /api/v1/actions/Ping HTTP/1.1\r\nHost: x\r\n" + authorization("user") + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\"", ""}}},
		{"with a request unanswered", [][2]string{{"GET /?Action=CoreStatus HTTP/1.1\r\nHost: x\r\n" + authorization("user") + "\r\n", ""}}},
		{"from a stream of events", [][2]string{{eventsRequest("user"), "ProxyPosition"}}},
		{"from a WebSocket", [][2]string{{upgradeRequest("user"), "ProxyPosition"}}},
		{"in the middle of a frame", [][2]string{{upgradeRequest("user"), "ProxyPosition"}, {"\x81\xfe\x00\xff\x00\x00\x00\x00half", ""}}},
	}
)

func authorization(user string) string {
	return "Authorization: " + basic(user).Get("Authorization") + "\r\n"
}

func eventsRequest(user string) string {
	return "GET /events HTTP/1.1\r\nHost: x\r\n" + authorization(user) + "\r\n"
}

func upgradeRequest(user string) string {
	return "GET /ws HTTP/1.1\r\nHost: x\r\n" + authorization(user) +
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
}

// pay makes a visit, and ends it properly or by breaking the connection off.
func (v visit) pay(t *testing.T, address string, secured *tls.Config, broken bool) {
	plain, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer plain.Close()
	plain.SetDeadline(time.Now().Add(proxytest.Patience))
	conn := plain
	if secured != nil {
		conn = tls.Client(plain, secured)
	}
	for _, part := range v.parts {
		if _, err := io.WriteString(conn, part[0]); err != nil {
			t.Errorf("%s: %v", v.name, err)
			return
		}
		if err := readTo(conn, part[1]); err != nil {
			t.Errorf("%s: waiting for %s: %v", v.name, part[1], err)
			return
		}
	}
	if broken {
		_ = plain.(*net.TCPConn).SetLinger(0)
	}
}

// readTo reads until a text has come.
func readTo(conn net.Conn, text string) error {
	var all []byte
	for piece := make([]byte, 4096); !strings.Contains(string(all), text); {
		n, err := conn.Read(piece)
		if all = append(all, piece[:n]...); err != nil {
			return fmt.Errorf("behind %q: %w", all, err)
		}
	}
	return nil
}

// held is what the process holds.
type held struct {
	goroutines, descriptors int
	heap                    int64
}

func holds() held {
	heap := liveHeap()
	open, _ := os.ReadDir("/proc/self/fd") // elsewhere they are not counted
	return held{runtime.NumGoroutine(), len(open), heap}
}

// vanish has visits paid, by a few at once, each so many times.
func vanish(times int, pay func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range 16 {
		all.Go(func() {
			for i := range next {
				pay(i)
			}
		})
	}
	for i := range times {
		next <- i
	}
	close(next)
	all.Wait()
}

// Whatever they are at when they go, nothing of them stays, and nobody else notices.
//
//astproxy:attack
func TestThousandsWhoConnectAndVanishLeaveNothingBehind(t *testing.T) {
	const (
		limit = 100
		each  = 1 << 10 // bytes of heap that one could leave behind unnoticed: a client takes more
		other = 1 << 20 // that the heap is more or less full for other reasons
	)
	secured := certificate()
	for name, door := range map[string]struct {
		visits []visit
		times  int // each visit
		server *tls.Config
		web    bool
	}{
		"ami":  {managers, 100, nil, false},
		"amis": {managers, 30, secured, false},
		"http": {browsers, 100, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			asterisk := simtest.Start(t, sim.Config{})
			p := proxytest.Start(t, proxytest.Options{
				Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
				Door:    listen.AMIConfig{UnauthenticatedLimit: limit, Security: listen.Security{TLS: door.server}},
				Log:     io.Discard,
			})
			dial := func(t *testing.T) *proxytest.Client { return p.Dial(t) }
			var client *tls.Config
			if door.server != nil {
				client = &tls.Config{InsecureSkipVerify: true}
				dial = func(t *testing.T) *proxytest.Client {
					conn, err := tls.Dial("tcp", p.Address, client)
					if err != nil {
						t.Fatal(err)
					}
					return proxytest.NewClient(t, conn)
				}
			}
			address := p.Address
			if door.web {
				address = strings.TrimPrefix(p.URL, "http://")
			}
			somebody := dial(t)
			somebody.Login("user", proxytest.Secret, "Events: off")
			for somebody.Ask("Ping").Response() != "Success" {
			}
			pay := func(i int) {
				door.visits[i%len(door.visits)].pay(t, address, client, i/len(door.visits)%2 == 0)
			}
			vanish(2*len(door.visits), pay)
			proxytest.Await(t, "all have gone", func() bool { return p.Feed().Stats().Streams == 1 })
			before := holds()

			gone := make(chan struct{})
			n := door.times * len(door.visits)
			go func() {
				defer close(gone)
				vanish(n, pay)
			}()
			for meanwhile := true; meanwhile; {
				if m := somebody.Ask("Ping"); m.Response() != "Success" {
					t.Fatalf("somebody else is answered with %s", m)
				}
				select {
				case <-gone:
					meanwhile = false
				default:
				}
			}
			proxytest.Await(t, "all have gone", func() bool { return p.Feed().Stats().Streams == 1 })
			after := held{}
			proxytest.Await(t, "goroutines and descriptors are what they were", func() bool {
				after = holds()
				return after.goroutines <= before.goroutines && after.descriptors <= before.descriptors
			})
			if grown := after.heap - before.heap; grown > int64(n*each+other) {
				t.Errorf("of %d who have gone %d bytes are left", n, grown)
			}
			// All places before the login are there for others.
			var newcomers []*proxytest.Client
			for range limit {
				newcomers = append(newcomers, dial(t))
			}
			for _, c := range newcomers {
				c.Send("Logoff")
				c.Next(func(m ami.Message) bool { return m.IsResponse() })
			}
		})
	}
}
