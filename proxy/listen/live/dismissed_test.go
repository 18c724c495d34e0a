package live_test

import (
	"testing"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestAWebSocketOfAUserWhoIsRemovedIsClosedWithTheReason(t *testing.T) {
	p := startProxy(t)
	c := dial(t, p, "ami.json", "mask", "user")
	p.SetUsers(t, proxytest.User(proxytest.Named("another")))
	if e := c.end(); e.Code != websocket.ClosePolicyViolation || e.Text != "the user was removed" {
		t.Errorf("it is closed with %v", e)
	}
}
