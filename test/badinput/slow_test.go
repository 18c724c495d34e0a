package badinput_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// bySecond is a client that reads one byte a second.
type bySecond struct {
	way, user string
	read      []byte
	ended     bool
	done      chan struct{} // closed when it reads no more
}

// follow reads to the end, or to the announcement of a gap.
func (c *bySecond) follow(conn net.Conn) {
	defer close(c.done)
	one := make([]byte, 1)
	for !strings.Contains(string(c.read[max(0, len(c.read)-len(gap)):]), gap) {
		time.Sleep(time.Second)
		if _, err := conn.Read(one); err != nil {
			c.ended = true
			return
		}
		c.read = append(c.read, one[0])
	}
}

const gap = "ProxyGap"

// startSlow is a bubble in which the user patient may skip what he has missed.
func startSlow(t *testing.T, f feed.Config, o options) *bubble {
	t.Helper()
	o.feed = f
	o.users = append(o.users, proxytest.User(proxytest.Named("patient"), func(u *access.UserConfig) { u.SlowClient = access.SlowClientSkip }))
	return startBubble(t, o)
}

//astproxy:attack
func TestClientsThatReadAByteASecondDelayNobodyAndAreToldOrCutOff(t *testing.T) {
	const (
		memory = 2 << 20
		size   = 1000
		atOnce = 50
		rounds = 80
	)
	secured := certificate()
	inBubble(t, func(t *testing.T) {
		b := startSlow(t, feed.Config{Memory: memory}, options{secured: secured})
		var slow []*bySecond
		for way, enter := range entrances {
			for _, user := range []string{"user", "patient"} {
				c := &bySecond{way: way, user: user, done: make(chan struct{})}
				slow = append(slow, c)
				conn := enter(b, user)
				go c.follow(conn)
			}
		}
		healthy := b.login("user", "Events: user")
		healthily := &tally{t: t}
		for sent := 0; sent < rounds*atOnce; {
			b.accepted("clients are slow", burst(sent, atOnce, size))
			for sent += atOnce; healthily.next < sent; {
				healthily.take(healthy.Read())
			}
		}
		if healthily.missed > 0 {
			t.Errorf("who reads has missed %d events", healthily.missed)
		}
		for _, c := range slow {
			<-c.done
			switch told := strings.HasSuffix(string(c.read), gap); {
			case c.user == "user" && (told || !c.ended):
				t.Errorf("%s: who is to be cut off is not: told of a gap: %v, behind %d bytes", c.way, told, len(c.read))
			case c.user == "patient" && !told && c.way != "amis":
				// A record of TLS goes whole or not at all, and a pipe takes it by the byte: that is no progress.
				t.Errorf("%s: who may skip is cut off behind %d bytes", c.way, len(c.read))
			}
			if n := strings.Count(string(c.read), "Number"); n > 100 {
				t.Errorf("%s: %d events were kept for him", c.way, n)
			}
		}
		if m := healthy.Ask("Ping"); m.Response() != "Success" {
			t.Errorf("who reads is answered with %s", m)
		}
	})
}

//astproxy:attack
func TestWhoAcceptsNothingIsDisconnectedAtTheWriteTimeout(t *testing.T) {
	const timeout = 17 * time.Second
	secured := certificate()
	inBubble(t, func(t *testing.T) {
		b := startSlow(t, feed.Config{WriteTimeout: timeout}, options{secured: secured})
		healthy := b.login("user", "Events: off")
		healthy.Settle()
		before := b.Feed().Stats().Streams
		for _, enter := range entrances {
			enter(b, "user")
			enter(b, "patient")
		}
		began := time.Now()
		b.accepted("nobody is stuck", burst(0, 1, 1000))
		time.Sleep(timeout - time.Second)
		if n := b.Feed().Stats().Streams; n != before+2*len(entrances) {
			t.Errorf("%d of %d are left after %v", n-before, 2*len(entrances), time.Since(began))
		}
		time.Sleep(timeout + 2*time.Second) // one may have accepted a part of what was written then
		if n := b.Feed().Stats().Streams; n != before {
			t.Errorf("%d are left after %v", n-before, time.Since(began))
		}
		healthy.Settle()
	})
}
