package promises

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// handful is how many Commands of somebody else a Ping may find in front of it: as many as Asterisk
// may hold unanswered at all.
const handful = 4

// ManyCommands has one client write count Commands at once, and another send Pings meanwhile: each is
// sent to Asterisk behind at most a handful of the Commands.
//
// While a Ping is on its way Asterisk's answers are held back, so that it is known how many Commands are
// in front of it. Whoever sends it behind all of them does not send it at all then.
func ManyCommands(t *testing.T, a Asterisk, count int) {
	w := newWire(t, a.Address)
	a.Address = w.Address()
	p := startProxy(t, a, feed.Config{})
	greedy, modest := p.Login(t, "user", "Events: off"), p.Login(t, "user", "Events: off")
	before := w.sentActions("Command") // the proxy's own question
	w.hold()
	var script strings.Builder
	for i := range count {
		script.WriteString(proxytest.Block("Command", "Command: core show uptime", fmt.Sprintf("ActionID: %d", i)))
	}
	together(3, func(who int) {
		switch who {
		case 0:
			if _, err := io.WriteString(greedy, script.String()); err != nil {
				t.Error(err)
			}
		case 1:
			for i := range count {
				if r := greedy.Read(); r.Response() != "Success" || r.ActionID() != fmt.Sprint(i) {
					t.Errorf("Command %d is answered with %s", i, r)
				}
			}
		case 2:
			defer w.release()
			w.awaitSent(before+1, "Command")
			for range 50 {
				w.hold()
				pingOvertakes(t, w, modest)
			}
		}
	})
}

// pingOvertakes sends a Ping while Asterisk's answers are held back, and then awaits its answer.
func pingOvertakes(t *testing.T, w *wire, c *proxytest.Client) {
	pings := w.sentActions("Ping")
	c.Send("Ping", "ActionID: 1")
	w.awaitSent(pings+1, "Ping")
	if n := w.unanswered("Command"); n > handful {
		t.Errorf("%d Commands are in front of a Ping", n)
	}
	w.release()
	if r := c.Read(); r.Get("Ping") != "Pong" {
		t.Errorf("the Ping is answered with %s", r)
	}
}
