package live_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// flood makes more events than fit between a client that does not read and the proxy's memory.
func flood(t *testing.T, p *proxytest.Proxy) {
	t.Helper()
	c := p.Login(t, "user", "Events: off")
	defer c.Close()
	headers := []string{"UserEvent: Flood"}
	for i := range 20 {
		headers = append(headers, fmt.Sprintf("Header%d: %s", i, strings.Repeat("x", 900)))
	}
	text := strings.Repeat(proxytest.Block("UserEvent", headers...), 20)
	for range 60 {
		c.SendRaw(text)
		for range 20 {
			c.Response()
		}
	}
}

func TestAClientThatReadsTooSlowlyIsToldWhyItEndsAndNobodyElseIsDelayed(t *testing.T) {
	p := startProxy(t, func(o *proxytest.Options) { o.Feed.Memory = 1 << 20 })
	slow := dial(t, p, "ami.json")
	slow.read()
	quick := dial(t, p, "ami.json", "eventfilter(name(UserEvent),header(UserEvent),method(exact))", "Last")
	quick.read()
	flood(t, p)
	p.Login(t, "user", "Events: off").Ask("UserEvent", "UserEvent: Last")
	quick.next("UserEvent", "Last")
	if got := slow.end(); got.Code != 4000 {
		t.Errorf("it is closed with %v", got)
	}
}

func TestAClientThatMaySkipIsToldHowMuchItMissed(t *testing.T) {
	p := startProxy(t, func(o *proxytest.Options) {
		o.Feed.Memory = 1 << 20
		o.Users = append(o.Users, proxytest.User(proxytest.Named("patient"), func(u *access.UserConfig) { u.SlowClient = "skip" }))
	})
	r := rawSocket(t, p, "/ws", basicOf("patient", proxytest.Secret), "")
	r.frame()
	flood(t, p)
	p.Login(t, "user", "Events: off").Ask("UserEvent", "UserEvent: Last")
	gap := false
	for {
		_, event := r.frame()
		gap = gap || strings.Contains(string(event), `"Event":"ProxyGap","Missed":`)
		if strings.Contains(string(event), `"UserEvent":"Last"`) {
			break
		}
	}
	if !gap {
		t.Error("there was no gap")
	}
}

//astproxy:attack
func TestAClientThatPingsAndReadsNothingCostsNoMemory(t *testing.T) {
	p := startProxy(t, func(o *proxytest.Options) { o.Feed.WriteTimeout = proxytest.Patience })
	r := rawSocket(t, p, "/ws?mask=none", basic(proxytest.Secret), "")
	r.frame()
	ping := append([]byte{0x89, 0xfd, 0, 0, 0, 0}, make([]byte, 125)...)
	pings := make([]byte, 0, 1000*len(ping))
	for range 1000 {
		pings = append(pings, ping...)
	}
	// It goes on until the proxy reads no more of it.
	for sent := 0; ; {
		if sent += len(pings); sent > 100<<20 {
			t.Fatal("the proxy takes as many as it is sent")
		}
		r.SetWriteDeadline(soon())
		if _, err := r.Write(pings); err != nil {
			break
		}
	}
	if _, replies := p.Feed().Memory(); replies > 4<<20 {
		t.Errorf("the answers that wait take %d bytes", replies)
	}
	p.Settle(t) // nobody else notices
}

// soon is when a write that the other side does not take is given up: what it then is full of stays.
func soon() time.Time { return time.Now().Add(time.Second) }
