package proxy_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
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
