package proxy_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// lines counts what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

//astproxy:attack
func TestWhoIsRefusedAgainAndAgainDoesNotFillTheLog(t *testing.T) {
	log := new(lines)
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", "127.0.0.1:1", "astproxy", "secret")},
		Log:     log,
	})
	c := p.Dial(t)
	const refused = 10_000
	go c.SendRaw(strings.Repeat("Action: Ping\r\nX: \x00\r\n\r\n", refused))
	for range refused {
		if m := c.Response(); m.Response() != "Error" {
			t.Fatal(m)
		}
	}
	p.Stop()
	if n := strings.Count(log.text.String(), "action refused"); n == 0 || n > refused/10 {
		t.Errorf("%d of %d are in the log", n, refused)
	}
}

//astproxy:attack
func TestWhoAsksForWhatHeMayNotAgainAndAgainDoesNotFillTheLog(t *testing.T) {
	log := new(lines)
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{
			proxytest.User(), proxytest.User(proxytest.Named("nobody"), proxytest.May(nil, nil)),
			proxytest.User(proxytest.Named("nobody2"), proxytest.May(nil, nil)),
		},
		Log: log,
	})
	p.Up(t, "pbx1")
	const refused = 1000
	for _, name := range []string{"nobody", "nobody2"} {
		user, _ := p.Users().Authenticate(name, proxytest.Secret)
		for range refused {
			answer, err := p.Ask(t.Context(), proxy.Caller{User: user, Remote: "192.0.2.1:1"}, ami.NewAction("Command").Message())
			if err != nil || answer.Reason != proxy.PermissionDenied {
				t.Fatal(answer, err)
			}
		}
	}
	p.Stop()
	for _, name := range []string{"user=nobody ", "user=nobody2 "} {
		if n := strings.Count(log.text.String(), name); n == 0 || n > refused/10 {
			t.Errorf("%d of %d have %s in the log", n, refused, name)
		}
	}
}
