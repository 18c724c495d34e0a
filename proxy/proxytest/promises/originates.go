package promises

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// callers is how many clients have a synchronous Originate ringing.
const callers = 10

// RingingOriginates has ten clients each send a synchronous Originate that rings out after the given
// time, while another sends Pings: all ten ring at once, and every Ping is answered before any of them.
//
// On a machine so slow that the first has rung out before the last rings, nothing is shown; then
// they get more time. Where one waits for the other, no time suffices.
func RingingOriginates(t *testing.T, a Asterisk, ring time.Duration) {
	p := startProxy(t, a, feed.Config{})
	for try := range 3 {
		if ringTogether(t, p, fmt.Sprintf("try%d-", try), ring) {
			return
		}
		ring *= 4
	}
	t.Error("the Originates never rang all at once")
}

// ringTogether tells whether all ten were ringing at once, and the Pings sent meanwhile were answered
// before any of them.
func ringTogether(t *testing.T, p *proxytest.Proxy, prefix string, ring time.Duration) bool {
	watcher := p.Login(t, "user", "Events: call")
	defer watcher.Close()
	var clients []*proxytest.Client
	for i := range callers {
		c := p.Login(t, "user", "Events: off")
		defer c.Close()
		clients = append(clients, c)
		c.Send("Originate", "ActionID: 1", "Channel: Local/2001@default", "Context: default", "Exten: 1002", "Priority: 1",
			"ChannelId: "+prefix+strconv.Itoa(i), fmt.Sprintf("Timeout: %d", ring.Milliseconds()))
	}
	ringing, pings := map[string]bool{}, 0
	for len(ringing) < callers {
		for _, m := range watcher.Settle() { // a Ping, and what came before its answer
			if m.Event() == "Newstate" && m.Get("ChannelStateDesc") == "Ringing" && isOneOf(m.Get("Uniqueid"), prefix) {
				ringing[m.Get("Uniqueid")] = true
			}
			if m.Event() == "Hangup" && isOneOf(m.Get("Uniqueid"), prefix) {
				awaitFailures(t, clients)
				return false
			}
		}
		pings++
	}
	for range 5 {
		watcher.Settle()
	}
	together := outstanding(watcher) == callers
	t.Logf("%d Pings were answered until all were ringing, and five more; all Originates unanswered then: %v", pings, together)
	awaitFailures(t, clients)
	return together
}

// isOneOf tells whether a Uniqueid is that of one of the channels.
func isOneOf(uniqueid, prefix string) bool {
	number, err := strconv.Atoi(uniqueid[min(len(uniqueid), len(prefix)):])
	return err == nil && uniqueid == prefix+strconv.Itoa(number)
}

// outstanding is how many actions of all clients the proxy has not answered yet, as it says itself.
func outstanding(c *proxytest.Client) (sum int) {
	c.SendRaw("ProxyAction: ListSessions\r\n\r\n")
	for n := range c.Response().Values("ProxyClientOutstanding") {
		number, _ := strconv.Atoi(n)
		sum += number
	}
	return sum
}

// awaitFailures wants for each client the answer to an Originate that has rung out, and no other.
func awaitFailures(t *testing.T, clients []*proxytest.Client) {
	for i, c := range clients {
		answer := c.Read()
		if answer.Response() != "Error" || answer.Get("Message") != "Originate failed" || answer.ActionID() != "1" {
			t.Errorf("Originate %d is answered with %s", i, answer)
		}
		for _, m := range c.Settle() {
			t.Errorf("and then comes %s", m)
		}
	}
}
