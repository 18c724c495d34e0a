package listen_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

//astproxy:attack
func TestWhoDoesNotLogInIsClosedInTimeEvenIfHeDoesNotRead(t *testing.T) {
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", "127.0.0.1:1", "astproxy", "secret")},
		Feed:    feed.Config{WriteTimeout: time.Hour},
		Door:    listen.AMIConfig{AuthenticationTimeout: 3 * time.Second},
	})
	c := p.Dial(t)
	// In its time the answers fill the socket and what may wait behind it.
	challenges := strings.Repeat(proxytest.Block("Challenge", "AuthType: MD5"), 1000)
	c.SetDeadline(time.Now().Add(proxytest.Patience))
	for {
		if _, err := io.WriteString(c.Conn, challenges); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection is still there")
			}
			return
		}
	}
}
