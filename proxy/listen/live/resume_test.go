package live_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// A cut off client's view of the world: however it is connected.
type resumer interface {
	// next is the next event that is numbered, or a ProxyGap.
	next() object
	// last is the id of the latest event it had.
	last() string
	cut()
}

type webSocketResumer struct {
	*webSocket
	id string
}

func (r *webSocketResumer) next() object {
	for {
		o := r.read()
		if id := o.sequence(); id != "" {
			r.id = id
		}
		if o.has("Event", "UserEvent") || o.has("Event", "ProxyGap") {
			return o
		}
	}
}

func (r *webSocketResumer) last() string { return r.id }
func (r *webSocketResumer) cut()         { reset(r.UnderlyingConn()) }

type eventStreamResumer struct{ *eventStream }

func (r eventStreamResumer) next() object {
	for {
		if o := r.eventStream.next(); o.has("Event", "UserEvent") || o.has("Event", "ProxyGap") {
			return o
		}
	}
}

func (r eventStreamResumer) last() string { return r.id }
func (r eventStreamResumer) cut()         { reset(r.Conn) }

func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// resumers connect a client of each kind, and return when it gets events: its position tells so.
var resumers = map[string]func(t *testing.T, p *proxytest.Proxy, since string) resumer{
	"ws": func(t *testing.T, p *proxytest.Proxy, since string) resumer {
		c := dial(t, p, "ami.json", "since", since)
		return &webSocketResumer{c, firstPosition(c.read, since)}
	},
	"events": func(t *testing.T, p *proxytest.Proxy, since string) resumer {
		s := listen(t, p, since)
		firstPosition(func() object { return s.next() }, since)
		return eventStreamResumer{s}
	},
}

// firstPosition reads the ProxyPosition that a stream begins with, unless it begins with a ProxyGap.
func firstPosition(read func() object, since string) string {
	if strings.HasPrefix(since, "another-") {
		return since
	}
	return read().sequence()
}

// count makes Asterisk send events with the numbers from first to before end.
func count(t *testing.T, p *proxytest.Proxy, first, end int) {
	c := p.Login(t, "user", "Events: off")
	defer c.Close()
	for ; first < end; first += 50 {
		var text strings.Builder
		for n := first; n < min(first+50, end); n++ {
			text.WriteString(proxytest.Block("UserEvent", fmt.Sprintf("ActionID: %d", n), "UserEvent: Count", fmt.Sprintf("Number: %d", n)))
		}
		c.SendRaw(text.String())
		for n := first; n < min(first+50, end); n++ {
			c.Response()
		}
	}
}

func TestAClientThatWasCutOffMissesNothingAndGetsNothingTwice(t *testing.T) {
	const events, cuts = 5000, 12
	for name, connect := range resumers {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t, func(o *proxytest.Options) { o.Feed.Recent = 64 << 20 })
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			c := connect(t, p, "")
			var counting sync.WaitGroup
			defer counting.Wait()
			counting.Go(func() { count(t, p, 0, events) })
			cutAt := map[int]bool{}
			for len(cutAt) < cuts {
				cutAt[1+random.IntN(events-1)] = true
			}
			for want := range events {
				if cutAt[want] {
					c.cut()
					c = connect(t, p, c.last())
				}
				if o := c.next(); o["Number"] != strconv.Itoa(want) {
					t.Fatalf("got %v, not number %d", o, want)
				}
			}
		})
	}
}

func TestWhoWasAwayForTooLongIsToldSo(t *testing.T) {
	for name, connect := range resumers {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t, func(o *proxytest.Options) { o.Feed.Recent = 256 << 10 })
			c := connect(t, p, "")
			count(t, p, 0, 10)
			for range 10 {
				c.next()
			}
			id := c.last()
			c.cut()
			count(t, p, 10, 5000)
			c = connect(t, p, id)
			if o := c.next(); !o.has("Event", "ProxyGap", "Reason", feed.GapForgotten) {
				t.Fatalf("it begins with %v", o)
			}
			first, err := strconv.Atoi(c.next()["Number"].(string))
			if err != nil || first <= 10 {
				t.Fatalf("the first is %d", first)
			}
			for want := first + 1; want < 5000; want++ {
				if o := c.next(); o["Number"] != strconv.Itoa(want) {
					t.Fatalf("got %v, not number %d", o, want)
				}
			}
			c.cut()
			c = connect(t, p, "another-"+id[strings.Index(id, "-")+1:])
			if o := c.next(); !o.has("Event", "ProxyGap") {
				t.Errorf("an id of another run: it begins with %v", o)
			}
			count(t, p, 5000, 5001)
			if o := c.next(); o["Number"] != "5000" {
				t.Errorf("and goes on with %v", o)
			}
		})
	}
}

func TestWhoWasCutOffBeforeTheFirstEventMissesNothing(t *testing.T) {
	for name, connect := range resumers {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t, func(o *proxytest.Options) { o.Feed.Recent = 1 << 20 })
			c := connect(t, p, "")
			id := c.last()
			c.cut()
			count(t, p, 0, 3)
			c = connect(t, p, id)
			for want := range 3 {
				if o := c.next(); o["Number"] != strconv.Itoa(want) {
					t.Fatalf("got %v, not number %d", o, want)
				}
			}
		})
	}
}
